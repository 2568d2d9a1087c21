# The opt-out at install time: functions for maintainer scripts, Debian's and Red Hat's alike.
#
# A packager puts this text into every script that calls one of them; README.md says how. It is
# safe under set -e, set -u and any umask, and changes no variable, option or directory of the
# script around it. No percent sign stands in it: rpm would take it for a macro.

# Whether a value of PERCONA_TELEMETRY_DISABLE opts out. Every value does but these, the same as
# in the library's src/consent.rs.
percona_telemetry_opts_out() {
    case "$1" in
    '' | 0 | [Ff][Aa][Ll][Ss][Ee] | [Nn][Oo] | [Oo][Ff][Ff]) return 1 ;;
    *) return 0 ;;
    esac
}

# What /etc/environment below the root $1 says: the value in the last line that names the
# variable. Read as pam_env(8) reads it, never evaluated.
percona_telemetry_in_etc_environment() {
    [ -f "$1/etc/environment" ] || return 0
    sed -n '
        s/^[[:blank:]]*//
        s/^export //
        s/#.*//
        s/^PERCONA_TELEMETRY_DISABLE$/&=/
        /^PERCONA_TELEMETRY_DISABLE=/!d
        s/^[^=]*=//
        /^["'\'']/ {
            s/.//
            s/["'\'']$//
        }
        p
    ' "$1/etc/environment" | tail -n 1
}

# percona_telemetry_remember_opt_out PACKAGE ROOT
# If the process's environment or /etc/environment opts out: leaves the file that keeps telemetry
# off for every server of this host. A choice that is there already stays as it is, and no script
# removes it: it is the host's, and outlives the package.
percona_telemetry_remember_opt_out() (
    set +e
    LC_ALL=C
    export LC_ALL
    folder=$2/etc/percona
    file=$folder/telemetry-disable

    percona_telemetry_opts_out "${PERCONA_TELEMETRY_DISABLE-}" ||
        percona_telemetry_opts_out "$(percona_telemetry_in_etc_environment "$2" 2>/dev/null)" ||
        exit 0
    if [ -e "$file" ] || [ -L "$file" ]; then
        exit 0
    fi
    umask 022
    set -C # the file is made new or not at all: no link is followed
    if [ ! -L "$folder" ] && { [ -d "$folder" ] || mkdir "$folder"; }; then
        echo "Telemetry is off on this host: the package $1 was installed with" \
            "PERCONA_TELEMETRY_DISABLE. No package removes this file." \
            "To switch telemetry on, remove it and restart mongod." >"$file"
    fi 2>/dev/null
    # An empty file, on a full disk, counts as well.
    [ -f "$file" ] ||
        echo "$1: PERCONA_TELEMETRY_DISABLE is set, but $file cannot be made." \
            "Telemetry is not off; make this file by hand." >&2
    exit 0
)
