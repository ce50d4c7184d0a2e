"""The order of the tokens: values and operators take turns, brackets close, and nothing is nested too deeply.

Python's own messages would do, but they differ between versions, and often point at the beginning of the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airflow_provider_wincc.conditions.text.pointing import short
from airflow_provider_wincc.conditions.text.tokens import CONSTANTS, WORDS, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.conditions.errors import WinCCConditionError
    from airflow_provider_wincc.conditions.text.pointing import ConditionText
    from airflow_provider_wincc.conditions.text.tokens import Token

DEEPEST = 100
"""Brackets and signs inside each other. Python itself gives up at 200 brackets."""
TOO_DEEP = f"it is nested more than {DEEPEST} levels deep"

_JOINING = frozenset({"and", "or", "&", "|", "==", "!=", "<", "<=", ">", ">="})
_BEFORE_A_VALUE = frozenset({"not", "~", "-", "+"})
_BEFORE_NOT = frozenset({"(", "[", ",", "=", "and", "or", "not"})
_CLOSED_BY = {"(": ")", "[": "]"}
_VALUE = 'a value such as tag("Tank1.Level"), 40 or "IDLE"'
_SPELLED = {"and": "and", "or": "or", "not": "not", "true": "True", "false": "False"}


def check_order(source: ConditionText, tokens: Sequence[Token]) -> None:
    """Check that the tokens could be an expression.

    :raises WinCCConditionError: when one of them cannot stand where it does, a bracket is not closed, or they are
        nested too deeply.
    """
    order = _Order(source)
    for token in tokens:
        order.take(token)
    order.finish()


@dataclass(frozen=True, slots=True)
class _Open:
    bracket: Token
    is_call: bool
    signs: int


@dataclass(slots=True)
class _Order:
    source: ConditionText
    taken: list[Token] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    value_expected: bool = True
    signs: int = 0
    """Signs before a value, which nest like brackets."""
    depth: int = 0

    @property
    def before(self) -> Token | None:
        return self.taken[-1] if self.taken else None

    def take(self, token: Token) -> None:
        if self.before is not None and self.before.text == ".":
            self._take_method(token)
        elif self.value_expected:
            self._take_value(token)
        else:
            self._take_operator(token)
        self.taken.append(token)
        if self.depth + self.signs > DEEPEST:
            raise self._error(token, TOO_DEEP)

    def finish(self) -> None:
        if self.open:
            bracket = self.open[-1].bracket
            raise self._error(bracket, f"this {bracket.text!r} is never closed")
        if self.value_expected or (self.before is not None and self.before.text == "."):
            expected = _VALUE if self.value_expected else "the name of a method"
            raise self.source.end_error(f"it ends where {expected} is expected")

    def _take_method(self, token: Token) -> None:
        if token.kind is not Kind.NAME or token.text in CONSTANTS | WORDS:
            raise self._error(token, f"expected the name of a method behind the point, not {_shown(token)}")

    def _take_value(self, token: Token) -> None:
        before = None if self.before is None else self.before.text
        if token.text in _BEFORE_A_VALUE:
            if token.text == "not" and before is not None and before not in _BEFORE_NOT:
                raise self._error(
                    token, f"'not' cannot follow {before!r}", hint="Put the part with not in parentheses."
                )
            self.signs += 1
        elif token.text in _CLOSED_BY:
            self._open(token, is_call=False)
        elif token.text in _CLOSED_BY.values() and before in {"(", "[", ","}:
            self._close(token)
        elif token.kind in {Kind.NUMBER, Kind.TEXT} or (token.kind is Kind.NAME and token.text not in WORDS):
            self._check_spelling(token)
            self.value_expected = False
        else:
            raise self._error(token, f"expected {_VALUE} before {_shown(token)}")

    def _take_operator(self, token: Token) -> None:
        before = self.taken[-1]
        if token.text in _JOINING:
            self._expect_value()
        elif token.text == "(" and before.kind is Kind.NAME and before.text not in CONSTANTS:
            self._open(token, is_call=True)
        elif token.text in _CLOSED_BY.values():
            self._close(token)
        elif (token.text == "," and self.open) or (token.text == "=" and self._names_an_argument()):
            self._expect_value()
        elif token.text != ".":
            raise self._no_operator(token)

    def _expect_value(self) -> None:
        self.value_expected = True
        self.signs = 0

    def _names_an_argument(self) -> bool:
        return (
            bool(self.open)
            and self.open[-1].is_call
            and self.taken[-1].kind is Kind.NAME
            and self.taken[-2].text in {"(", ","}
        )

    def _open(self, token: Token, *, is_call: bool) -> None:
        self.open.append(_Open(token, is_call, self.signs))
        self.depth += 1 + self.signs
        self._expect_value()

    def _close(self, token: Token) -> None:
        if not self.open:
            raise self._error(token, f"this {token.text!r} closes nothing")
        opened = self.open.pop()
        if _CLOSED_BY[opened.bracket.text] != token.text:
            raise self._error(token, f"expected {_CLOSED_BY[opened.bracket.text]!r}, not {token.text!r}")
        self.signs = opened.signs
        self.depth -= 1 + opened.signs
        self.value_expected = False

    def _check_spelling(self, token: Token) -> None:
        meant = _SPELLED.get(token.text.lower())
        if token.kind is Kind.NAME and meant is not None and token.text not in CONSTANTS:
            raise self._error(token, f"unknown name {token.text!r}", hint=f"Did you mean {meant}?")

    def _no_operator(self, token: Token) -> WinCCConditionError:
        before = self.taken[-1]
        if before.kind is Kind.TEXT and "{{" in before.text and "}}" not in before.text:
            return self._error(
                token,
                "the quotes end inside the template",
                hint="Use the other quotes inside it: \"{{ params['level'] }}\".",
            )
        meant = _SPELLED.get(token.text.lower()) if token.kind is Kind.NAME else None
        if meant is not None:
            return self._error(token, f"expected an operator, not {token.text!r}", hint=f"Did you mean {meant}?")
        hints = {
            "=": "Write == to compare.",
            ",": "Join conditions by and; write decimals with a point, as in 71.5.",
            **dict.fromkeys("+-", "Conditions do not calculate; write the value itself."),
        }
        return self._error(
            token,
            f"expected an operator such as and, or, == or >= before {_shown(token)}",
            hint=hints.get(token.text),
        )

    def _error(self, token: Token, problem: str, *, hint: str | None = None) -> WinCCConditionError:
        return self.source.error(token.start, token.end, problem, hint=hint)


def _shown(token: Token) -> str:
    return short(token.text) if token.kind is Kind.TEXT else repr(short(token.text))
