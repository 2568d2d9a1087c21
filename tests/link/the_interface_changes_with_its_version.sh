#!/bin/sh
# The declarations of telemetry.h are those that expected/interface records for this
# PSMDB_TELEMETRY_ABI_VERSION; comments, white space and the library's version may change.
set -eu
header=$ROOT/include/psmdb_telemetry/telemetry.h
recorded=$ROOT/tests/link/expected/interface
if grep -n '/\*' "$header"; then
    echo "a comment that this check cannot strip: telemetry.h has // comments alone"
    exit 1
fi

checksum() { # HEADER
    sed 's://.*::; /^#define PSMDB_TELEMETRY_\(ABI_\)\{0,1\}VERSION /d' "$1" | tr -d '[:space:]' |
        sha256sum | cut -d ' ' -f 1
}
seen=$(checksum "$header")

# The check itself: it sees a declaration, and does not see a comment.
sed 's/^    virtual void log(.*/&\n    virtual void another();/' "$header" >"$WORK/declaration.h"
sed 's/^    virtual void log(.*/    \/\/ Another comment.\n  &/; s/VERSION ".*"/VERSION "9.9.9"/' "$header" >"$WORK/comment.h"
if [ "$(checksum "$WORK/declaration.h")" = "$seen" ] || [ "$(checksum "$WORK/comment.h")" != "$seen" ]; then
    echo "the checksum does not tell a declaration from a comment"
    exit 1
fi

version=$(sed -n 's/^#define PSMDB_TELEMETRY_ABI_VERSION //p' "$header")
expected=$(sed -n "s/^$version //p" "$recorded")
if [ -z "$expected" ]; then
    echo "interface $version is new. Add to tests/link/expected/interface: $version $seen"
    exit 1
fi
if [ "$expected" != "$seen" ]; then
    echo "the declarations in telemetry.h changed, and PSMDB_TELEMETRY_ABI_VERSION did not."
    echo "If interface $version has been released: raise the macro to $((version + 1)), and add to"
    echo "tests/link/expected/interface: $((version + 1)) $seen"
    echo "If it has not: replace its line there by: $version $seen"
    exit 1
fi
last=$(sed '/^#/d' "$recorded" | tail -n 1 | cut -d ' ' -f 1)
[ "$last" = "$version" ] || {
    echo "PSMDB_TELEMETRY_ABI_VERSION is $version; tests/link/expected/interface ends with $last"
    exit 1
}
