"""Conditions as text: what ``repr`` of a condition gives, and what people write like it, read without running it.

The text is data. Its tokens are checked against a list of what may stand in a condition, Python's own grammar makes
a tree of them, and the tree is built from the functions and methods of the vocabulary alone; nothing is evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.conditions.errors import WinCCConditionError
from airflow_provider_wincc.conditions.text.order import TOO_DEEP
from airflow_provider_wincc.conditions.text.parsing import parse
from airflow_provider_wincc.conditions.text.pointing import ConditionText
from airflow_provider_wincc.conditions.text.reading import read_tree

if TYPE_CHECKING:
    from airflow_provider_wincc.conditions.condition import Condition

__all__ = ["from_text", "given_condition"]


def from_text(text: object) -> Condition:
    """Read a condition from a text such as its ``repr``.

    :raises WinCCConditionError: when the text is not a condition; it points at the place.
    """
    if not isinstance(text, str):
        raise WinCCConditionError(
            f"the text of a condition must be a text, not a {type(text).__name__}",
            hint="Give a text such as 'tag(\"Tank1.Level\") >= 40'.",
        )
    source = ConditionText(str.__str__(text))
    try:
        return read_tree(source, parse(source))
    except RecursionError:
        raise source.error(0, 0, TOO_DEEP) from None


def given_condition(given: Condition | str, *, where: str) -> Condition:
    """Return a condition that was given as itself or as its text.

    Anything else is returned as it is, so that whoever takes it can refuse it in its own words.

    :param where: what it was given for, to begin a sentence with: ``"The condition of task 'wait'"``.
    :raises WinCCConditionError: when it is a text, and not the text of a condition.
    """
    if not isinstance(given, str):
        return given
    try:
        return from_text(given)
    except WinCCConditionError as error:
        raise WinCCConditionError(f"{where} cannot be read. {error.message}", hint=error.hint) from None
