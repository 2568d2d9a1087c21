#!/bin/sh
# Sizes, offsets and the ABI of std::string are those that a server builder was told; another
# std::string is an error of the linker, not a crash.
set -eu
source=$ROOT/tests/link/programs/layout.cc
for compiler in g++ clang++; do
    $compiler -std=c++17 -Wall -Wextra -Werror -Wno-invalid-offsetof -pthread -I"$DIST/include" \
        -o "$WORK/program" "$source" "$ARCHIVE"
    "$WORK/program"
done

g++ -std=c++17 -pthread -D_GLIBCXX_USE_CXX11_ABI=0 -I"$DIST/include" -o "$WORK/other" \
    -x c++ - -x none "$ARCHIVE" 2>"$WORK/errors" <<'PROGRAM' && {
#include "psmdb_telemetry/telemetry.h"
int main() { return static_cast<int>(psmdb::telemetry::Telemetry(nullptr).status().size()); }
PROGRAM
    echo "a program with the old std::string links, and would crash"
    exit 1
}
grep -q 'undefined reference to .*Telemetry::status()' "$WORK/errors"
