#!/bin/sh
# check-image.sh: for the last RUN of a Dockerfile, or for a shell in a container. Fails where something
# of the image's build would decide about telemetry in its containers, and says what.
#
# ROOT, for tests: the root folder of the image.
set -u
root=${1-}
status=0

found() {
    echo "check-image: $1" >&2
    status=1
}

is_there() {
    [ -e "$root$1" ] || [ -L "$root$1" ]
}

if is_there /etc/percona/telemetry-disable; then
    found "/etc/percona/telemetry-disable turns telemetry off in each container, and docker run -e \
cannot turn it on. Install the packages without PERCONA_TELEMETRY_DISABLE."
fi
for variable in PERCONA_TELEMETRY_DISABLE DO_NOT_TRACK; do
    value=
    eval "value=\${$variable-}"
    # The values that opt out of nothing, as in the library's src/consent.rs.
    case $value in
    '' | 0 | [Ff][Aa][Ll][Ss][Ee]) continue ;;
    [Nn][Oo] | [Oo][Ff][Ff]) [ "$variable" = DO_NOT_TRACK ] || continue ;;
    esac
    found "$variable is set. As ENV it turns telemetry off in each container. As ARG it has no use: \
nothing is sent while packages are installed. Remove the line."
done
if [ -n "${PERCONA_INSTANCE_ID-}" ]; then
    found "PERCONA_INSTANCE_ID is set: all containers would be one instance. Leave it to docker run."
fi
for folder in /data/db /var/lib/mongo /var/lib/mongodb; do
    if is_there "$folder/telemetry_uuid"; then
        found "$folder/telemetry_uuid is there: mongod was started on this dbpath, and all containers \
would be one instance. Remove the file."
    fi
done
if is_there /usr/local/percona/telemetry_uuid; then
    found "/usr/local/percona/telemetry_uuid is there: call-home.sh has run. Remove it, and the file."
fi
for file in /call-home.sh /usr/local/bin/call-home.sh; do
    if is_there "$file"; then
        found "$file is there: each container would report twice. Remove it from the Dockerfile."
    fi
done
for file in /entrypoint.sh /docker-entrypoint.sh /usr/local/bin/docker-entrypoint.sh; do
    if [ -f "$root$file" ] && grep -q 'call-home\.sh' "$root$file"; then
        found "$file runs call-home.sh: each container would report twice. Remove these lines."
    fi
done
exit "$status"
