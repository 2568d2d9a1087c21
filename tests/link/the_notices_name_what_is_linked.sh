#!/bin/sh
# Each crate that a symbol of the archive names is in THIRD-PARTY-NOTICES, with its licence, or is a
# part of the Rust standard library; what only builds or tests the library is not there.
set -eu
cd "$WORK"
notices=$DIST/share/doc/psmdb-telemetry/THIRD-PARTY-NOTICES
# In Rust's names for symbols a crate is C, perhaps s and a number, and its name behind its length.
LC_ALL=C nm "$ARCHIVE" 2>/dev/null | grep -oE 'C(s[0-9A-Za-z]*_)?[0-9]+[a-z][a-z0-9_]*' |
    sed 's/^Cs[0-9A-Za-z]*_/C/; s/^C//' |
    awk '{ length_ = $0 + 0; name = $0; sub(/^[0-9]+_?/, "", name); print substr(name, 1, length_) }' |
    sort -u >linked
for crate in rustls ureq cxx core psmdb_telemetry; do
    grep -qx $crate linked || {
        echo "the search does not find $crate, which is linked"
        exit 1
    }
done
# (rustls-webpki calls itself webpki.)
sed -n '/^=/q; s/^\([A-Za-z0-9_-]*\) [0-9.]*: ..*/\1/p' "$notices" | tr - _ |
    sed 's/^rustls_webpki$/webpki/' | sort >named
# Of the standard library: in its sources, and the crates that it is made of.
standard='core alloc std compiler_builtins panic_unwind unwind std_detect rustc_std_workspace_.* gimli addr2line object miniz_oxide adler2 rustc_demangle hashbrown'
echo "$standard psmdb_telemetry" | tr ' ' '\n' >others
if grep -vxf named linked | grep -vxEf others >missing && [ -s missing ]; then
    echo "linked, and not in THIRD-PARTY-NOTICES:"
    cat missing
    exit 1
fi
for crate in syn cc cxx_build tempfile rcgen; do
    if grep -qx $crate named; then
        echo "$crate is in THIRD-PARTY-NOTICES, and not linked"
        exit 1
    fi
done
for text in 'Apache License' 'Permission is hereby granted' 'Redistribution and use' 'Brian Smith' \
    'the Rust standard library of rustc'; do
    grep -q "$text" "$notices" || {
        echo "THIRD-PARTY-NOTICES lacks: $text"
        exit 1
    }
done
echo "note: $(wc -l <named) crates, $(wc -c <"$notices") bytes"
