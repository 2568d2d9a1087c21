#!/bin/sh
# In an empty folder, with no crate but those in the archive, cargo's network off and, where the
# kernel lets us, with no network at all: it builds and passes its unit tests, and the libpsmdb_telemetry.a
# is that of the working tree, bit for bit, although folder and crates are elsewhere.
set -eu
"$ROOT/tools/source-archive.sh"
cp "$ROOT"/dist/psmdb-telemetry-*.tar.gz "$WORK/first"
"$ROOT/tools/source-archive.sh"
cmp "$WORK/first" "$ROOT"/dist/psmdb-telemetry-*.tar.gz || {
    echo "the same tree gives two source archives"
    exit 1
}
mkdir "$WORK/empty folder"
tar -x -z -f "$WORK/first" -C "$WORK/empty folder" --strip-components=1
cd "$WORK/empty folder"

without_network=
if unshare --map-root-user --net true 2>/dev/null; then
    without_network='unshare --map-root-user --net'
else
    echo "note: this machine lets nobody do without its network; cargo's is off"
fi
CARGO_HOME=$WORK/no-crates
CARGO_NET_OFFLINE=true
export CARGO_HOME CARGO_NET_OFFLINE
# Side by side: the end of a release build keeps one core busy.
$without_network cargo test --frozen --quiet --lib >"$WORK/tests" 2>&1 &
tests=$!
$without_network tools/build-archive.sh "$WORK/rebuilt.a" --frozen --quiet
wait $tests || {
    cat "$WORK/tests"
    exit 1
}
cmp "$WORK/rebuilt.a" "$ARCHIVE" || {
    echo "two builds give two archives: built anew, and $ARCHIVE"
    exit 1
}
echo "note: $(wc -c <"$WORK/first") bytes of sources, $(wc -c <"$ARCHIVE") of archive"
