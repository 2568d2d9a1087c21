#!/bin/sh
# Where the module is not built, the two calls that docs/integration.md shows are nothing. SCons and the compiler
# refuse a server with telemetry of its own. Of the header lines of an answer, Retry-After is read as
# the last answer has it. All else about cpp/mongod/ a real server shows: `make test-mongod`.
set -eu
cd "$WORK"
strict='g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -Ilinked'
module=mongo/db/modules/percona_telemetry

{
    sed -n "s/^   //; /^#ifdef PERCONA_TELEMETRY_MODULE/,/^#endif/p" "$ROOT/docs/integration.md"
    echo 'namespace mongo { void run() { PERCONA_TELEMETRY(start()); PERCONA_TELEMETRY(stop()); } }'
} >server.cc
calls() { # [FLAG]
    $strict "$@" -c -o server.o server.cc
    nm -C server.o | grep -c ' U mongo::percona_telemetry::' || true
}
[ "$(calls)" = 0 ] || {
    echo "a server that is built without the module refers to it"
    exit 1
}
mkdir -p "linked/$(dirname $module)"
ln -s "$ROOT/cpp/mongod" "linked/$module"
[ "$(calls) $(calls -DPERCONA_TELEMETRY_MODULE)" = "0 2" ] || {
    echo "a server with the module's folder makes both calls if the module is built, and else none"
    exit 1
}
$strict -o retry_after "$ROOT/tests/link/programs/retry_after.cc" "linked/$module/retry_after.cpp"
./retry_after

# The server's headers are not there: the preprocessor may take all that it misses for empty.
preprocessed() {
    g++ -std=c++17 -M -MG -MF included -Ilinked -I"$DIST/include" "linked/$module/percona_telemetry.cpp"
}
mkdir -p scons/SCons
touch scons/SCons/__init__.py
echo 'def AddOption(*names, **options): pass' >scons/SCons/Script.py
configured() {
    PYTHONPATH=scons:$ROOT/cpp/mongod python3 -B -c '
import sys, types, build
class Env:
    def Append(self, **variables):
        pass
    def Dir(self, name):
        return types.SimpleNamespace(abspath=name.replace("#src", "linked"))
    def FatalError(self, text):
        sys.exit(text)
build.configure(None, Env())'
}
preprocessed
configured
mkdir linked/mongo/db/telemetry
touch linked/mongo/db/telemetry/telemetry_thread_base.h
for build in preprocessed configured; do
    if $build 2>own || ! grep -q 'has telemetry of its own' own; then
        echo "$build: a server with telemetry of its own is not refused for that: $(cat own)"
        exit 1
    fi
done
