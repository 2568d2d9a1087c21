#!/bin/sh
# make-root.sh FOLDER RELEASE ARCHITECTURE PACKAGE…: makes a throw-away Debian with these packages and
# what they need. RELEASE may be `this`: the machine's own. Takes about a minute, once; for another
# architecture, which is emulated, about ten.
set -eu
root=$1
stamp=$root.made-by
shift
if { echo "$@" && cat "$0"; } | cmp -s - "$stamp" && [ -d "$root" ]; then
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    echo "no throw-away system is made: that takes root. Tests with real packages are left out." >&2
    exit 0
fi

made_of=$*
release=$1
architecture=$2
shift 2
if [ "$release" = this ]; then
    # shellcheck source=/dev/null
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
fi
if [ "$architecture" != "$(dpkg --print-architecture)" ]; then
    tools/debian-packages.sh arch-test binfmt-support qemu-user-static
    [ -e /proc/sys/fs/binfmt_misc/register ] || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
    arch-test "$architecture" >/dev/null || update-binfmts --enable
fi

# Of the security archive of a release that is out of support, files may be gone that its index has.
source=
if [ "$release" = bullseye ]; then
    source="deb http://deb.debian.org/debian $release main"
fi

echo "making a throw-away system: $release, $architecture, with the Debian packages $*"
rm -rf "$root" "$stamp"
mkdir -p "$(dirname "$root")"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! mmdebstrap --variant=apt --architectures="$architecture" --include="$*" "$release" "$root" \
    ${source:+"$source"} >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
{ echo "$made_of" && cat "$0"; } >"$stamp"
