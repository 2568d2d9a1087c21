#!/bin/sh
# A header of another version, containers of the debug mode, the old std::string and another standard
# library: not one function of the archive can be called, and the linker names the cause for each.
set -eu
cd "$WORK"
source=$ROOT/tests/link/programs/every_function.cc
mkdir -p other/psmdb_telemetry
sed 's/^\(#define PSMDB_TELEMETRY_ABI_VERSION\) .*/\1 99/
    s/^    virtual void log(.*/&\n    virtual void another() {}/' \
    "$DIST/include/psmdb_telemetry/telemetry.h" >other/psmdb_telemetry/telemetry.h
[ "$(diff "$DIST/include/psmdb_telemetry/telemetry.h" other/psmdb_telemetry/telemetry.h | grep -c '^>')" = 2 ]

# `Telemetry::stop` and so on, of those that an object needs or the archive defines.
functions() {
    nm -C "$@" 2>/dev/null | sed -n 's/.* [TU] psmdb::telemetry::abi_v[^:]*::\([A-Za-z:~]*\).*/\1/p' | sort -u
}
functions --defined-only "$ARCHIVE" >defined
g++ -std=c++17 -c -I"$DIST/include" -o program.o "$source"
functions program.o | cmp - defined || {
    echo "programs/every_function.cc does not call every function of the archive:"
    cat defined
    exit 1
}

refused() { # NAME COMPILER FLAG…; NAME is what the linker should say
    name=$1
    shift
    "$@" -std=c++17 -pthread -I"$DIST/include" -c -o program.o "$source"
    for linker in $LINKERS; do
        if "$1" -fuse-ld="$linker" -pthread -o program program.o "$ARCHIVE" >linked 2>&1; then
            echo "$*: the program links, and would crash"
            exit 1
        fi
        grep -oE "undefined (reference to .|symbol: )psmdb::telemetry::$name::[A-Za-z:~]*" linked | sed "s/.*::$name:://" | sort -u >named
        cmp named defined || {
            echo "$*: the linker $linker does not name $name for each function:"
            cat linked
            exit 1
        }
    done
}
refused abi_v99 g++ -Iother
refused abi_v1_glibcxx_debug g++ -D_GLIBCXX_DEBUG
refused abi_v1_old_std_string g++ -D_GLIBCXX_USE_CXX11_ABI=0
refused abi_v1_old_std_string_glibcxx_debug g++ -D_GLIBCXX_USE_CXX11_ABI=0 -D_GLIBCXX_DEBUG
refused abi_v1_libcxx clang++ -stdlib=libc++
