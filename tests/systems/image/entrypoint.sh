#!/bin/bash
# As Percona's own: with something to prepare it starts a temporary server on the dbpath first.
set -Eeuo pipefail

# shellcheck source=/dev/null
. /usr/local/lib/telemetry.sh
set -- "$@" --dbpath /data/db

if [ -n "${PREPARE-}" ] && [ ! -e /data/db/prepared ]; then
    "$@" --port 27018 >/tmp/temporary.log &
    temporary=$!
    until grep -qE 'Telemetry (report delivered|disabled)' /tmp/temporary.log &&
        grep -q 'Waiting for connections' /tmp/temporary.log; do
        sleep 0.05
    done
    kill "$temporary"
    wait "$temporary"
    touch /data/db/prepared
    cat /tmp/temporary.log
fi

exec "$@" --port 27017
