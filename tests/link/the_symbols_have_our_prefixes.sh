#!/bin/sh
# Every global symbol that the archive defines is in the documented list: so nothing in a server can
# be taken for ours, and nothing of ours for the C library's or another Rust library's.
set -eu
# shellcheck source=/dev/null
. "$ROOT/tests/link/support/symbols.sh"
defined_symbols "$ARCHIVE" >"$WORK/defined"
grep -q '^strong _ZN5psmdb9telemetry6abi_v[0-9a-z_]*9Telemetry5start' "$WORK/defined" || {
    echo "readelf shows no symbol of ours"
    exit 1
}

allowed="$ROOT/tests/link/expected/defined.txt"
pattern() {
    sed -n "s/^$1 //p" "$allowed" | paste -sd '|'
}
grep -vE "^[a-z]+ ($(pattern any))\$" "$WORK/defined" |
    grep -vE "^weak ($(pattern weak))\$" >"$WORK/others" || true
if [ -s "$WORK/others" ]; then
    echo "symbols outside of tests/link/expected/defined.txt:"
    c++filt <"$WORK/others"
    exit 1
fi
echo "note: $(wc -l <"$WORK/defined") global symbols, $(grep -c '^weak' "$WORK/defined") of them weak"
