#!/bin/sh
# build.sh [address] builds the fuzz targets that are Rust into build/fuzz/rust, or with AddressSanitizer into
# build/fuzz/rust-address, as `cargo fuzz build --sanitizer none`
# does, but without cargo-fuzz: with the stable compiler's own instrumentation, and with what a release
# build leaves out, debug assertions and overflow checks. Then clippy reads them, with what was built.
set -eu
cd "$(dirname "$0")/../.."

flags='-Cpasses=sancov-module'
for option in level=4 inline-8bit-counters pc-table trace-compares; do
    flags="$flags -Cllvm-args=-sanitizer-coverage-$option"
done
RUSTFLAGS="$flags -Cllvm-args=-simplifycfg-branch-fold-threshold=0"
target=target
rust=rust
if [ "${1-}" = address ]; then
    # The flag is not stable: the stable compiler takes it only when told.
    RUSTC_BOOTSTRAP=1
    export RUSTC_BOOTSTRAP
    RUSTFLAGS="$RUSTFLAGS -Zsanitizer=address"
    target="target-address"
    rust="rust-address"
fi
export RUSTFLAGS
machine=$(rustc -vV | sed -n 's/^host: //p')
# A target is named, so that the flags are not for build scripts and macros.
options="--locked --quiet --release --manifest-path fuzz/Cargo.toml --target $machine --target-dir build/fuzz/$target"
# shellcheck disable=SC2086 # a list of words
cargo build $options
if [ "$rust" = rust ]; then
    # shellcheck disable=SC2086
    cargo clippy $options -- -D warnings
fi
mkdir -p build/fuzz
ln -sfn "$target/$machine/release" build/fuzz/$rust
