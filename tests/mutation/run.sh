#!/bin/sh
# run.sh CARGO-MUTANTS SHARD FILES: mutates the files and runs the fast tests on each mutant. Fails on a survivor
# that survivors.md does not name.
set -eu
cd "$(dirname "$0")/../.."
mutants=$1
shard=$2
# Words of a list, which the tool expands.
set -f
files=
for file in $3; do files="$files --file $file"; done
output=build/mutation
tests="--lib"
for test in any_order changes_meanwhile corrupt_file crash_loops damaged_opt_out first_start hanging_attempt \
    limits log_events panic preview retries runtime_opt_out same_report second_start state_machine suppressed switches \
    torn_mark unusable_dbpath unusable_destination; do
    tests="$tests --test $test"
done

# Debug information only costs time here.
CARGO_PROFILE_DEV_DEBUG=none
export CARGO_PROFILE_DEV_DEBUG
status=0
# shellcheck disable=SC2086 # lists of words
"$mutants" mutants --jobs 1 --no-shuffle --colors never --shard "$shard" --timeout 120 --output "$output" \
    $files -- --locked $tests || status=$?
# 2: some survived; 3: some took too long, which counts as found.
case $status in
0 | 2 | 3) ;;
*) exit "$status" ;;
esac
unexplained=0
# Without the place, which changes with each edit.
sed 's/^\([^:]*\):[0-9:]* /\1: /' "$output/mutants.out/missed.txt" | sort -u >"$output/survivors"
while IFS= read -r survivor; do
    if ! grep -qF -- "$(echo "$survivor" | sed "s,|,\\\\|,g")" tests/mutation/survivors.md; then
        echo "NOT FOUND, and not explained in tests/mutation/survivors.md: $survivor" >&2
        unexplained=$((unexplained + 1))
    fi
done <"$output/survivors"
echo "mutants: $(wc -l <"$output/mutants.out/caught.txt") found, $(wc -l <"$output/mutants.out/timeout.txt")" \
    "without an end, $(wc -l <"$output/mutants.out/unviable.txt") that do not compile," \
    "$(wc -l <"$output/mutants.out/missed.txt") survivors, $unexplained of them not explained"
[ "$unexplained" = 0 ]
