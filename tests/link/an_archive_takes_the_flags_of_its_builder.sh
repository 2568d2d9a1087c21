#!/bin/sh
# What does not belong together is mended by an archive that is built with the program's flags. With
# -fcf-protection its C++ objects are marked for IBT and shadow stack; those of the shipped one are as
# the compiler makes them by default. (Rust's objects are not marked.)
set -eu
cd "$WORK"
marked() { # FILE; `name yes` or `name no` for each C++ object
    LC_ALL=C readelf -n "$1" 2>/dev/null | awk '
        /^File: / { name = $2; sub(/.*-/, "", name); sub(/\)$/, "", name); seen[name] = "no" }
        /x86 feature:.*IBT.*SHSTK/ { seen[name] = "yes" }
        END { print "telemetry.o", seen["telemetry.o"]; print "ffi.rs.o", seen["ffi.rs.o"] }'
}
expect_marks() { # FILE yes|no WHAT
    marked "$1" >seen
    printf 'telemetry.o %s\nffi.rs.o %s\n' "$2" "$2" | diff - seen || {
        echo "marked for IBT and shadow stack: of $3 $2 was expected for both C++ objects"
        exit 1
    }
}
fits() { # COMPILER FLAG…; as quickly as Rust can be compiled
    compiler=$1
    shift
    CXX=$compiler CXXFLAGS=$* CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
        "$ROOT/tools/build-archive.sh" "$WORK/fitting.a" --quiet --no-default-features \
        --target-dir "$ROOT/build/other-flags"
    $compiler -std=c++17 -pthread "$@" -I"$DIST/include" -o program \
        "$ROOT/tests/link/programs/every_function.cc" fitting.a || {
        echo "an archive built by $compiler with $* does not fit a program built so"
        exit 1
    }
    ./program
}

fits clang++ -stdlib=libc++
if [ "$(uname -m)" != x86_64 ]; then
    echo "note: SKIPPED the marks, which are those of x86-64"
    fits g++ -D_GLIBCXX_DEBUG -D_GLIBCXX_USE_CXX11_ABI=0
    exit 0
fi
fits g++ -D_GLIBCXX_DEBUG -D_GLIBCXX_USE_CXX11_ABI=0 -fcf-protection=full
expect_marks fitting.a yes "an archive built with -fcf-protection"
echo 'int nothing() { return 0; }' >default.cc
g++ -c -o default.o default.cc
default=no
if LC_ALL=C readelf -n default.o | grep -q 'x86 feature:.*IBT.*SHSTK'; then
    default=yes
fi
expect_marks "$ARCHIVE" $default "the shipped archive"
echo "note: by default the compiler here marks objects: $default"
