#!/bin/sh
# Under both compilers and standards, without RTTI and with the library's assertions, without a
# warning; what compiles so links and runs, although the archive was compiled otherwise.
set -eu
strict='-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion -Werror'
for compiler in $COMPILERS; do
    for standard in c++17 c++20; do
        for flags in '' '-fno-rtti -D_GLIBCXX_ASSERTIONS -O2'; do
            # shellcheck disable=SC2086 # lists of flags
            $compiler -std=$standard $strict $flags -pthread -I"$DIST/include" -o "$WORK/program" \
                "$ROOT/tests/link/programs/every_function.cc" "$ARCHIVE" -ldl -lm || {
                echo "$compiler -std=$standard $flags does not take it"
                exit 1
            }
            "$WORK/program" || {
                echo "compiled by $compiler -std=$standard $flags it does not run: exit code $?"
                exit 1
            }
        done
    done
done
