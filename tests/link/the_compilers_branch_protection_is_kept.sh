#!/bin/sh
# The C++ objects of an archive that is built with -fcf-protection are marked for IBT and shadow stack;
# those of the shipped one are as the compiler makes them by default. Rust's objects are not marked.
set -eu
cd "$WORK"
if [ "$(uname -m)" != x86_64 ]; then
    echo "note: SKIPPED, the marks are those of x86-64"
    exit 0
fi
marked() { # FILE; `name yes` or `name no` for each C++ object
    LC_ALL=C readelf -n "$1" 2>/dev/null | awk '
        /^File: / { name = $2; sub(/.*-/, "", name); sub(/\)$/, "", name); seen[name] = "no" }
        /x86 feature:.*IBT.*SHSTK/ { seen[name] = "yes" }
        END { print "telemetry.o", seen["telemetry.o"]; print "ffi.rs.o", seen["ffi.rs.o"] }'
}
echo 'int nothing() { return 0; }' >default.cc
g++ -c -o default.o default.cc
default=no
if LC_ALL=C readelf -n default.o | grep -q 'x86 feature:.*IBT.*SHSTK'; then
    default=yes
fi
marked "$ARCHIVE" >shipped
printf 'telemetry.o %s\nffi.rs.o %s\n' $default $default | diff - shipped || {
    echo "the compiler's default is $default, the archive's objects are not as that"
    exit 1
}

# Without optimization at link time, which is Rust's alone.
CXXFLAGS="${CXXFLAGS-} -fcf-protection=full" CARGO_PROFILE_RELEASE_LTO=off \
    "$ROOT/tools/build-archive.sh" "$WORK/protected.a" --quiet --no-default-features \
    --target-dir "$ROOT/build/other-flags"
marked protected.a >protected
printf 'telemetry.o yes\nffi.rs.o yes\n' | diff - protected || {
    echo "-fcf-protection does not reach the C++ objects"
    exit 1
}
echo "note: by default the compiler here marks objects: $default"
