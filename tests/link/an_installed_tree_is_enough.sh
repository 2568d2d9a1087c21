#!/bin/sh
# `make install` into lib, lib64 and a multiarch folder: pkg-config and CMake find all, and what a
# package builder stages under DESTDIR names nothing but the place where it will be.
set -eu
install_into() { # FOLDER NAME=VALUE…
    folder=$1
    shift
    mkdir "$folder"
    make --no-print-directory -C "$ROOT" install "$@" >"$folder.said" 2>&1 || {
        cat "$folder.said"
        exit 1
    }
}
compile() { # FOLDER, with pkg-config as it is set up
    # shellcheck disable=SC2046 # lists of flags
    g++ -std=c++17 $(pkg-config --cflags psmdb-telemetry) -o "$1/with-pkg-config" \
        "$ROOT/tests/link/programs/embed.cc" $(pkg-config --libs psmdb-telemetry)
    "$1/with-pkg-config"
}
unset PKG_CONFIG_PATH MAKEFLAGS
for libdir in lib lib64 lib/x86_64-linux-gnu; do
    tree=$WORK/$(echo $libdir | tr / -)
    install_into "$tree" PREFIX="$tree" LIBDIR=$libdir
    PKG_CONFIG_LIBDIR=$tree/$libdir/pkgconfig
    export PKG_CONFIG_LIBDIR
    [ "$(pkg-config --variable=libdir psmdb-telemetry)" = "$tree/$libdir" ]
    compile "$tree"
    cmake -S "$ROOT/tests/link/cmake" -B "$tree/build" -DWANTED_VERSION= -DCMAKE_BUILD_TYPE=Release \
        -Dpsmdb-telemetry_DIR="$tree/$libdir/cmake/psmdb-telemetry"
    cmake --build "$tree/build"
    "$tree/build/program"
done

stage=$WORK/stage
install_into "$stage" DESTDIR="$stage" PREFIX=/usr LIBDIR=/usr/lib64
for file in include/psmdb_telemetry/telemetry.h lib64/libpsmdb_telemetry.a \
    share/psmdb-telemetry/valgrind.supp share/psmdb-telemetry/tsan.supp; do
    [ -f "$stage/usr/$file" ] || {
        echo "$file is not installed"
        exit 1
    }
done
for file in LICENSE THIRD-PARTY-NOTICES CHANGELOG.md embed.cc; do
    [ -s "$stage/usr/share/doc/psmdb-telemetry/$file" ] || {
        echo "$file is not installed"
        exit 1
    }
done
if grep -rlF -e "$WORK" -e "$ROOT" "$stage"; then
    echo "these name the folder in which they were staged or built"
    exit 1
fi
PKG_CONFIG_LIBDIR=$stage/usr/lib64/pkgconfig PKG_CONFIG_SYSROOT_DIR=$stage
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
compile "$stage"
