#!/bin/sh
# Runs the checks of this folder, or those that it is told, against dist/; `make test-link` builds that first.
# A check is a script whose name is the promise. It gets ARCHIVE, DIST, ROOT and an empty folder WORK.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$here/../.." && pwd)
DIST=${DIST:-$ROOT/dist}
ARCHIVE=${ARCHIVE:-$DIST/lib/libpsmdb_telemetry.a}
# Those that the checks of the header and of linking go through.
COMPILERS=${COMPILERS:-g++ clang++}
LINKERS=${LINKERS:-bfd gold lld}
export ROOT DIST ARCHIVE COMPILERS LINKERS

if [ -e /etc/percona/telemetry-disable ]; then
    echo "FAILED: /etc/percona/telemetry-disable exists: telemetry is off on this machine" >&2
    exit 1
fi
for variable in $(env | sed -n 's/^\(PERCONA_[A-Za-z_]*\|DO_NOT_TRACK\|[a-zA-Z]*_\(proxy\|PROXY\)\)=.*/\1/p'); do
    unset "$variable"
done

if [ $# = 0 ]; then
    for script in "$here"/*.sh; do
        case $script in
        */run.sh | */the_source_archive_*) ;; # the latter takes minutes: `make test-dist`
        *) set -- "$@" "$(basename "$script" .sh)" ;;
        esac
    done
fi
failed=
for name in "$@"; do
    WORK=$(mktemp -d)
    export WORK
    begin=$(date +%s)
    if sh "$here/$name.sh" >"$WORK/said" 2>&1; then
        echo "ok $name ($(($(date +%s) - begin)) s)"
        sed -n 's/^note: /    /p' "$WORK/said"
    else
        echo "FAILED $name"
        sed 's/^/    /' "$WORK/said"
        failed="$failed $name"
    fi
    rm -rf "$WORK"
done
if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
