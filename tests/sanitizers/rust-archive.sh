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
CARGO_PROFILE_RELEASE_DEBUG=line-tables-only
CARGO_PROFILE_RELEASE_STRIP=none
export RUSTC_BOOTSTRAP RUSTFLAGS CARGO_PROFILE_RELEASE_LTO CARGO_PROFILE_RELEASE_OPT_LEVEL \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS CARGO_PROFILE_RELEASE_DEBUG CARGO_PROFILE_RELEASE_STRIP
# A target is named, so that the flag is not for build scripts and macros.
machine=$(rustc -vV | sed -n 's/^host: //p')
target=build/sanitized/cargo
cargo rustc --release --locked --quiet --lib --crate-type staticlib --target "$machine" --target-dir $target "$@"
built=$target/$machine/release/libpsmdb_telemetry.a
mkdir -p "$(dirname "$output")"
cmp -s "$built" "$output" || cp "$built" "$output"
