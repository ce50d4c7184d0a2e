"""What a check is, and what it can come to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.unit_check.bench import Bench


class Outcome(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found.

    :param outcome: what came of it.
    :param seen: what was seen; why, for a check that was skipped.
    :param is_safe_to_go_on: whether the checks after it may still write to the unit.
    """

    outcome: Outcome
    seen: str
    is_safe_to_go_on: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """One item of the checklist.

    :param name: short name, the same in the report and in the documentation.
    :param promise: number of the promise that it belongs to, see :data:`PROMISES`.
    :param done: what is done, as a sentence.
    :param expected: what a good unit does then.
    :param run: does it.
    """

    name: str
    promise: int
    done: str
    expected: str
    run: Callable[[Bench], Verdict]


def passed(seen: str) -> Verdict:
    """Say that the unit did what was expected."""
    return Verdict(Outcome.PASSED, seen)


def failed(seen: str, *, goes_on: bool = False) -> Verdict:
    """Say that the unit did something else.

    :param goes_on: the unit is where the next check expects it, so that nothing can happen that nobody wants.
    """
    return Verdict(Outcome.FAILED, seen, is_safe_to_go_on=goes_on)


def skipped(reason: str) -> Verdict:
    """Say why a check was not carried out."""
    return Verdict(Outcome.SKIPPED, reason)
