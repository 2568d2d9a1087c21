"""Puts the last result of `make bench` into docs/performance.md: tables between its marks, pictures
beside it."""

import re
import shutil
import sys

from measuring.places import BUILD, ROOT

PAGE = ROOT / "docs/performance.md"
PICTURES = ROOT / "docs/performance"


def main() -> None:
    if not (BUILD / "table.txt").exists():
        sys.exit(f"{BUILD} has no result: run 'make bench'")

    def filled(found: re.Match[str]) -> str:
        return found[1] + (BUILD / f"{found[2]}.md").read_text() + found[3]

    marks = r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)"
    PAGE.write_text(re.sub(marks, filled, PAGE.read_text(), flags=re.DOTALL))
    PICTURES.mkdir(exist_ok=True)
    for picture in BUILD.glob("*.svg"):
        shutil.copy(picture, PICTURES)


if __name__ == "__main__":
    main()
