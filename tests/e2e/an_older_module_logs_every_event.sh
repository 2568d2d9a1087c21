#!/bin/sh
# an_older_module_logs_every_event.sh KIT ARCHIVE links a mongod whose module does not know the event
# of a delivery, as one that is older than its library. The server's log has all of it under 29828.
set -eu
kit=$1
archive=$2
cd "$(dirname "$0")/../.."
work=build/mongod/older
rm -rf "$work"
mkdir -p "$work/db" "$work/outbox"
cp -r cpp/mongod "$work/module"
sed -i '/case 29803:/,/break;/d' "$work/module/server_log.cpp"
MONGOD_KIT_CACHE=$(pwd)/build/mongod/cache "$kit/link.sh" "$work/module" "$archive" include "$work/mongod"

log=$work/log
"$work/mongod" --dbpath "$work/db" --port 0 --nounixsocket --setParameter "perconaTelemetryUrl=file://$(pwd)/$work/outbox" \
    >"$log" 2>&1 &
mongod=$!
trap 'kill $mongod 2>/dev/null || true; wait $mongod || true; rm -rf "$work"' EXIT
deadline=$(($(date +%s) + 60))
until grep -q '"id":29828,.*"event":29803,"text":"Telemetry report delivered ' "$log"; do
    if [ "$(date +%s)" -gt "$deadline" ] || ! kill -0 $mongod; then
        echo "the log has no event 29828 for 29803:"
        grep '"id":298' "$log" || tail "$log"
        exit 1
    fi
    sleep 0.1
done
echo "ok an event that the module does not know is logged whole"
