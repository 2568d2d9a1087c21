#!/bin/sh
# it_can_fail.sh KIT ARCHIVE builds mongods that are wrong on purpose, one after another, and expects that
# the scenario which should catch it fails on each, and passes on build/mongod/mongod, which is right.
set -eu
kit=$1
archive=$2
cd "$(dirname "$0")/../.."
work=build/mongod/wrong
rm -rf "$work"
mkdir -p "$work"
failed=0

run() { # SERVER SCENARIO
    TELEMETRY_SERVER=$(pwd)/$1 build/python/bin/python -m pytest -q -x "tests/e2e/test_$2.py" \
        >"$work/out" 2>&1
}

wrong() { # WHAT FILE SED-SCRIPT SCENARIO
    rm -rf "$work/module"
    cp -r cpp/mongod "$work/module"
    sed -i "$3" "$work/module/$2"
    if cmp -s "cpp/mongod/$2" "$work/module/$2"; then
        echo "NOT BUILT: $1: this sed script changes nothing in cpp/mongod/$2: $3"
        failed=1
        return
    fi
    # The cache of the right one: what it compiles is compiled anew each time.
    MONGOD_KIT_CACHE=$(pwd)/build/mongod/cache "$kit/link.sh" "$work/module" "$archive" include "$work/mongod"
    if ! run build/mongod/mongod "$4"; then
        cat "$work/out"
        echo "FAILED: $4 does not pass on the right server"
        failed=1
    elif run "$work/mongod" "$4"; then
        echo "NOT CAUGHT: $1: $4 passes"
        failed=1
    elif ! grep -Eq '^(FAILED|ERROR) tests/' "$work/out"; then
        cat "$work/out"
        echo "NOT CAUGHT: $1: $4 was not run"
        failed=1
    else
        echo "caught: $1: $(grep -E '^(FAILED|ERROR) tests/' "$work/out" | head -n 1)"
    fi
}

wrong "start is not called" percona_telemetry.cpp \
    's/^void start() noexcept {$/&\n    return;/' \
    first_start_reports_over_http
wrong "an opt-out in the environment is ignored" percona_telemetry.cpp \
    's/^psmdb::telemetry::Telemetry& telemetry() {$/&\n    ::unsetenv("DO_NOT_TRACK"), ::unsetenv("PERCONA_TELEMETRY_DISABLE");/' \
    off_is_silence_from_start_to_end
wrong "the identity is not stored before it is sent" server_http.cpp \
    's|^        adoptThreadName();$|&\n        ::unlink((storageGlobalParams.dbpath + "/telemetry_uuid").c_str());|
     s|^#include "mongo/stdx/chrono.h"$|#include <unistd.h>\n#include "mongo/db/storage/storage_options.h"\n&|' \
    an_end_at_any_moment_keeps_the_identity
wrong "the status is frozen" server_parameters.cpp \
    's/^            const Result value = telemetry().get(name());$/            static std::map<std::string, Result> first;\n            const Result value = first.emplace(name(), telemetry().get(name())).first->second;/
     s/^#include <string>$/#include <map>\n&/' \
    the_whole_life_of_an_instance
wrong "an event is logged under another id" server_log.cpp \
    's/LOGV2(29803,/LOGV2(29820,/' \
    first_start_reports_over_http
wrong "stop waits for the attempt" percona_telemetry.cpp \
    's/^    telemetry().stop(kStopDeadline);$/    while (telemetry().status().find("sending") != std::string::npos) {\n        ::usleep(1000);\n    }\n&/
     s/^#include <memory>$/&\n#include <string>\n#include <unistd.h>/' \
    stop_does_not_wait_for_a_hanging_attempt

rm -rf "$work"
exit "$failed"
