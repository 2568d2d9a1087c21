# The opt-out at install time: functions for maintainer scripts, Debian's and Red Hat's alike.
#
# A packager puts this text into every script that calls one of them; README.md says how. It is
# safe under set -e, set -u and any umask, and changes no variable, option or directory of the
# script around it. No percent sign stands in it: rpm would take it for a macro. No early end of
# the script either: builders that add call-home.sh remove such lines from the whole script.

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

# Whether the package that is replaced ran call-home.sh, as its scripts $1 tell, and no report of it
# is recorded below the root $2. Its opt-out left nothing else that could be found.
percona_telemetry_never_called_home() {
    case "$1" in
    *percona_telemetry_*) return 1 ;; # it had this library
    *CALLHOME* | *call-home*) ;;
    *) return 1 ;;
    esac
    ! grep -q '^[[:blank:]]*PRODUCT_FAMILY_PSMDB[[:blank:]]*:' "$2/usr/local/percona/telemetry_uuid"
}

# percona_telemetry_remember_opt_out PACKAGE ROOT [SCRIPTS]
# If the process's environment or /etc/environment opts out, or the replaced package, whose scripts
# are SCRIPTS, never reported: leaves the file that keeps telemetry off for every server of this
# host. A choice that is there already stays as it is, and no script removes it: it is the host's,
# and outlives the package.
percona_telemetry_remember_opt_out() (
    set +e
    LC_ALL=C
    export LC_ALL
    folder=$2/etc/percona
    file=$folder/telemetry-disable
    variable=${PERCONA_TELEMETRY_DISABLE-}
    here=host
    [ -d "$2/run/systemd/system" ] || here='host or image'
    # Percona's images set this variable. Their switch is the environment of each container.
    [ "$here" = host ] || [ -z "${FULL_PERCONA_VERSION-}" ] || here=container

    reason=
    if percona_telemetry_opts_out "$(percona_telemetry_in_etc_environment "$2" 2>/dev/null)"; then
        reason='was installed with PERCONA_TELEMETRY_DISABLE.'
    elif percona_telemetry_opts_out "$variable" && [ "$here" = container ]; then
        echo "$1: PERCONA_TELEMETRY_DISABLE is not remembered in an image of Percona's." \
            "It switches telemetry off where a container is started with it: docker run -e." >&2
    elif percona_telemetry_opts_out "$variable"; then
        reason='was installed with PERCONA_TELEMETRY_DISABLE.'
    elif [ -z "$variable" ] && [ "$here" != container ] &&
        percona_telemetry_never_called_home "${3-}" "$2" 2>/dev/null; then
        reason='had not reported before its upgrade, as after an opt-out or without a network.'
    fi

    if [ -n "$reason" ] && [ ! -e "$file" ] && [ ! -L "$file" ]; then
        umask 022
        set -C # the file is made new or not at all: no link is followed
        if [ ! -L "$folder" ] && { [ -d "$folder" ] || mkdir "$folder"; }; then
            echo "Telemetry is off on this host: the package $1 $reason No package removes this" \
                "file. To switch telemetry on, remove it and restart mongod." >"$file"
        fi 2>/dev/null
        # An empty file, on a full disk, counts as well.
        if [ ! -f "$file" ]; then
            echo "$1: telemetry is not off: $file cannot be made. Make this file by hand." >&2
        elif [ "$here" != host ]; then
            echo "$1: telemetry is off by $file. If this is the build of an image, it is off in" \
                "each of its containers, whatever docker run says." >&2
        elif [ "${reason#had}" != "$reason" ]; then
            echo "$1: telemetry stays off by $file, which says why." >&2
        fi
    fi
    :
)
