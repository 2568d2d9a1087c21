#!/bin/sh
# Sizes, offsets and the ABI of std::string are those that a server builder was told.
set -eu
source=$ROOT/tests/link/programs/layout.cc
for compiler in g++ clang++; do
    $compiler -std=c++17 -Wall -Wextra -Werror -Wno-invalid-offsetof -pthread -I"$DIST/include" \
        -o "$WORK/program" "$source" "$ARCHIVE"
    "$WORK/program"
done
