#!/bin/sh
# Mathematics stay the C library's although Rust's archives define them too, and another library that
# is written in Rust has its own runtime, in whichever order they are linked.
set -eu
cd "$WORK"
sources=$ROOT/tests/link/programs
g++ -std=c++17 -pthread -I"$DIST/include" -c -o program.o "$sources/keeps_its_own.cc"
rustc --edition 2024 --crate-type staticlib -O -o plain.a "$sources/other.rs"
rustc --edition 2024 --crate-type staticlib -O -C lto=fat -o lto.a "$sources/other.rs"
# Without the other library's mathematics, which are not ours to answer for.
echo 'extern "C" unsigned other_sum(unsigned) { return 45; }' >none.cc
g++ -c -o none.o none.cc

for linker in bfd gold lld; do
    g++ -fuse-ld=$linker -pthread -o program program.o none.o "$ARCHIVE"
    ./program
    for name in floor fma cbrt fmod fdim rint; do
        LC_ALL=C readelf -sW --dyn-syms program | grep -q "UND $name\(@\|\$\)" || {
            echo "$name of the program, linked by $linker, is not the C library's"
            exit 1
        }
    done
    for other in plain.a lto.a; do
        for order in "$ARCHIVE $other" "$other $ARCHIVE"; do
            # shellcheck disable=SC2086 # two files
            g++ -fuse-ld=$linker -pthread -o both program.o $order
            ./both || {
                echo "linked by $linker with $order the program does not run"
                exit 1
            }
        done
    done
done
