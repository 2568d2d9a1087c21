"""Puts the last result of `make bench` into docs/performance.md, between its marks."""

import re
import sys

from measuring.places import BUILD, ROOT

PAGE = ROOT / "docs/performance.md"


def main() -> None:
    if not (BUILD / "load.md").exists():
        sys.exit(f"{BUILD} has no result: run 'make bench'")

    def filled(found: re.Match[str]) -> str:
        return found[1] + (BUILD / f"{found[2]}.md").read_text() + found[3]

    marks = r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)"
    PAGE.write_text(re.sub(marks, filled, PAGE.read_text(), flags=re.DOTALL))


if __name__ == "__main__":
    main()
