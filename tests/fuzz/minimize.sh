#!/bin/sh
# minimize.sh NAME=PROGRAM… puts into fuzz/corpus the inputs that reach what the seeds do not: of build/fuzz/corpus,
# the fewest and smallest for it. How often something is reached, and what is compared, does not matter.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
TMPDIR=$work
export TMPDIR
for pair in "$@"; do
    target=${pair%%=*}
    mkdir -p "$work/$target" "fuzz/corpus/$target" "build/fuzz/corpus/$target"
    cp fuzz/seeds/"$target"/* "$work/$target/"
    find "$work/$target" -type f -exec basename {} \; | sort >"$work/seeds"
    "${pair#*=}" -set_cover_merge=1 -use_counters=0 -use_cmp=0 -max_len=4096 -rss_limit_mb=2048 "$work/$target" "fuzz/corpus/$target" \
        "build/fuzz/corpus/$target" >"build/fuzz/$target.merge.log" 2>&1 || {
        tail -n 20 "build/fuzz/$target.merge.log" >&2
        exit 1
    }
    rm -rf "fuzz/corpus/$target"
    mkdir -p "fuzz/corpus/$target"
    find "$work/$target" -type f -exec basename {} \; | sort | comm -13 "$work/seeds" - |
        while IFS= read -r name; do cp "$work/$target/$name" "fuzz/corpus/$target/$name"; done
    echo "$target: $(find "fuzz/corpus/$target" -type f | wc -l) inputs," \
        "$(find "fuzz/corpus/$target" -type f -exec cat {} + | wc -c) bytes"
done
