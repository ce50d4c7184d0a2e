"""The text of a condition as a tree of Python's grammar. Nothing is run: a tree only describes."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from airflow_provider_wincc.conditions.text.order import check_order
from airflow_provider_wincc.conditions.text.tokens import scan

if TYPE_CHECKING:
    from airflow_provider_wincc.conditions.text.pointing import ConditionText

PYTHON_FORM = 'Write it as in Python: (tag("Mixer1.State") == "IDLE") & tag("Tank1.Level").between(40, 90).'


def parse(source: ConditionText) -> ast.expr:
    """Return the tree of the text; :meth:`ConditionText.span` tells where its nodes stand.

    :raises WinCCConditionError: when the text is too long or too deep, or is no expression.
    """
    check_order(source, scan(source))
    # In brackets, because a condition may begin with white space. It may go over several lines, too; as one line,
    # all places in it count from its beginning.
    line = re.sub(r"[\r\n\t]", " ", source.text)
    try:
        return ast.parse(f"({line})", mode="eval").body
    except SyntaxError as error:
        start = min(max((error.offset or 0) - 2, 0), len(source.text))
        problem = f"expected an expression; Python says: {error.msg}"
    except (ValueError, MemoryError, RecursionError):
        start, problem = 0, "Python cannot read it as an expression"
    raise source.error(start, start, problem, hint=PYTHON_FORM)
