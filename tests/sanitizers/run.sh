#!/bin/sh
# run.sh TOOL PROGRAM… runs programs of tests/cpp under a tool: address (with undefined behaviour and
# leaks), rust or rust-without-https (address, in Rust's code too), thread, or memcheck. The first error
# of any of them is a failure. First it makes sure that the tool is in, and finds what planted_faults has
# for it.
set -eu
cd "$(dirname "$0")/../.."
tool=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

say_and_fail() {
    echo "FAILED under $tool: $1" >&2
    sed -n '1,80p' "$work/said" >&2
    exit 1
}

case $tool in
address)
    folder=build/sanitized/address
    marks='__asan_report __ubsan_handle'
    faults='use-after-free leak overflow'
    export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
    export UBSAN_OPTIONS=print_stacktrace=1
    ;;
rust | rust-without-https)
    folder=build/sanitized/$tool
    marks='__asan_report __ubsan_handle'
    faults='use-after-free leak overrun'
    export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1
    # The archive's own objects, not only the programs.
    if ! nm "$folder/libpsmdb_telemetry.a" 2>/dev/null | awk '/^psmdb_telemetry.*rcgu/ { ours = 1 }
            /^[^ ]*\.o:$/ && !/^psmdb_telemetry/ { ours = 0 }
            ours && /__asan_report/ { found = 1 } END { exit !found }'; then
        echo "FAILED: the sanitizer is not in the library's Rust code in $folder" >&2
        exit 1
    fi
    ;;
thread)
    folder=build/sanitized/thread
    marks='__tsan_read __tsan_write'
    faults=race
    # Rust's locks are futexes: to the sanitizer its library would be one race. What it cannot see is
    # left out whole.
    export TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1
    ;;
memcheck)
    folder=build/tests
    marks=
    faults='use-after-free leak'
    ;;
*)
    echo "no such tool: $tool" >&2
    exit 2
    ;;
esac

run() {
    if [ "$tool" = memcheck ]; then
        # Where threads are detached or not waited for, their stacks are possible leaks.
        valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
            --errors-for-leak-kinds=definite --fair-sched=yes --num-callers=20 \
            --suppressions=dist/share/psmdb-telemetry/valgrind.supp "$@"
    else
        tests/sanitizers/at-fixed-addresses.sh "$@"
    fi >"$work/said" 2>&1
}

is_found() {
    case $1 in
    use-after-free) grep -qE 'heap-use-after-free|Invalid read' "$work/said" ;;
    leak) grep -qE 'LeakSanitizer: detected memory leaks|definitely lost' "$work/said" ;;
    overrun) grep -q 'heap-buffer-overflow' "$work/said" ;;
    overflow) grep -q 'signed integer overflow' "$work/said" ;;
    race) grep -q 'ThreadSanitizer: data race' "$work/said" ;;
    esac
}

found=
for fault in $faults; do
    if run "$folder/planted_faults" "$fault"; then
        say_and_fail "the planted $fault was not found"
    fi
    if ! is_found "$fault"; then
        if grep -q 'LeakSanitizer has encountered a fatal error' "$work/said"; then
            echo "SKIPPED the leaks: LeakSanitizer may not trace this process (ptrace is denied)"
            ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
            continue
        fi
        say_and_fail "the planted $fault was not found for what it is"
    fi
    found="$found $fault"
done

for program in "$@"; do
    for mark in $marks; do
        nm "$folder/$program" 2>/dev/null >"$work/symbols" || true
        grep -q "$mark" "$work/symbols" || say_and_fail "$program has no $mark: the tool is not in it"
    done
    run "$folder/$program" || say_and_fail "$program"
    sed -n 's/^SKIPPED /SKIPPED in '"$program"': /p' "$work/said"
done
echo "ok $# programs under $tool; planted and found:$found"
