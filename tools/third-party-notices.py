#!/usr/bin/env python3
"""third-party-notices.py FOLDER writes the notices of what is linked into the archive.

FOLDER/THIRD-PARTY-NOTICES has the licence files of each crate, each text once, and
FOLDER/rust-standard-library.html what the compiler brings for the Rust standard library.
Crates that only build or test the library are not linked, and not in it.
"""

import json
import pathlib
import shutil
import subprocess
import sys

LICENCE_FILES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")
TARGETS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu")
OURS = "psmdb-telemetry"


def output(*command: str) -> str:
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def linked_crates() -> list[str]:
    """Name and version of each, for all features."""
    crates = set()
    for target in TARGETS:
        crates |= set(
            output(
                "cargo", "tree", "--locked", "--all-features", "--edges", "normal,no-proc-macro",
                "--target", target, "--prefix", "none", "--no-dedupe", "--format", "{p}",
            ).splitlines()
        )
    names = sorted({" ".join(crate.split()[:2]).replace(" v", " ") for crate in crates if crate})
    return [name for name in names if name.split()[0] != OURS]


def packages_for(target: str) -> list[dict]:
    return json.loads(
        output("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target)
    )["packages"]


def licence_texts(crate: str, folder: pathlib.Path) -> list[str]:
    files = sorted(
        file for file in folder.iterdir()
        if file.is_file() and file.name.upper().startswith(LICENCE_FILES)
    )
    if not files:
        sys.exit(f"third-party-notices: {crate} has no licence file in {folder}")
    return [file.read_text(encoding="utf-8").strip() for file in files]


def main(folder: pathlib.Path) -> None:
    packages = {f"{p['name']} {p['version']}": p for t in TARGETS for p in packages_for(t)}
    crates = linked_crates()
    crates_of_text: dict[str, list[str]] = {}
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


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
