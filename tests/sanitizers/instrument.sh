#!/bin/sh
# instrument.sh FOLDER FLAG… compiles the C++ side of the archive anew, with FLAGs: FOLDER/telemetry.o
# and FOLDER/ffi.rs.o. A program that links them before cargo's archive gets these, and of the archive the
# rest: Rust's code, as it is shipped. (The stable compiler has no sanitizers.)
set -eu
cd "$(dirname "$0")/../.."
folder=$1
shift
mkdir -p "$folder"

# What cxx made of src/ffi.rs, when the archive was built.
bridge=$(find "${CARGO_TARGET_DIR:-target}/release/build" -path '*/psmdb-telemetry-*/out/cxxbridge' \
    -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
for source in cpp/telemetry.cc "$bridge/sources/psmdb-telemetry/src/ffi.rs.cc"; do
    "${CXX:-g++}" -std=c++17 -fPIC "$@" -Iinclude -I"$bridge/include" -I"$bridge/crate" \
        -c -o "$folder/$(basename "$source" .cc).o" "$source"
done
