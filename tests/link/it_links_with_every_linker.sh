#!/bin/sh
# Into a program and into a shared object, in each way that distributions link servers, without a
# warning of the linker; each result runs two instances. The last is how mongod itself is linked.
set -eu
cd "$WORK"
compile() { # FLAG…
    g++ -std=c++17 -O2 -pthread "$@" -I"$DIST/include" -I"$ROOT/tests/cpp" -c "$ROOT/tests/link/programs/embed.cc"
}
compile -fPIE -o embed.o
compile -fPIC -DSHARED_OBJECT -o shared.o

for linker in $LINKERS; do
    link="g++ -fuse-ld=$linker -pthread -Wl,--fatal-warnings"
    while read -r flags; do
        # shellcheck disable=SC2086 # lists of flags
        $link $flags -o program embed.o "$ARCHIVE" -ldl -lm
        ./program || {
            echo "a program linked by $linker with $flags does not run"
            exit 1
        }
    done <<'FLAGS'
-no-pie
-pie
-pie -Wl,-z,now
-pie -Wl,--gc-sections
-pie -Wl,--gc-sections -Wl,-z,now -Wl,-z,relro -Wl,-z,noexecstack
-pie -Wl,-z,now -Wl,-z,relro -Wl,-z,noexecstack -rdynamic -Wl,--build-id -Wl,--hash-style=gnu
FLAGS
    for flags in '' '-Wl,--gc-sections -Wl,-z,now -Wl,-z,defs'; do
        # shellcheck disable=SC2086 # lists of flags
        $link -shared $flags -o first.so shared.o "$ARCHIVE" -ldl -lm
        cp first.so second.so
        python3 -c 'import ctypes, sys; sys.exit(any(ctypes.CDLL(path).embed() for path in sys.argv[1:]))' \
            ./first.so ./second.so || {
            echo "a shared object linked by $linker with $flags does not run"
            exit 1
        }
    done
done
