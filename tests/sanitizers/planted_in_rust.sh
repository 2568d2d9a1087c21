#!/bin/sh
# planted_in_rust.sh FLAG…: a use after free that is planted in a copy of src/ is found, in a program of
# tests/cpp that calls it. So the sanitizer is in the library's own Rust code, and reports reach a C++ program.
set -eu
cd "$(dirname "$0")/../.."
root=$(pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM
for entry in Cargo.toml Cargo.lock benches build.rs cpp docs examples include src tests tools; do
    cp -r "$entry" "$copy/$entry"
done
mkdir "$copy/build"
ln -s "$root/build/sanitized" "$copy/build/sanitized"
# The name of a parameter is freed before it is looked for.
perl -0 -pi -e 's/(pub fn get\(&self, name: &str\) -> Result<String, ParameterError> \{\n)/$1        let freed = name.to_owned();\n        let kept = freed.as_ptr();\n        drop(std::hint::black_box(freed));\n        assert!(unsafe { std::hint::black_box(kept).read() } != 1);\n/' \
    "$copy/src/telemetry.rs"
if cmp -s src/telemetry.rs "$copy/src/telemetry.rs"; then
    echo "NOT PLANTED: nothing is changed in src/telemetry.rs" >&2
    exit 1
fi
"$copy/tests/sanitizers/rust-archive.sh" "$copy/faulty.a" --no-default-features
"${CXX:-g++}" -std=c++17 "$@" -pthread -Iinclude -Itests/cpp -o "$copy/program" tests/cpp/host_client.cc \
    build/sanitized/address/telemetry.o build/sanitized/address/ffi.rs.o "$copy/faulty.a" -ldl -lm
if tests/sanitizers/at-fixed-addresses.sh "$copy/program" >"$copy/said" 2>&1; then
    echo "NOT FOUND: a use after free in src/telemetry.rs" >&2
    exit 1
fi
if ! grep -q 'heap-use-after-free' "$copy/said" || ! grep -q 'telemetry.rs' "$copy/said"; then
    sed -n '1,40p' "$copy/said" >&2
    echo "NOT FOUND for what it is: a use after free in src/telemetry.rs" >&2
    exit 1
fi
echo "ok found in Rust: $(grep -m 1 -o 'heap-use-after-free' "$copy/said"), $(grep -m 1 -o '[^ /]*telemetry.rs:[0-9]*' "$copy/said")"
