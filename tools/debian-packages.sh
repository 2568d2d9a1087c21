#!/bin/sh
# Installs the Debian packages named as arguments, those that are missing, and prints which.
# Nothing is asked of the network when all are there.
set -eu

if ! command -v dpkg-query >/dev/null; then
    echo "this is no Debian: what is in these packages of Debian has to be there already: $*" >&2
    exit 0
fi

# One at a time: apt gives up where another holds its lists. dpkg's folder is a file that can be locked
# and that all who run this have in common.
exec 9</var/lib/dpkg
flock 9

missing=
for package in "$@"; do
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
        missing="$missing $package"
    fi
done
if [ -z "$missing" ]; then
    exit 0
fi

as_root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "these Debian packages are missing, and installing them takes root:$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "installing Debian packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # a list of words
if ! { $as_root apt-get update &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 $missing; } \
    >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
