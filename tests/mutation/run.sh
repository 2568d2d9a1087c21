#!/bin/sh
# run.sh CARGO-MUTANTS FILES: mutates the files and runs the tests that are Rust on each mutant: first those that
# are compiled and end soonest, then the others on what is left. What was found before is not run again, so what is
# interrupted goes on; after a change of the sources or the tests all begins anew. Fails on a survivor that
# survivors.md does not name.
set -eu
cd "$(dirname "$0")/../.."
mutants=$1
output=build/mutation
last=$output/mutants.out
tree=$(find src tests Cargo.lock -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
if [ "$tree" != "$(cat "$output/tree" 2>/dev/null)" ]; then
    rm -rf "$last" "$last.old"
    echo "$tree" >"$output/tree"
fi
quick=
slow=
for test in tests/*.rs tests/state_machine tests/endpoints tests/fleet; do
    name=$(basename "$test" .rs)
    case $name in
    addresses | endpoints | facts | fleet | late_connection) slow="$slow --cargo-arg=--test=$name" ;;
    *) quick="$quick --cargo-arg=--test=$name" ;;
    esac
done
# Words of a list, which the tool expands.
set -f
files=
for file in $2; do files="$files --file $file"; done

# The tool copies the sources anew for each stage: the dependencies are compiled once for all.
CARGO_TARGET_DIR=$PWD/$output/target
export CARGO_TARGET_DIR

lines() { # FILE
    sort -u "$last/$1.txt" | wc -l
}
mutate() { # NAME TESTS; of the mutants that are not found yet
    status=0
    # As arguments for cargo, so that no other tests are compiled either.
    # shellcheck disable=SC2086 # lists of words
    "$mutants" mutants --iterate --jobs 1 --no-shuffle --colors never --minimum-test-timeout 60 \
        --output "$output" --cargo-arg=--locked $2 $files || status=$?
    # 2: some survived; 3: some took too long, which counts as found.
    case $status in
    0 | 2 | 3) ;;
    *) exit "$status" ;;
    esac
    echo "$1: $(lines caught) mutants found, $(lines timeout) without an end, $(lines unviable) that do not" \
        "compile, $(lines missed) survivors"
    # They are not run again either.
    cat "$last/timeout.txt" >>"$last/caught.txt"
}
mutate "unit tests" --cargo-arg=--lib
mutate "the tests that end soon" "$quick"
mutate "all other tests in Rust" "$slow"
unexplained=0
# Without the place, which changes with each edit.
sed 's/^\([^:]*\):[0-9:]* /\1: /' "$last/missed.txt" | sort -u >"$output/survivors"
while IFS= read -r survivor; do
    if ! grep -qF -- "$(echo "$survivor" | sed "s,|,\\\\|,g")" tests/mutation/survivors.md; then
        echo "NOT FOUND, and not explained in tests/mutation/survivors.md: $survivor" >&2
        unexplained=$((unexplained + 1))
    fi
done <"$output/survivors"
echo "$(wc -l <"$output/survivors") survivors, $unexplained of them not explained"
[ "$unexplained" = 0 ]
