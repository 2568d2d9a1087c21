#!/bin/sh
# rust-library.sh FILE makes a shared library of the archive without its C++ side, for
# ThreadSanitizer: it can leave libraries out that it has not instrumented, but no part of a program.
set -eu
cd "$(dirname "$0")/../.."
output=$1
archive=$(mktemp -d)/rust.a
trap 'rm -r "$(dirname "$archive")"' EXIT
trap 'exit 130' INT TERM
cp dist/lib/libpsmdb_telemetry.a "$archive"
# What binutils say is about LLVM's bitcode in Rust's own library, which they cannot read and need not.
members=$(ar t "$archive" 2>/dev/null | grep -E -- '-(telemetry|ffi\.rs)\.o$')
if [ "$(echo "$members" | wc -l)" != 2 ]; then
    echo "the archive should have two objects of the C++ side; it has: $members" >&2
    exit 1
fi
# shellcheck disable=SC2086 # a list of words
ar d "$archive" $members 2>/dev/null
"${CXX:-g++}" -shared -o "$output" -Wl,-soname,"$(basename "$output")" \
    -Wl,--whole-archive "$archive" -Wl,--no-whole-archive
