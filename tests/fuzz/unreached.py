#!/usr/bin/env python3
"""unreached.py LCOV EXPLANATIONS prints for each file of src/ how many lines were reached, and which were not. A
line that was not reached needs its file in the table of the explanations."""

import re
import sys
from pathlib import Path


def main():
    lcov, explanations = (Path(path) for path in sys.argv[1:])
    explained = set(re.findall(r"^\| `(src/\S+)` \|", explanations.read_text(), re.MULTILINE))
    root = Path.cwd()
    found, reached, unexplained = 0, 0, []
    for section in lcov.read_text().split("end_of_record"):
        name = re.search(r"^SF:(.*)$", section, re.MULTILINE)
        if not name:
            continue
        name = str(Path(name[1]).resolve().relative_to(root))
        counts = re.findall(r"^DA:(\d+),(\d+)", section, re.MULTILINE)
        lines = [(int(line), int(count)) for line, count in counts]
        missing = sorted(line for line, count in lines if count == 0)
        found += len(lines)
        reached += len(lines) - len(missing)
        share = 100 * (len(lines) - len(missing)) / max(1, len(lines))
        print(f"{share:5.1f} %  {name}  {ranges(missing)}")
        if missing and name not in explained:
            unexplained.append(name)
    print(f"{reached} of {found} lines of src/ are reached, {100 * reached / max(1, found):.1f} %")
    if unexplained:
        sys.exit(f"FAILED: lines are not reached, and {explanations} does not say why: {', '.join(unexplained)}")


def ranges(lines):
    parts = []
    for line in lines:
        if parts and line == parts[-1][1] + 1:
            parts[-1][1] = line
        else:
            parts.append([line, line])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


if __name__ == "__main__":
    main()
