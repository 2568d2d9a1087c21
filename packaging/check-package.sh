#!/bin/sh
# check-package.sh FILE… looks into finished packages of the server (.deb, .rpm) and plain tarballs
# (.tar.gz), for release tests. Fails if one is not as README.md says, and says how.
set -eu
: "${1:?usage: check-package.sh FILE…}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

found() {
    echo "$name: $1" >&2
    status=1
}

# Both maintainer scripts have the functions and call them, still are scripts, and run no call-home.sh
# beside them.
check_script() { # FILE NAME
    if ! grep -q '^percona_telemetry_remember_opt_out()' "$1" ||
        ! grep -q '^ *percona_telemetry_remember_opt_out ' "$1"; then
        found "$2 does not remember an opt-out: a fragment is missing"
    fi
    if ! bash -n "$1" 2>"$work/said"; then
        found "$2 has a syntax error: $(cat "$work/said")"
    fi
    if grep -q -e "<<'*CALLHOME" -e 'call-home\.sh .*-f' "$1"; then
        found "$2 runs call-home.sh as well: each installation would report twice"
    fi
}

check_files() { # FOLDER
    if ! grep -q PsmdbTelemetry "$1/usr/bin/mongod" 2>/dev/null; then
        found "/usr/bin/mongod is missing or has no telemetry: the fragments go into mongod's package"
    fi
    for document in THIRD-PARTY-NOTICES psmdb-telemetry.cdx.json; do
        if [ -z "$(find "$1/usr/share" -path "*/telemetry/$document*" 2>/dev/null)" ]; then
            found "the library's $document is missing: it goes to /usr/share/doc/PACKAGE/telemetry"
        fi
    done
    if [ -e "$1/etc/percona/telemetry-disable" ]; then
        found "it carries /etc/percona/telemetry-disable, which is the host's"
    fi
}

for file in "$@"; do
    name=${file##*/}
    folder=$work/files
    rm -rf "$folder" "$work/scripts"
    mkdir "$folder" "$work/scripts"
    case $name in
    *.deb)
        dpkg-deb -x "$file" "$folder"
        dpkg-deb -e "$file" "$work/scripts"
        touch "$work/scripts/preinst" "$work/scripts/postinst"
        check_files "$folder"
        check_script "$work/scripts/preinst" preinst
        check_script "$work/scripts/postinst" postinst
        ;;
    *.rpm)
        rpm2cpio "$file" | (cd "$folder" && cpio --quiet -idm)
        check_files "$folder"
        for tag in PREIN POSTIN; do
            rpm -qp --nosignature --queryformat "%{$tag}\n" "$file" >"$work/scripts/$tag"
            check_script "$work/scripts/$tag" "the scriptlet $tag"
        done
        ;;
    *.tar.gz)
        tar -xzf "$file" -C "$folder"
        if grep -rq PsmdbTelemetry "$folder"; then
            found "a plain tarball carries telemetry; only packages and images may"
        fi
        ;;
    *) found "is neither a .deb, a .rpm nor a .tar.gz" ;;
    esac
done
exit "$status"
