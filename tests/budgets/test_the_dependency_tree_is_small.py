"""Each crate is code that a server builder has to trust."""

import pytest

from measuring.dependencies import WITH_HTTPS, WITHOUT_HTTPS, crates

KINDS = {"crates_with_https": WITH_HTTPS, "crates_without_https": WITHOUT_HTTPS}


@pytest.mark.parametrize("budget", KINDS)
def test_number_of_crates(hold, budget: str) -> None:
    found = crates(*KINDS[budget])
    assert any(name.startswith("cxx ") for name in found), f"cargo tree shows no tree: {found}"
    hold(budget, budget.replace("_", " "), len(found))
