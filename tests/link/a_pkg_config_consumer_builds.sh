#!/bin/sh
# What dist/lib/pkgconfig says is enough to compile and link, wherever dist/ is moved to.
set -eu
cp -r "$DIST" "$WORK/moved"
unset PKG_CONFIG_PATH
export PKG_CONFIG_LIBDIR="$WORK/moved/lib/pkgconfig"
pkg-config --exists --print-errors psmdb-telemetry
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml")
seen=$(pkg-config --modversion psmdb-telemetry)
[ "$seen" = "$version" ] || {
    echo "pkg-config says version $seen, Cargo.toml $version"
    exit 1
}
# shellcheck disable=SC2046 # lists of flags
g++ -std=c++17 -Wall -Wextra -Werror $(pkg-config --cflags psmdb-telemetry) -o "$WORK/program" \
    "$ROOT/tests/link/programs/embed.cc" $(pkg-config --libs psmdb-telemetry)
"$WORK/program"
