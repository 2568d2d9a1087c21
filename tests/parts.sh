#!/bin/sh
# parts.sh PART… makes each part of the tests, also after one that has failed, and says at the end how
# long each took and which failed.
set -eu

begin=$(date +%s)
failed=
times=
for part in "$@"; do
    part_begin=$(date +%s)
    verdict=
    "${MAKE:-make}" --no-print-directory "$part" || {
        verdict='  FAILED'
        failed="$failed $part"
    }
    times="$times$(printf '%6d s  %s%s' $(($(date +%s) - part_begin)) "$part" "$verdict")
"
done
printf '%s%6d s  in all\n' "$times" $(($(date +%s) - begin))
if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
echo "all checks and tests passed"
