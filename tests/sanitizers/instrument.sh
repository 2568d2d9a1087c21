#!/bin/sh
# instrument.sh FOLDER FLAG… compiles the C++ side of the archive anew, with FLAGs: FOLDER/telemetry.o
# and FOLDER/ffi.rs.o. A program that links them before the archive that is shipped gets these, and
# of the archive the rest: Rust's code, as it is shipped.
set -eu
cd "$(dirname "$0")/../.."
folder=$1
shift
archive=dist/lib/libpsmdb_telemetry.a
mkdir -p "$folder"

# What cxx made of src/ffi.rs, when the archive was built.
bridge=$(find "${CARGO_TARGET_DIR:-target}/release/build" -path '*/psmdb-telemetry-*/out/cxxbridge' \
    -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
for source in cpp/telemetry.cc "$bridge/sources/psmdb-telemetry/src/ffi.rs.cc"; do
    "${CXX:-g++}" -std=c++17 -fPIC "$@" -Iinclude -I"$bridge/include" -I"$bridge/crate" \
        -c -o "$folder/$(basename "$source" .cc).o" "$source"
done

# The names as tools/build-archive.sh has changed them. (What binutils say on stderr is about LLVM's
# bitcode in Rust's own library, which they cannot read and need not.)
# shellcheck disable=SC2016 # the dollars are part of the names
nm -g "$archive" 2>/dev/null |
    sed -n 's/.* \(psmdb\$telemetry\$\(.*\)\)$/\2 \1/p' | sort -u >"$folder/names"
for object in telemetry ffi.rs; do
    objcopy --redefine-syms="$folder/names" "$folder/$object.o"
done
