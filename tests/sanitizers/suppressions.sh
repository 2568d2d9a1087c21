#!/bin/sh
# An embedder's own checks stay green with the files of dist/share/psmdb-telemetry/, and would not without:
# `embedder` under memcheck, which reports all that is kept, and under ThreadSanitizer. The files hide
# no fault: a race in log() is found with tsan.supp, and run.sh finds its faults with valgrind.supp.
set -eu
cd "$(dirname "$0")/../.."
files=dist/share/psmdb-telemetry
tsan=build/sanitized/as_shipped
said=$(mktemp)
trap 'rm -f "$said"' EXIT
trap 'exit 130' INT TERM

memcheck() {
    valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
        --fair-sched=yes "$@" build/tests/embedder >"$said" 2>&1
}
thread() {
    TSAN_OPTIONS=$1
    export TSAN_OPTIONS
    shift
    tests/sanitizers/at-fixed-addresses.sh "$@" >"$said" 2>&1
}
fail() {
    echo "FAILED $1" >&2
    sed -n '1,80p' "$said" >&2
    exit 1
}

if memcheck || ! grep -q 'possibly lost' "$said"; then
    fail "memcheck does not report what valgrind.supp is for: is it still needed?"
fi
memcheck --suppressions=$files/valgrind.supp || fail "memcheck, with valgrind.supp"
if thread '' $tsan/embedder || ! grep -q 'ThreadSanitizer: data race' "$said"; then
    fail "ThreadSanitizer does not report what tsan.supp is for: is it still needed?"
fi
thread suppressions=$files/tsan.supp $tsan/embedder || fail "ThreadSanitizer, with tsan.supp"
if thread suppressions=$files/tsan.supp $tsan/planted_faults race || ! grep -q 'SUMMARY: .* in log$' "$said"; then
    fail "with tsan.supp, ThreadSanitizer does not find the race in log() of planted_faults"
fi
echo "ok an embedder's own checks are green with the suppressions, and only with them"
