#!/bin/sh
# rust-archive.sh FILE [CARGO-OPTION…] builds the archive with AddressSanitizer in Rust's code: FILE. The flag is
# not stable, so the stable compiler takes it only when told. Its C++ side is the usual one: a program links one
# that instrument.sh has compiled before the archive.
set -eu
cd "$(dirname "$0")/../.."
output=$1
shift
RUSTC_BOOTSTRAP=1
RUSTFLAGS=-Zsanitizer=address
# It compiles in a third of the time, and a report names lines.
CARGO_PROFILE_RELEASE_LTO=off
CARGO_PROFILE_RELEASE_OPT_LEVEL=1
CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
DEBUG_LINES=1
export RUSTC_BOOTSTRAP RUSTFLAGS CARGO_PROFILE_RELEASE_LTO CARGO_PROFILE_RELEASE_OPT_LEVEL \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS DEBUG_LINES
# A target is named, so that the flag is not for build scripts and macros.
tools/build-archive.sh "$output" --target "$(rustc -vV | sed -n 's/^host: //p')" \
    --target-dir "$(pwd)/build/sanitized/cargo" "$@"
