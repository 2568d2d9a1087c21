#!/bin/sh
# cpp/mongod/ compiles, links and works in the shapes of 4.4, 6.0, 7.0 and 8.0, with the server's HTTP
# client and without; without its folder the two calls are nothing.
set -eu
cd "$WORK"
server=$ROOT/tests/link/server
mkdir -p linked/mongo/db/modules
ln -s "$ROOT/cpp/mongod" linked/mongo/db/modules/percona_telemetry
# As the server does it: -Woverloaded-virtual is among its flags.
flags='-std=c++17 -O0 -pthread -fPIE -Wall -Wsign-compare -Woverloaded-virtual -Wextra -Wpedantic -Werror'

build() { # COMPILER VERSION CLIENT
    case $2 in
    44 | 60) shape=until_6.0 ;;
    *) shape=since_7.0 ;;
    esac
    # shellcheck disable=SC2086 # a list of flags
    $1 $flags -DMONGO_STAND_IN="$2" -DPERCONA_TELEMETRY_HTTP_CLIENT="$3" -Ilinked -I"$server/common" \
        -I"$server/$shape" -I"$server" -I"$DIST/include" -I"$ROOT/tests/cpp" -o "module-$2-$3" \
        "$ROOT"/cpp/mongod/*.cpp "$server"/*.cc "$ARCHIVE" || {
        echo "$1: the module does not fit a server of shape $2 (HTTP client: $3)"
        exit 1
    }
}

# Both compilers, and two at a time: a server's shape takes some seconds.
(build g++ 44 1 && build g++ 60 0 && build g++ 70 1) >first 2>&1 &
first=$!
build clang++ 80 1
build clang++ 44 0
wait "$first" || {
    cat first
    exit 1
}
for program in ./module-*; do
    "$program"
    "$program" stop
done

# shellcheck disable=SC2086 # a list of flags
g++ $flags -c -o absent.o "$server/db.cc"
if nm absent.o | grep percona; then
    echo "a server without the module's folder refers to it"
    exit 1
fi

# Percona's range is ours from 29200; the server's own check wants each id once, as a number.
grep -hoE 'LOGV2[A-Z_]*\([^,]*' "$ROOT"/cpp/mongod/*.cpp | sed 's/.*(//' | sort >ids
if grep -vE '^29[2-9][0-9][0-9]$' ids || [ -n "$(uniq -d ids)" ]; then
    echo "the ids of the log: $(paste -sd ' ' ids)"
    exit 1
fi
