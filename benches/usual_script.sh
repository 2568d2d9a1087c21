#!/bin/sh
# usual_script.sh DBPATH URL [CURL-OPTION…]
#
# The library's job as a shell script usually does it, to compare its cost with. It stores the
# identity, sends the report and writes down that it is sent. What the library does beyond that
# (fsync, rename, retries, switches) is left out.
set -eu
file=$1/telemetry_uuid
url=$2
shift 2

instance_id=$(uuidgen)
report_id=$(uuidgen)
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
os=$(sed -n 's/^PRETTY_NAME="\(.*\)"$/\1/p' /etc/os-release)
hardware=$(uname -mp)
deployment=PACKAGE
if [ -e /.dockerenv ]; then
    deployment=DOCKER
fi

printf '%s:%s\n' instanceId "$instance_id" reportId "$report_id" createTime "$now" \
    deployment "$deployment" pillar_version 4.4.26-25 OS "$os" hardware_arch "$hardware" >"$file"

metric() {
    printf '{"key":"%s","value":"%s"}' "$1" "$2"
}
metrics="$(metric deployment "$deployment"),$(metric pillar_version 4.4.26-25),$(metric OS "$os"),$(
    metric hardware_arch "$hardware"
)"
printf '{"reports":[{"id":"%s","product_family":"PRODUCT_FAMILY_PSMDB","instanceId":"%s",' \
    "$report_id" "$instance_id" >"$file.json"
printf '"createTime":"%s","metrics":[%s]}]}' "$now" "$metrics" >>"$file.json"

curl --silent --show-error --fail --max-time 10 "$@" --header 'Content-Type: application/json' \
    --data-binary "@$file.json" "$url"
rm "$file.json"
printf '%s\n' PRODUCT_FAMILY_PSMDB:1 >>"$file"
