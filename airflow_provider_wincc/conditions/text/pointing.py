"""Errors that point at a place in the text of a condition."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc.conditions.errors import WinCCConditionError

if TYPE_CHECKING:
    import ast

_SHOWN_BEFORE = 60
_SHOWN_AFTER = 40


@dataclass(frozen=True, slots=True)
class ConditionText:
    """The text of a condition, as it was given."""

    text: str

    def error(self, start: int, end: int, problem: str, *, hint: str | None = None) -> WinCCConditionError:
        """Return the error that shows the line, with carets under the characters from start to before end.

        Lines and columns are counted from 1, columns in characters.
        """
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        column = f"column {start - line_start + 1}"
        line = self.text.count("\n", 0, start) + 1
        where = f"line {line}, {column}" if "\n" in self.text.strip() else column
        return WinCCConditionError(
            f"text of a condition, {where}: {problem}\n{self._shown(line_start, line_end, start, end)}\n", hint=hint
        )

    def error_at(self, node: ast.expr | ast.keyword, problem: str, *, hint: str | None = None) -> WinCCConditionError:
        """Return the error that points at a node of the tree that :func:`.parsing.parse` gave."""
        return self.error(*self.span(node), problem, hint=hint)

    def span(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """Return where a node begins, and the place behind its end."""
        # Python counts bytes, and behind the bracket that was put before the text.
        encoded = f"({self.text}".encode()
        start, end = (len(encoded[:offset].decode()) - 1 for offset in (node.col_offset, node.end_col_offset or 0))
        return start, end

    def end_error(self, problem: str, *, hint: str | None = None) -> WinCCConditionError:
        """Return the error that points behind the last character."""
        end = len(self.text.rstrip())
        return self.error(end, end, problem, hint=hint)

    def _shown(self, line_start: int, line_end: int, start: int, end: int) -> str:
        first = line_start if start - line_start <= _SHOWN_BEFORE else start - _SHOWN_BEFORE
        last = min(line_end, start + _SHOWN_AFTER)
        cut, rest = "..." if first > line_start else "", "..." if last < line_end else ""
        before = cut + _printable(self.text[first:start])
        marked = _printable(self.text[start : min(end, last)])
        after = _printable(self.text[start:last]) + rest
        return f"  {before}{after}\n  {' ' * _width(before)}{'^' * max(1, _width(marked))}"


def short(text: str) -> str:
    """Return the text, or the beginning of a long one."""
    return text if len(text) <= _SHOWN_AFTER else f"{text[:_SHOWN_AFTER]}..."


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " if character in "\t\r" else "?" for character in text)


def _width(text: str) -> int:
    """Count the columns of a terminal: Chinese characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
