#!/bin/sh
# cpp/mongod/ compiles, links and works in the shapes of 4.4 and 5.0, with the server's HTTP client and
# without; without its folder the two calls are nothing, and a server with its own telemetry refuses it.
set -eu
cd "$WORK"
server=$ROOT/tests/link/server
mkdir -p linked/mongo/db/modules
ln -s "$ROOT/cpp/mongod" linked/mongo/db/modules/percona_telemetry
# As the server does it: -Woverloaded-virtual is among its flags.
flags='-std=c++17 -O0 -pthread -fPIE -Wall -Wsign-compare -Woverloaded-virtual -Wextra -Wpedantic -Werror'
includes="-Ilinked -I$server -I$DIST/include -I$ROOT/tests/cpp"

build() { # COMPILER VERSION CLIENT
    # shellcheck disable=SC2086 # lists of flags
    $1 $flags -DMONGO_STAND_IN="$2" -DPERCONA_TELEMETRY_HTTP_CLIENT="$3" $includes -o "module-$2-$3" \
        "$ROOT"/cpp/mongod/*.cpp "$server"/*.cc "$ARCHIVE" || {
        echo "$1: the module does not fit a server of shape $2 (HTTP client: $3)"
        exit 1
    }
}

# Both compilers, and two at a time: a server's shape takes some seconds.
build g++ 44 1 >first 2>&1 &
first=$!
build clang++ 50 0
wait "$first" || {
    cat first
    exit 1
}
for program in ./module-*; do
    "$program"
    "$program" stop
    "$program" repair
done

# shellcheck disable=SC2086 # a list of flags
g++ $flags -c -o absent.o "$server/db.cc"
if nm absent.o | grep percona; then
    echo "a server without the module's folder refers to it"
    exit 1
fi

mkdir -p linked/mongo/db/telemetry
touch linked/mongo/db/telemetry/telemetry_thread_base.h
# shellcheck disable=SC2086 # lists of flags
if g++ $flags -DMONGO_STAND_IN=50 $includes -fsyntax-only "$ROOT/cpp/mongod/percona_telemetry.cpp" 2>own; then
    echo "the module compiles in a server that has telemetry of its own"
    exit 1
fi
grep -q 'has telemetry of its own' own || {
    cat own
    exit 1
}

# The same of the build, before it compiles anything.
mkdir -p scons/SCons
touch scons/SCons/__init__.py
echo 'def AddOption(*names, **options): pass' >scons/SCons/Script.py
configure() { # TREE
    PYTHONPATH=scons:$ROOT/cpp/mongod python3 -B -c '
import sys, types, build
class Env:
    def Append(self, **words):
        pass
    def Dir(self, name):
        return types.SimpleNamespace(abspath=name.replace("#src", sys.argv[1]))
    def FatalError(self, text):
        sys.exit(text)
build.configure(None, Env())' "$1"
}
configure "$PWD/elsewhere"
if configure "$PWD/linked" 2>own || ! grep -q 'has telemetry of its own' own; then
    echo "build.py takes a server that has telemetry of its own: $(cat own)"
    exit 1
fi
