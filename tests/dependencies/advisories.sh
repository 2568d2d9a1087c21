#!/bin/sh
# advisories.sh CARGO-DENY: whether an advisory is out against a locked crate. Only a list of them can tell, and
# only one that is not much older than the lock file: cargo-deny takes any. Where there is none, this says so.
set -eu
cd "$(dirname "$0")/../.."
cargo_deny=$1
list=$(find "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs" -mindepth 1 -maxdepth 1 -name 'advisory-db-*' -type d \
    2>/dev/null || true)

date_of() { # REPOSITORY [FILE]: of its last commit
    git -C "$@" 2>/dev/null || true
}

if [ -z "$list" ]; then
    echo "SKIPPED: no advisory is checked, there is no list of them here; where the network allows it," \
        "$cargo_deny fetch gets it"
    exit 0
fi
# A source archive has no commits.
locked=$(date_of . log -1 --format=%ct -- Cargo.lock)
locked=${locked:-$(stat -c %Y Cargo.lock)}
newest=0
for repository in $list; do
    listed=$(date_of "$repository" log -1 --format=%ct)
    if [ "${listed:-0}" -gt "$newest" ]; then newest=$listed; fi
done
echo "the list of advisories is of $(date -u -d "@$newest" +%F), Cargo.lock of $(date -u -d "@$locked" +%F)"
if [ $((locked - newest)) -gt $((365 * 24 * 60 * 60)) ]; then
    echo "FAILED: the list of advisories is more than a year older than Cargo.lock, and knows nothing of what" \
        "was found since; $cargo_deny fetch gets a new one" >&2
    exit 1
fi
"$cargo_deny" --offline --locked check advisories
