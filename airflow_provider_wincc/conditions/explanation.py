"""Say in words why a condition is true, false or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import TagFailure, TagValue
from airflow_provider_wincc.conditions.condition import Not
from airflow_provider_wincc.conditions.literals import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airflow_provider_wincc.conditions.evaluation import Evaluation
    from airflow_provider_wincc.conditions.judging import Outcome
    from airflow_provider_wincc.conditions.sources import TagSource

    Readings = Mapping[str, TagValue | TagFailure]


def explanation(evaluation: Evaluation) -> str:
    """Return the parts that made the result so, one a line, each with its readings."""
    return "\n".join(_lines(evaluation.outcome, evaluation.readings))


_WORDS = {True: "true", False: "false", None: "unknown"}
_INDENT = "  "
_LONGEST_SHOWN = 100


def _lines(outcome: Outcome, readings: Readings) -> Iterator[str]:
    condition = outcome.condition
    seen = [_seen(source, readings) for source in condition.sources]
    reasons = "; ".join(text for text in (*seen, outcome.note) if text)
    decisive = _decisive(outcome)
    headline = f"{condition!r} is {_WORDS[outcome.result]}" + (f": {reasons}" if reasons else "")
    yield f"{headline}:" if decisive else headline
    for child in decisive:
        lines = _lines(child, readings)
        yield f"- {next(lines)}"
        for line in lines:
            yield f"{_INDENT}{line}"


def _decisive(outcome: Outcome) -> list[Outcome]:
    """Return the parts that made the result so."""
    if isinstance(outcome.condition, Not):
        return list(outcome.children)
    if outcome.result is True:
        return [child for child in outcome.children if child.result is True]
    return [child for child in outcome.children if child.result is not True]


def _seen(source: TagSource, readings: Readings) -> str:
    reading = readings.get(source.name)
    match reading:
        case None:
            return f"{source.name} was not read"
        case TagFailure():
            return f"{source.name} could not be read ({reading})"
        case TagValue():
            when = "no timestamp" if reading.timestamp is None else reading.timestamp.isoformat()
            return f"{source.name} = {_shown(reading)} [{reading.quality}, {when}]"


def _shown(reading: TagValue) -> str:
    text = reading.text
    if len(text) > _LONGEST_SHOWN:
        text = f"{text[:_LONGEST_SHOWN]}..."
    return quoted(text) if isinstance(reading.value, str) else text
