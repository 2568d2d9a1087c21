# How much a stripped program grows by the library; benches/figures/footprint.py asks it too.
# shellcheck shell=sh

growth() { # ARCHIVE LIMIT WORDS
    for sections in '' -Wl,--gc-sections; do
        for bare in '' -DBARE; do
            # shellcheck disable=SC2086 # at most one flag each
            g++ -std=c++17 -O2 -ffunction-sections -fdata-sections -pthread $bare $sections -s \
                -I"$DIST/include" -o "program$bare" "$ROOT/tests/link/programs/size.cc" "$1"
        done
        grown=$(($(wc -c <program) - $(wc -c <program-DBARE)))
        echo "note: a stripped program grows by $grown bytes $3${sections:+, --gc-sections}"
        if [ "$grown" -gt "$2" ]; then
            echo "more than $2 bytes"
            exit 1
        fi
    done
}
