#!/bin/sh
# Builds the fuzz targets that are Rust into build/fuzz/rust, as `cargo fuzz build --sanitizer none`
# does, but without cargo-fuzz: with the stable compiler's own instrumentation, and with what a release
# build leaves out, debug assertions and overflow checks.
set -eu
cd "$(dirname "$0")/../.."

flags='-Cpasses=sancov-module'
for option in level=4 inline-8bit-counters pc-table trace-compares; do
    flags="$flags -Cllvm-args=-sanitizer-coverage-$option"
done
# A target is named, so that the flags are not for build scripts and macros.
machine=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="$flags -Cllvm-args=-simplifycfg-branch-fold-threshold=0" cargo build --locked --quiet \
    --release --manifest-path fuzz/Cargo.toml --target "$machine" --target-dir build/fuzz/target
mkdir -p build/fuzz
ln -sfn "target/$machine/release" build/fuzz/rust
