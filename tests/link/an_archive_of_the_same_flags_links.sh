#!/bin/sh
# What does not belong together is mended by an archive that is built with the program's flags.
set -eu
cd "$WORK"
while read -r compiler flag; do
    # Without optimization at link time, which is Rust's alone.
    CXX=$compiler CXXFLAGS=$flag CARGO_PROFILE_RELEASE_LTO=off "$ROOT/tools/build-archive.sh" "$WORK/fitting.a" \
        --quiet --no-default-features --target-dir "$ROOT/build/other-flags" </dev/null
    $compiler -std=c++17 -pthread "$flag" -I"$DIST/include" -o program \
        "$ROOT/tests/link/programs/every_function.cc" fitting.a || {
        echo "an archive built by $compiler with $flag does not fit a program built so"
        exit 1
    }
    ./program
done <<'FLAGS'
g++ -D_GLIBCXX_DEBUG
g++ -D_GLIBCXX_USE_CXX11_ABI=0
clang++ -stdlib=libc++
FLAGS
