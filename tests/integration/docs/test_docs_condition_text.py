"""What the page on conditions says about their text form is so."""

from __future__ import annotations

import pytest
from documentation import blocks, table

from airflow_provider_wincc.conditions import Condition, WinCCConditionError

PAGE = "docs/conditions.md"


def code(cell: str) -> str:
    return cell.strip("`").replace("\\|", "|")


def test_each_spelling_means_the_form_that_stands_beside_it() -> None:
    rows = table(PAGE, "you may write")

    assert rows
    for spelling, form in rows:
        assert Condition.from_text(code(spelling)) == Condition.from_text(code(form))
        assert repr(Condition.from_text(code(spelling))) == code(form)


def test_the_error_on_the_page_is_the_one_that_is_raised() -> None:
    (shown,) = [block.code for block in blocks("text", PAGE) if block.code.startswith("text of a condition")]

    with pytest.raises(WinCCConditionError) as caught:
        Condition.from_text(shown.splitlines()[1].strip())

    assert str(caught.value) == shown.rstrip("\n")
