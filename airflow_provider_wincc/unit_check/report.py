"""The report of a check: for people as text, for programs as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.unit_check.promises import PROMISES
from airflow_provider_wincc.unit_check.verdicts import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.unit_check.verdicts import Check, Verdict

_WORDS = {Outcome.PASSED: "PASS", Outcome.FAILED: "FAIL", Outcome.SKIPPED: "skip"}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check and what it found."""

    check: Check
    verdict: Verdict

    def __str__(self) -> str:
        check, verdict = self.check, self.verdict
        lines = [f"{_WORDS[verdict.outcome]}  {check.name}  (promise {check.promise}: {PROMISES[check.promise]})"]
        if verdict.outcome is Outcome.SKIPPED:
            lines.append(f"      because   {verdict.seen}")
        else:
            lines += [
                f"      done      {check.done}",
                f"      expected  {check.expected}",
                f"      seen      {verdict.seen}",
            ]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return ``name``, ``promise``, ``done``, ``expected``, ``outcome`` and ``seen``."""
        return {
            "name": self.check.name,
            "promise": self.check.promise,
            "done": self.check.done,
            "expected": self.check.expected,
            "outcome": self.verdict.outcome.value,
            "seen": self.verdict.seen,
        }


@dataclass(frozen=True, slots=True)
class UnitReport:
    """All that was found.

    :param unit: name of the unit.
    :param order_ids: ids that this run used.
    :param results: one for each check, in the order of the checklist.
    :param interrupted: why the checks could not be carried out to their end, such as a station that is away; None
        when they were.
    """

    unit: str
    order_ids: Sequence[str]
    results: Sequence[CheckResult]
    interrupted: str | None = None

    @property
    def ok(self) -> bool:
        """Whether no check failed, and nothing kept the checks from being carried out."""
        return self.interrupted is None and not self.named(Outcome.FAILED)

    def named(self, outcome: Outcome) -> list[str]:
        """Return the names of the checks that came to this."""
        return [result.check.name for result in self.results if result.verdict.outcome is outcome]

    @property
    def summary(self) -> str:
        """One line of counts, and what failed."""
        counts = ", ".join(f"{len(self.named(outcome))} {outcome}" for outcome in Outcome)
        what_failed = self.named(Outcome.FAILED)
        return f"{len(self.results)} checks: {counts}" + (f" ({', '.join(what_failed)})." if what_failed else ".")

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON types."""
        return {
            "unit": self.unit,
            "ok": self.ok,
            "interrupted": self.interrupted,
            "order_ids": list(self.order_ids),
            "checks": [result.to_json() for result in self.results],
        }
