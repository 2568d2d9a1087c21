#!/bin/sh
# Every global symbol that the archive defines is in expected/defined.txt: so nothing in a server can be
# taken for ours, and nothing of ours for the C library's or another Rust library's. What it leaves
# undefined is in expected/undefined.txt, and a shared object of all of it needs only the runtimes.
set -eu
cd "$WORK"
expected=$ROOT/tests/link/expected
# shellcheck source=/dev/null
. "$ROOT/tests/link/support/symbols.sh"
patterns() { # FILE-OF-LISTS, which are extended regular expressions for whole names
    sed '/^#/d; /^$/d' "$1" | paste -sd '|'
}
none_left() { # SYMBOLS LIST
    if [ -s "$1" ]; then
        echo "symbols outside of tests/link/expected/$2:"
        c++filt <"$1"
        exit 1
    fi
}

defined_symbols "$ARCHIVE" >defined
grep -q '^strong _ZN5psmdb9telemetry6abi_v[0-9a-z_]*9Telemetry5start' defined || {
    echo "readelf shows no symbol of ours"
    exit 1
}
sed 's/^any /(strong|weak) /' "$expected/defined.txt" >lists
grep -vxE "$(patterns lists)" defined >others || true
none_left others defined.txt

undefined_symbols "$ARCHIVE" >undefined
grep -vxE "$(patterns "$expected/undefined.txt")" undefined >others || true
none_left others undefined.txt

g++ -shared -pthread -Wl,-z,defs -Wl,--fatal-warnings -o whole.so \
    -Wl,--whole-archive "$ARCHIVE" -Wl,--no-whole-archive -ldl -lm
LC_ALL=C readelf -dW whole.so | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >needed
if grep -vxE 'lib(stdc\+\+|gcc_s|m|c|pthread|dl)\.so\.[0-9]+|ld-linux.*' needed; then
    echo "a library that is no runtime is needed"
    exit 1
fi
echo "note: $(wc -l <defined) global symbols, $(grep -c '^weak' defined) of them weak;" \
    "$(wc -l <undefined) needed of $(sed 's/\.so.*//' needed | paste -sd ' ')"
