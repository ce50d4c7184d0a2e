"""Moments and spans of time in a plant file."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.archive_moments import DailySpan
from airflow_provider_wincc.simulator.errors import PlantFileError

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.archive_moments import Span
    from airflow_provider_wincc.simulator.plant_file_nodes import PlantNode


def read_moment(node: PlantNode) -> datetime:
    """Read a moment with a zone.

    :raises PlantFileError: when it is none.
    """
    expected = "a time with a zone, such as 2026-03-02T06:00:00Z"
    text = node.text(expected)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        node.fail(f"expected {expected}, not {text!r}")
    if moment.tzinfo is None:
        node.fail(f"expected {expected}; {text!r} has no zone")
    return moment


def read_spans(node: PlantNode) -> list[Span]:
    """Read spans: ``{from, to}``, or ``{daily: "02:00", minutes: 10}`` in UTC.

    :raises PlantFileError: when they are none.
    """
    return [_read_span(item) for item in node.items("a list of spans")]


def _read_span(node: PlantNode) -> Span:
    fields = node.fields("a span {from, to} or {daily, minutes}")
    daily = fields.take("daily")
    if daily is None:
        start, end = read_moment(fields.need("from")), read_moment(fields.need("to"))
        fields.done()
        if start >= end:
            node.fail("from is before to")
        return start, end
    minutes = fields.need("minutes")
    fields.done()
    text = daily.text("a time of day in UTC")
    try:
        at = time.fromisoformat(text)
    except ValueError:
        daily.fail(f'expected a time of day in UTC in quotes, such as "02:00", not {text!r}')
    try:
        return DailySpan(at, minutes.number())
    except PlantFileError:
        raise
    except ValueError as problem:
        node.fail(str(problem))
