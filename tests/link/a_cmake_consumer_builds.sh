#!/bin/sh
# find_package(psmdb-telemetry) and psmdb::telemetry are enough, wherever dist/ is moved to; a version
# that dist/ is not is refused.
set -eu
cp -r "$DIST" "$WORK/moved"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml")
configure() {
    rm -rf "$WORK/build"
    cmake -S "$ROOT/tests/link/cmake" -B "$WORK/build" -DCMAKE_PREFIX_PATH="$WORK/moved" \
        -DWANTED_VERSION="$1" -DCMAKE_BUILD_TYPE=Release
}
for wrong in 99.0 0.0.1; do
    if configure $wrong >"$WORK/wrong" 2>&1; then
        echo "version $wrong is accepted"
        exit 1
    fi
done
configure "$version"
configure ''
cmake --build "$WORK/build"
"$WORK/build/program"
