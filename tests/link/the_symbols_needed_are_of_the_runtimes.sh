#!/bin/sh
# What the archive leaves undefined is in the list of what the C and C++ runtimes give, and a shared
# object of the whole archive needs no other library.
set -eu
# shellcheck source=/dev/null
. "$ROOT/tests/link/support/symbols.sh"
undefined_symbols "$ARCHIVE" >"$WORK/undefined"
sed '/^#/d; /^$/d' "$ROOT/tests/link/expected/undefined.txt" | paste -sd '|' >"$WORK/allowed"
if grep -vxE "$(cat "$WORK/allowed")" "$WORK/undefined" >"$WORK/others"; then
    echo "undefined symbols outside of tests/link/expected/undefined.txt:"
    c++filt <"$WORK/others"
    exit 1
fi

g++ -shared -pthread -Wl,-z,defs -Wl,--fatal-warnings -o "$WORK/whole.so" \
    -Wl,--whole-archive "$ARCHIVE" -Wl,--no-whole-archive
LC_ALL=C readelf -dW "$WORK/whole.so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >"$WORK/needed"
if grep -vxE 'lib(stdc\+\+|gcc_s|m|c|pthread|dl)\.so\.[0-9]+|ld-linux.*' "$WORK/needed"; then
    echo "a library that is no runtime is needed"
    exit 1
fi
echo "note: $(wc -l <"$WORK/undefined") symbols of $(sed 's/\.so.*//' "$WORK/needed" | paste -sd ' ')"
