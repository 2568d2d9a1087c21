#!/bin/sh
# What does not belong together is mended by an archive that is built with the program's flags.
set -eu
cd "$WORK"
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
fits g++ -D_GLIBCXX_DEBUG -D_GLIBCXX_USE_CXX11_ABI=0
