#!/bin/sh
# pkg-config and CMake need to be told one folder: that to which dist/ was moved, or where `make
# install` put it, in lib, lib64 or a multiarch folder. They know the version, and CMake refuses
# another. What a package builder stages under DESTDIR names nothing but the place where it will be.
set -eu
cd "$WORK"
unset PKG_CONFIG_PATH MAKEFLAGS
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml")

pkg_config_finds() { # LIBDIR
    export PKG_CONFIG_LIBDIR="$1/pkgconfig"
    pkg-config --print-errors --exact-version="$version" psmdb-telemetry
    # shellcheck disable=SC2046 # lists of flags
    g++ -std=c++17 -Wall -Wextra -Werror -I"$ROOT/tests/cpp" $(pkg-config --cflags psmdb-telemetry) -o program \
        "$ROOT/tests/link/programs/embed.cc" $(pkg-config --libs psmdb-telemetry)
    ./program
}
configured() { # VERSION CMAKE-OPTION
    rm -rf build
    cmake -S "$ROOT/tests/link/cmake" -B build -DWANTED_VERSION="$1" -DCMAKE_BUILD_TYPE=Release "$2"
}
cmake_finds() { # CMAKE-OPTION
    configured "$version" "$1"
    cmake --build build
    build/program
}
install_into() { # FOLDER NAME=VALUE…
    mkdir "$1" && shift
    make --no-print-directory -C "$ROOT" install "$@" >said 2>&1 || {
        cat said
        exit 1
    }
}

cp -r "$DIST" moved
pkg_config_finds "$WORK/moved/lib"
cmake_finds -DCMAKE_PREFIX_PATH="$WORK/moved"
for wrong in 99.0 0.0.1; do
    if configured $wrong -DCMAKE_PREFIX_PATH="$WORK/moved" >said 2>&1; then
        echo "version $wrong is accepted"
        exit 1
    fi
done

for libdir in lib lib64 lib/x86_64-linux-gnu; do
    tree=$WORK/installed-$(basename $libdir)
    install_into "$tree" PREFIX="$tree" LIBDIR=$libdir
    pkg_config_finds "$tree/$libdir"
    [ "$(pkg-config --variable=libdir psmdb-telemetry)" = "$tree/$libdir" ]
    cmake_finds -Dpsmdb-telemetry_DIR="$tree/$libdir/cmake/psmdb-telemetry"
done

for wrong in PREFIX=relative PREFIX= LIBDIR= "PREFIX=$WORK/two words"; do
    if make --no-print-directory -C "$ROOT" install DESTDIR="$WORK/nowhere" "$wrong" >said 2>&1 ||
        ! grep -q 'PREFIX is .* has to be an absolute folder' said || [ -e nowhere ]; then
        echo "make install $wrong:"
        cat said
        exit 1
    fi
done

stage=$WORK/stage
install_into "$stage" DESTDIR="$stage" PREFIX=/usr LIBDIR=/usr/lib64
for file in include/psmdb_telemetry/telemetry.h lib64/libpsmdb_telemetry.a \
    share/psmdb-telemetry/valgrind.supp share/psmdb-telemetry/tsan.supp \
    share/doc/psmdb-telemetry/LICENSE share/doc/psmdb-telemetry/THIRD-PARTY-NOTICES \
    share/doc/psmdb-telemetry/CHANGELOG.md share/doc/psmdb-telemetry/embed.cc; do
    [ -s "$stage/usr/$file" ] || {
        echo "$file is not installed"
        exit 1
    }
done
if grep -rlF -e "$WORK" -e "$ROOT" "$stage"; then
    echo "these name the folder in which they were staged or built"
    exit 1
fi
export PKG_CONFIG_SYSROOT_DIR="$stage"
pkg_config_finds "$stage/usr/lib64"
