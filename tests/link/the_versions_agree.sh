#!/bin/sh
# PSMDB_TELEMETRY_VERSION of the header, Telemetry::version() of the archive and Cargo.toml are one.
set -eu
cat >"$WORK/version.cc" <<'PROGRAM'
#include <iostream>

#include "psmdb_telemetry/telemetry.h"

int main() {
    std::cout << PSMDB_TELEMETRY_VERSION << ' ' << psmdb::telemetry::Telemetry::version() << '\n';
}
PROGRAM
g++ -std=c++17 -pthread -I"$DIST/include" -o "$WORK/version" "$WORK/version.cc" "$ARCHIVE"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml")
seen=$("$WORK/version")
[ "$seen" = "$version $version" ] || {
    echo "Cargo.toml says $version; PSMDB_TELEMETRY_VERSION and Telemetry::version() say $seen"
    exit 1
}
