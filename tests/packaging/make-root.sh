#!/bin/sh
# make-root.sh FOLDER: makes the throw-away system that packages are installed into: a Debian of
# this machine's release, with sudo and with Red Hat's rpm and dnf. Takes about a minute, once.
set -eu
root=$1
stamp=$root.made-by
if cmp -s "$0" "$stamp" && [ -d "$root" ]; then
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    echo "no throw-away system is made: that takes root. Tests with real packages are left out." >&2
    exit 0
fi

# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
packages=dnf,libbson-1.0-0,libpam-modules,libstdc++6,rpm,sudo
echo "making a throw-away system with the Debian packages $packages"
rm -rf "$root" "$stamp"
mkdir -p "$(dirname "$root")"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! mmdebstrap --variant=apt --include="$packages" "$release" "$root" >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
cp "$0" "$stamp"
