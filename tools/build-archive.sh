#!/bin/sh
# build-archive.sh FILE [CARGO-OPTION…] builds libpsmdb_telemetry.a as FILE.
#
# The same sources and tools give the same bytes, whatever the folder is called and wherever the
# crates come from. No name in it can meet another library's: what is not psmdb::telemetry is renamed.
#
# CARGO is the cargo to use, CC, CXX, CFLAGS, CXXFLAGS and RUSTFLAGS what it hands on. With
# DEBUG_LINES=1 the archive has line numbers, for the server's debug package.
set -eu
case ${1--} in -*) echo "usage: build-archive.sh FILE [CARGO-OPTION…]" >&2 && exit 2 ;; esac
output=$1
shift
case $output in
/*) ;;
*) output=$(pwd)/$output ;;
esac
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}
command -v "$cargo" >/dev/null || {
    echo "build-archive: $cargo is not found: put cargo on the PATH or its path into CARGO, or build" \
        "the server with --percona-telemetry-archive=FILE" >&2
    exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Builders of packages may have no home, or one that is not there.
if [ -z "${CARGO_HOME-}" ] && ! [ -w "${HOME-/nonexistent}" ]; then
    CARGO_HOME=$work/cargo
    export CARGO_HOME
fi

# Paths get into the archive through panic messages, asserts and debug information: here they become
# `.` and `crates`. Where several prefixes match, compilers go by the last.
separator=$(printf '\037')
rust_flags=$(printf '%s' "${RUSTFLAGS-}" | tr -s ' ' "$separator")
c_flags=
rename() {
    rust_flags=$rust_flags${rust_flags:+$separator}--remap-path-prefix=$1=$2
    # shellcheck disable=SC2089 # CC_SHELL_ESCAPED_FLAGS: the quotes are for cargo's cc
    c_flags="$c_flags '-ffile-prefix-map=$1=$2'"
}
# All of Rust's functions get names that begin with _R: packaging/suppressions/tsan.supp goes by that.
rust_flags=$rust_flags${rust_flags:+$separator}-Csymbol-mangling-version=v0
rename "$(pwd)" .
rename "$(pwd)/vendor" crates
# The first download of crates makes their folder, whose name only cargo knows: not as late as in the
# build. These crates are those that every build needs.
"$cargo" tree --locked --no-default-features --edges normal,build >/dev/null
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    rename "$registry" crates
done

CARGO_ENCODED_RUSTFLAGS=$rust_flags
CC_SHELL_ESCAPED_FLAGS=1
CFLAGS="${CFLAGS-}$c_flags"
CXXFLAGS="${CXXFLAGS-}$c_flags"
# shellcheck disable=SC2090 # as above
export CARGO_ENCODED_RUSTFLAGS CC_SHELL_ESCAPED_FLAGS CFLAGS CXXFLAGS

strip=--strip-debug
if [ "${DEBUG_LINES-0}" = 1 ]; then
    CARGO_PROFILE_RELEASE_DEBUG=line-tables-only
    CARGO_PROFILE_RELEASE_STRIP=none
    export CARGO_PROFILE_RELEASE_DEBUG CARGO_PROFILE_RELEASE_STRIP
    strip=
fi

# The crate is also an rlib, for the tests. Built as both at once it would get no link-time
# optimization, and LLVM's bitcode of everything into the archive.
"$cargo" rustc --release --locked --lib --crate-type staticlib "$@" \
    --message-format json-render-diagnostics >"$work/messages"
built=$(sed -n 's/.*"filenames":\["\([^"]*libpsmdb_telemetry\.a\)"\].*/\1/p' "$work/messages" | tail -n 1)

# Rust's compiler support defines floor, fma and the like, and a program would take them in place of
# the C library's. Rust's and cxx's own names are those of every other library made with them. Weak
# symbols with mangled names are templates and inline functions: these are meant to be shared.
LC_ALL=C readelf -sW "$built" 2>"$work/said" | awk '
    $5 ~ /^(GLOBAL|WEAK)$/ && $7 != "UND" && NF == 8 &&
        $8 !~ /^(_ZNK?5psmdb9telemetry|psmdb\$telemetry\$|DW\.ref\.)/ &&
        ($5 == "GLOBAL" || $8 !~ /^_Z/) { print $8, "psmdb$telemetry$" $8 }' |
    sort -u >"$work/names"
mkdir -p "$(dirname "$output")"
objcopy --enable-deterministic-archives --redefine-syms="$work/names" ${strip:+"$strip"} \
    --remove-section=.llvm_addrsig "$built" "$work/archive"
cmp -s "$work/archive" "$output" || mv "$work/archive" "$output"
