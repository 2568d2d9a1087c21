"""Which versions of glibc and libstdc++ an archive asks for, and what docs/integration.md says."""

import os
import re
import subprocess
from pathlib import Path

from support.places import REPOSITORY

LIBRARIES = ("GLIBC", "GLIBCXX", "CXXABI")


def asked_for(archive: Path, program: Path) -> list[str]:
    """The newest version of each library among the symbols that the archive leaves undefined, as
    the linker has bound them in a program that has the archive in it."""
    undefined = {
        words[7]
        for line in _symbols("--symbols", archive)
        if len(words := line.split()) == 8 and words[6] == "UND"
    }
    newest: dict[str, list[int]] = {}
    for line in _symbols("--dyn-syms", program):
        found = re.search(r" UND (\S+?)@(GLIBC|GLIBCXX|CXXABI)_([0-9.]+)\b", line)
        if found and found[1] in undefined:
            version = [int(number) for number in found[3].split(".")]
            newest[found[2]] = max(newest.get(found[2], []), version)
    return [".".join(map(str, newest[library])) for library in LIBRARIES]


def documented(title: str) -> list[str]:
    """What the table's row for this system says; nothing if there is none."""
    text = (REPOSITORY / "docs/integration.md").read_text()
    table = re.search(r"^\| built on .*?(?=\n\n)", text, re.DOTALL | re.MULTILINE)
    assert table, "the table is missing"
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table[0].splitlines()]
    return next((row[-len(LIBRARIES) :] for row in rows if row[0] == title), [])


def _symbols(which: str, file: Path) -> list[str]:
    command = ["readelf", "--wide", which, file]
    environment = {**os.environ, "LC_ALL": "C"}
    read = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return read.stdout.splitlines()
