#!/bin/sh
# Sizes, offsets and the ABI of std::string are those that a server builder was told, and the version
# of header, archive and Cargo.toml is one.
set -eu
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml")
for compiler in $COMPILERS; do
    $compiler -std=c++17 -Wall -Wextra -Werror -Wno-invalid-offsetof -pthread -I"$DIST/include" \
        -DVERSION="\"$version\"" -o "$WORK/program" "$ROOT/tests/link/programs/layout.cc" "$ARCHIVE" -ldl -lm
    "$WORK/program"
done
