#!/bin/sh
# faults.sh [NAME…] plants faults in copies of the sources, one after another, and expects that the scenarios
# find each for what it is. They need a schedule that a test by chance hardly meets.
# shellcheck disable=SC2016 # the dollars are perl's
set -eu
cd "$(dirname "$0")/../.."
copy=build/interleavings/faulty
failed=0
found=0
wanted=" $* "

fault() { # NAME WHAT FILE PERL-SUBSTITUTION WORDS-OF-THE-FAILURE
    if [ "$wanted" != "  " ] && [ "${wanted#* "$1" }" = "$wanted" ]; then
        return
    fi
    rm -rf "$copy"
    mkdir -p "$copy/tests"
    cp -r src docs "$copy"
    cp -r tests/interleavings tests/support "$copy/tests"
    perl -0 -pi -e "$4" "$copy/src/$3"
    if cmp -s "src/$3" "$copy/src/$3"; then
        echo "NOT PLANTED: $2: nothing is changed in src/$3 by $4"
        failed=1
        return
    fi
    manifest=$copy/tests/interleavings/Cargo.toml
    if ! CARGO_TARGET_DIR=build/interleavings/target cargo test --locked --quiet --manifest-path "$manifest" \
        --lib --no-run 2>"$copy/said"; then
        cat "$copy/said"
        echo "NOT PLANTED: $2: it does not compile"
        failed=1
    elif RUST_BACKTRACE=0 CARGO_TARGET_DIR=build/interleavings/target timeout 600 cargo test --locked --quiet \
        --manifest-path "$manifest" --lib interleavings >"$copy/said" 2>&1; then
        echo "NOT FOUND: $2"
        failed=1
    elif ! grep -q -- "$5" "$copy/said"; then
        grep -A2 panicked "$copy/said" | head -n 40
        echo "NOT FOUND for what it is: $2"
        failed=1
    else
        found=$((found + 1))
        echo "found: $2: by $(grep -c '^    interleavings::scenarios::' "$copy/said") scenarios"
    fi
}

fault wake-up "a lost wake-up: the switch does not wake the worker" engine.rs \
    's/            worker\.unpark\(\);\n//' 'deadlock! blocked tasks'
fault wait "a lost wake-up: a wait does not ask again" worker/job.rs \
    's/(loop \{\n) +self\.check\(\)\?;\n/$1/' 'deadlock! blocked tasks'
fault end "a lost wake-up: an attempt ends and wakes nobody" delivery/attempt.rs \
    's/    waiting\.unpark\(\);\n/    let _ = waiting;\n/' 'deadlock! blocked tasks'
fault revision "a publish under an old revision" worker/job.rs \
    's/if shared\.revision == self\.revision \{ Ok/if shared.revision > 0 { Ok/' 'after an opt-out'
fault line "a line after stop: a writer is not counted" log.rs \
    's/            gate\.writers\.push\(me\);\n/            let _ = \&mut gate;\n/' 'after stop'
fault byte "a byte after opt-out: the second opt-out does not wait for the first" engine.rs \
    's/shared\.attempt\.clone\(\)/shared.attempt.take()/' 'a byte after an opt-out'
fault cancel "a byte after opt-out: an attempt is interrupted outside of the lock" delivery/cancel.rs \
    's/            interrupt\(\);/            drop(state);\n            interrupt();/' 'a byte after an opt-out'
fault lock "a lock across a callback" log.rs \
    's/(        self\.host\.log)/        let _gate = self.gate();\n$1/' 'while its thread holds a lock'
fault opt-out "a lost opt-out: the worker ends in two steps" engine.rs \
    's/            self\.set_worker_ended\(&mut shared\);\n        \}\n        task/            drop(shared);\n            self.set_worker_ended(\&mut self.lock());\n        }\n        task/' \
    'an opt-.* is lost'
fault stored "a report that is sent before it is stored" worker/reporting.rs \
    's/(clamp_next_attempt\(job, &mut record\);\n) +save_if_changed\(job, store, &stored, &record\)\?;\n/$1/' \
    'a report is sent that is not stored'
fault thread "a detached thread, and stop says that there is none" engine.rs \
    's/attempt\.is_running\(\) && !attempt/false \&\& !attempt/' 'a thread hangs, and stop says none'

rm -rf "$copy"
if [ "$failed" != 0 ]; then
    exit 1
fi
echo "ok $found planted faults found"
