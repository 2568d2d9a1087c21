#!/bin/sh
# volume.sh EXECUTIONS SECONDS NAME=PROGRAM… runs the fuzz targets in turn, for so long each, until there were so
# many executions in all. The count and the corpus are kept in build/fuzz: what is interrupted goes on.
set -eu
cd "$(dirname "$0")/../.."
wanted=$1
seconds=$2
shift 2
counts=build/fuzz/executions
mkdir -p "$counts"

total() {
    cat "$counts"/* 2>/dev/null | awk '{ sum += $1 } END { printf "%d\n", sum }'
}

while [ "$(total)" -lt "$wanted" ]; do
    for pair in "$@"; do
        target=${pair%%=*}
        tests/fuzz/run.sh "$target" "${pair#*=}" "$seconds"
        sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$target.log" >>"$counts/$target"
        if [ "$(total)" -ge "$wanted" ]; then break; fi
    done
    echo "$(total) of $wanted executions"
done
for pair in "$@"; do
    target=${pair%%=*}
    printf '%-15s %12d executions in all\n' "$target" \
        "$(awk '{ sum += $1 } END { printf "%d", sum }' "$counts/$target" 2>/dev/null || echo 0)"
done
