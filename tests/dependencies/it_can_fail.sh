#!/bin/sh
# it_can_fail.sh CARGO-DENY: advisories.sh fails on a list that is old, and on an advisory against a locked
# crate; it says when there is no list, and passes on a list without an advisory against ours.
set -eu
cd "$(dirname "$0")/../.."
cargo_deny=$(realpath "$1")
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
trap 'exit 130' INT TERM

# Everything but the list.
for entry in "${CARGO_HOME:-$HOME/.cargo}"/*; do
    if [ "${entry##*/}" != advisory-dbs ]; then
        ln -s "$entry" "$home/"
    fi
done

# The name is cargo-deny's, for the repository of RustSec.
list=$home/advisory-dbs/advisory-db-3157b0e258782691

make_list() { # DATE CRATE
    rm -rf "$home/advisory-dbs"
    mkdir -p "$list/crates/$2"
    cat >"$list/crates/$2/RUSTSEC-2020-9999.md" <<EOF
\`\`\`toml
[advisory]
id = "RUSTSEC-2020-9999"
package = "$2"
date = "2020-01-01"

[versions]
patched = []
\`\`\`

# For a test
Nothing is wrong with it.
EOF
    git -C "$list" init --quiet
    git -C "$list" add .
    GIT_COMMITTER_DATE=$1 GIT_AUTHOR_DATE=$1 git -C "$list" -c user.name=test -c user.email=test@localhost \
        commit --quiet --message 'A list'
    git -C "$list" fetch --quiet .
}
expect() { # STATUS WORDS WHAT
    status=0
    CARGO_HOME=$home tests/dependencies/advisories.sh "$cargo_deny" >"$home/said" 2>&1 || status=$?
    if [ "$status" != "$1" ] || ! grep -q -- "$2" "$home/said"; then
        echo "FAILED: $3: status $status" >&2
        cat "$home/said" >&2
        exit 1
    fi
}

today=$(date -u +%FT%TZ)
expect 0 '^SKIPPED: no advisory is checked' "no list"
make_list 2020-01-01T00:00:00Z no-such-crate
expect 1 'the list of advisories is of 2020-01-01' "an old list"
make_list "$today" no-such-crate
expect 0 "advisories ok" "a list without an advisory against our crates"
make_list "$today" uuid
expect 1 RUSTSEC-2020-9999 "an advisory against one of our crates"
echo "ok an old list and an advisory are reported"
