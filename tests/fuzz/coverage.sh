#!/bin/sh
# coverage.sh prints which lines of src/ the seeds and the corpus reach, and fails on a file with others that
# fuzz/unreached.md does not name. It needs the component llvm-tools of the Rust toolchain.
set -eu
cd "$(dirname "$0")/../.."
machine=$(rustc -vV | sed -n 's/^host: //p')
tools=$(rustc --print sysroot)/lib/rustlib/$machine/bin
if ! [ -x "$tools/llvm-cov" ]; then
    echo "SKIPPED the coverage: this Rust toolchain has no llvm-tools; rustup component add llvm-tools gets them" >&2
    exit 0
fi
work=build/fuzz/coverage
rm -rf "$work/profiles"
mkdir -p "$work/profiles"

# A target is named, so that the flag is not for build scripts and macros.
RUSTFLAGS=-Cinstrument-coverage cargo build --locked --quiet --release --manifest-path fuzz/Cargo.toml \
    --target "$machine" --target-dir "$work/target"
objects=
for target in "$@"; do
    program=$work/target/$machine/release/$target
    objects="$objects --object $program"
    mkdir -p "build/fuzz/corpus/$target"
    if ! LLVM_PROFILE_FILE=$work/profiles/$target.profraw "$program" -runs=0 "build/fuzz/corpus/$target" \
        "fuzz/seeds/$target" "fuzz/corpus/$target" >"$work/$target.log" 2>&1; then
        tail -n 20 "$work/$target.log" >&2
        exit 1
    fi
done
"$tools/llvm-profdata" merge --sparse -o "$work/merged.profdata" "$work"/profiles/*.profraw
# shellcheck disable=SC2086 # lists of words
{
    "$tools/llvm-cov" report --instr-profile "$work/merged.profdata" $objects --sources src \
        --show-region-summary=false --show-branch-summary=false >"$work/report"
    "$tools/llvm-cov" export --format lcov --instr-profile "$work/merged.profdata" $objects --sources src \
        >"$work/lcov"
}
python3 tests/fuzz/unreached.py "$work/lcov" fuzz/unreached.md
