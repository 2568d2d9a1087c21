#!/bin/sh
# run.sh TARGET PROGRAM SECONDS: runs a fuzz target on each of its seeds and of fuzz/corpus, and then for so long
# on what it makes of them. Interesting inputs are kept in build/fuzz/corpus; a harmful one is an error that
# says how to repeat it.
set -eu
cd "$(dirname "$0")/../.."
target=$1
program=$2
seconds=$3
case $seconds in
'' | 0 | *[!0-9]*) echo "FUZZ_SECONDS is '$seconds': a whole number above 0 is expected" >&2 && exit 2 ;;
esac

seeds=fuzz/seeds/$target
corpus=build/fuzz/corpus/$target
found=build/fuzz/found/$target
log=build/fuzz/$target.log
mkdir -p "$corpus" "$found"

# The targets write files, thousands in a second: into memory where that can be had. A target is ended
# without cleaning up after itself.
if [ -w /dev/shm ]; then export TMPDIR=/dev/shm; fi
TMPDIR=$(mktemp -d)
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM
export TMPDIR

dictionary=fuzz/dictionaries/$target
set -- -max_total_time="$seconds" -timeout=30 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$found/"
if [ -e "$dictionary" ]; then
    set -- "$@" -dict="$dictionary"
fi
RUST_BACKTRACE=${RUST_BACKTRACE:-0} "$program" "$@" "$corpus" "$seeds/" "fuzz/corpus/$target" >"$log" 2>&1 || {
    grep -a -v -E '^(#[0-9]|INFO:|"|NOTE:)' "$log" | tail -n 40
    input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    echo "fuzz target $target failed; the whole output is in $log"
    if [ -n "$input" ]; then
        echo "the input that does it: $input"
        echo "to repeat it: $program $input"
        echo "once it is mended, keep the input as a seed: mv $input $seeds/<what it is>"
    fi
    exit 1
}

last=$(grep -a -o -E 'cov: [0-9]+ ft: [0-9]+ corp: [0-9]+' "$log" | tail -n 1)
executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
printf '%-15s %9d executions, %s seeds; %s\n' "$target" "$executions" \
    "$(find "$seeds/" -type f | wc -l)" "$last"
