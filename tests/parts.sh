#!/bin/sh
# parts.sh PART… [-- PART…]… makes parts of the tests, also after one that has failed: two at a time,
# and what comes after a -- when all before it have ended. The output of a part is shown when it ends.
# The last lines say what was skipped, how long each part took, which failed, and how their output ends.
set -eu

if [ "$1" = --one ]; then
    part=$2
    begin=$(date +%s)
    echo "making $part"
    verdict=
    "$MAKE" --no-print-directory "$part" >"$PARTS/$part.log" 2>&1 || verdict='  FAILED'
    exec 9>"$PARTS/turn"
    flock 9
    printf '%6d s  %s%s\n' $(($(date +%s) - begin)) "$part" "$verdict" | tee -a "$PARTS/times"
    sed 's/^/    /' "$PARTS/$part.log"
    exit 0
fi

begin=$(date +%s)
PARTS=build/parts
MAKE=${MAKE:-make}
export PARTS MAKE
rm -rf "$PARTS"
mkdir -p "$PARTS"
group=
for part in "$@" --; do
    if [ "$part" != -- ]; then
        group="$group $part"
    else
        # shellcheck disable=SC2086 # a list of words
        printf '%s\n' $group | xargs -P 2 -n 1 "$0" --one
        group=
    fi
done

echo
sed -n '/SKIPPED/s/^ *//p' "$PARTS"/*.log
cat "$PARTS/times"
printf '%6d s  in all\n' $(($(date +%s) - begin))
failed=$(sed -n 's/^ *[0-9]* s  \(.*\)  FAILED$/\1/p' "$PARTS/times" | paste -sd ' ')
if [ -n "$failed" ]; then
    # Again, and last: whoever reads a shortened log sees the end of it.
    for part in $failed; do
        echo "the end of $PARTS/$part.log:"
        tail -n 40 "$PARTS/$part.log"
    done
    echo "failed: $failed; the output of each is in $PARTS" >&2
    exit 1
fi
echo "all checks and tests passed"
