#!/bin/sh
# run-host.sh PROGRAM TEST… runs scenarios with clients against this build of the reference host.
# They read what a host says on stderr and its exit code: a sanitizer's report fails them.
set -eu
cd "$(dirname "$0")/../.."
program=$(pwd)/$1
shift
for mark in __asan_report __ubsan_handle; do
    if ! nm "$program" 2>/dev/null | grep -q "$mark"; then
        echo "FAILED: $program has no $mark: the sanitizer is not in it" >&2
        exit 1
    fi
done
TELEMETRY_SERVER=$program build/python/bin/python -m pytest -q "$@"
