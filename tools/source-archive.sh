#!/bin/sh
# Makes dist/psmdb-telemetry-<version>.tar.gz: the sources and all crates, for builds without a
# network. The same commit gives the same bytes.
#
# A crate that only other operating systems use is there as a name without contents: cargo wants to
# see it, nothing compiles it, and it would make the archive ten times as large. The fuzz targets
# and the model checker stay out: they have crates of their own.
set -eu
cd "$(dirname "$0")/.."

[ -e .git ] || { echo "source-archive: $PWD is no git checkout: it takes the files that git lists" >&2 && exit 1; }
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)
name=psmdb-telemetry-$version
if [ -n "$(git status --porcelain)" ]; then
    echo "source-archive: the tree has changes that are not committed; they go in" >&2
fi
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
source=$stage/$name
mkdir "$source"

# A file that is deleted, but not yet committed as such, is still listed.
git ls-files --cached --others --exclude-standard -- ':!fuzz' ':!tests/fuzz' \
    ':!tests/interleavings/rules.mk' ':!tests/interleavings/Cargo.*' | sort -u | while IFS= read -r file; do
    if [ -e "$file" ]; then echo "$file"; fi
done >"$stage/files"
tar -c --no-recursion -f - -T "$stage/files" | tar -x -f - -C "$source"

cd "$source"
mkdir -p .cargo
{
    echo
    echo "# All crates are in the folder vendor; the network is not asked."
    cargo vendor --locked --versioned-dirs vendor 2>"$stage/said" || {
        cat "$stage/said" >&2
        exit 1
    }
} >>.cargo/config.toml

cargo tree --locked --offline --all-features --edges normal,build,dev --prefix none --format '{p}' \
    --target x86_64-unknown-linux-gnu --target aarch64-unknown-linux-gnu | sed -n 's/^\([^ ]*\) v\([^ ]*\).*/\1-\2/p' | sort -u >"$stage/used"
for crate in vendor/*; do
    if grep -qxF "${crate#vendor/}" "$stage/used"; then
        continue
    fi
    checksum=$(sed -n 's/.*"package":"\([0-9a-f]*\)".*/\1/p' "$crate/.cargo-checksum.json")
    find "$crate" -mindepth 1 -maxdepth 1 ! -name Cargo.toml -exec rm -rf {} +
    mkdir "$crate/src"
    : >"$crate/src/lib.rs"
    echo "{\"files\":{},\"package\":\"$checksum\"}" >"$crate/.cargo-checksum.json"
done

cd "$OLDPWD"
mkdir -p dist
rm -f dist/psmdb-telemetry-*.tar.gz
tar -c -f - -C "$stage" --format=gnu --sort=name --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX --mtime="@$(git log -1 --format=%ct)" "$name" | gzip -n >"$stage/archive"
mv "$stage/archive" "dist/$name.tar.gz"
echo "dist/$name.tar.gz: $(wc -c <"dist/$name.tar.gz") bytes," \
    "$(wc -l <"$stage/used") crates, $(find "$source/vendor" -type f | wc -l) files of theirs"
