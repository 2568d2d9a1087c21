#!/usr/bin/env python3
"""third-party-notices.py FOLDER [CARGO-OPTION…] writes the notices of what is linked into the archive
that tools/build-archive.sh makes with the same options.

FOLDER/THIRD-PARTY-NOTICES has the licence files of each crate, each text once,
FOLDER/rust-standard-library.html what the compiler brings for the Rust standard library, and
FOLDER/psmdb-telemetry.cdx.json is the same list for programs, a bill of materials in CycloneDX.
Crates that only build or test the library are not linked, and in none of them.

For the builders' Python, 3.6 and later.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

LICENCE_FILES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")
TARGETS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu")
OURS = "psmdb-telemetry"
CARGO = os.environ.get("CARGO", "cargo")


def output(*command: str) -> str:
    return subprocess.run(
        command, check=True, universal_newlines=True, stdout=subprocess.PIPE
    ).stdout


def for_each_target(option: str) -> list:
    return [word for target in TARGETS for word in (option, target)]


def linked_crates(options: list) -> list:
    """Name and version of each."""
    listed = output(
        CARGO, "tree", "--locked", *options, *for_each_target("--target"),
        "--edges", "normal,no-proc-macro", "--prefix", "none", "--no-dedupe", "--format", "{p}",
    )
    names = re.findall(r"^(\S+) v(\S+)", listed, re.MULTILINE)
    return sorted({f"{name} {version}" for name, version in names if name != OURS})


def licence_texts(crate: str, folder: pathlib.Path) -> list:
    files = sorted(
        file for file in folder.iterdir()
        if file.is_file() and file.name.upper().startswith(LICENCE_FILES)
    )
    if not files:
        sys.exit(f"third-party-notices: {crate} has no licence file in {folder}")
    return [file.read_text(encoding="utf-8").strip() for file in files]


def bill_of_materials(packages: dict, crates: list, rust: str) -> dict:
    locked = re.findall(
        r'name = "(.*)"\nversion = "(.*)"\nsource = ".*"\nchecksum = "(.*)"',
        pathlib.Path("Cargo.lock").read_text(encoding="utf-8"),
    )
    checksums = {f"{name} {version}": checksum for name, version, checksum in locked}

    def component(crate: str) -> dict:
        name, version = crate.split()
        made = {"type": "library", "name": name, "version": version}
        # A slash is how older manifests say OR.
        licence = packages[crate]["license"].replace("/", " OR ")
        made["licenses"] = [{"expression": licence}]
        if crate in checksums:
            made["hashes"] = [{"alg": "SHA-256", "content": checksums[crate]}]
            made["purl"] = made["bom-ref"] = f"pkg:cargo/{name}@{version}"
        return made

    [ours] = [crate for crate in packages if crate.split()[0] == OURS]
    standard_library = {
        "type": "library", "name": "rust-standard-library", "version": rust,
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(ours)},
        "components": [component(crate) for crate in crates] + [standard_library],
    }


def main(folder: pathlib.Path, options: list) -> None:
    folder = folder.absolute()
    os.chdir(str(pathlib.Path(__file__).resolve().parent.parent))
    command = [CARGO, "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(output(*command, *for_each_target("--filter-platform")))
    packages = {f"{p['name']} {p['version']}": p for p in metadata["packages"]}
    crates = linked_crates(options)
    crates_of_text = {}
    for crate in crates:
        manifest = pathlib.Path(packages[crate]["manifest_path"])
        for text in licence_texts(crate, manifest.parent):
            crates_of_text.setdefault(text, []).append(crate)

    folder.mkdir(parents=True, exist_ok=True)
    rustc = output("rustc", "--version").strip()
    notices = pathlib.Path(
        output("rustc", "--print", "sysroot").strip(), "share/doc/rust/COPYRIGHT-library.html"
    )
    if notices.exists():
        shutil.copyfile(notices, folder / "rust-standard-library.html")
        where = "rust-standard-library.html, beside this file"
    else:
        where = "see the copyright file of the compiler's package"
    lines = ["What is linked into libpsmdb_telemetry.a beside its own code, and the notices of each.", ""]
    lines += [f"{crate}: {packages[crate]['license']}" for crate in crates]
    lines += [f"the Rust standard library of {rustc}: MIT OR Apache-2.0 and others; {where}"]
    for text, names in crates_of_text.items():
        lines += ["", "=" * 80, "Of " + ", ".join(names) + ":", "", text]
    (folder / "THIRD-PARTY-NOTICES").write_text("\n".join(lines) + "\n", encoding="utf-8")
    bill = bill_of_materials(packages, crates, rustc.split()[1])
    (folder / "psmdb-telemetry.cdx.json").write_text(json.dumps(bill, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: third-party-notices.py FOLDER [CARGO-OPTION…]")
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
