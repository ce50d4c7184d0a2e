"""What an archive is given is checked, and the errors say what was expected."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest

from airflow_provider_wincc.simulator import DailySpan, SimulatedArchive, SimulatedArchiveTag

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAIVE = datetime(2026, 3, 2, 12)  # noqa: DTZ001 - to be refused


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"name": ""}, "the name of an archive tag is a text without a backslash, not ''"),
        ({"name": "ProcessData\\T"}, "without a backslash"),
        ({"kind": "sine"}, "'T': kind is one of process, binary, on_change, not 'sine'"),
        ({"period_ms": 0}, "period_ms is a whole number from 1, not 0"),
        ({"period_ms": 0.5}, "period_ms is a whole number from 1, not 0.5"),
        ({"duplicate_every": 0}, "duplicate_every is a whole number from 1, not 0"),
        ({"duplicate_count": True}, "duplicate_count is a whole number from 1, not True"),
        ({"low": float("nan")}, "low is a number, not nan"),
        ({"low": 5, "high": 5}, "low is below high, not 5 to 5"),
        ({"first": NAIVE}, "first is a datetime with a zone"),
        ({"last": datetime(2019, 1, 1, tzinfo=UTC)}, "last is a datetime with a zone, not before first"),
        ({"gaps": "night"}, "gaps is a list of"),
        ({"gaps": [(NOON, NOON)]}, "gaps has \\(start, end\\), two datetimes with a zone, or DailySpan"),
        ({"gaps": [(NAIVE, NOON)]}, "gaps has"),
        ({"bad_quality": 1.5}, "bad_quality is a share from 0 to 1, or a list of spans, not 1.5"),
        ({"bad_quality": [NOON]}, "bad_quality has \\(start, end\\)"),
        ({"bad_qualities": [256]}, "bad_qualities is a list of quality codes, 0 to 255"),
        ({"bad_qualities": ()}, "bad_qualities is a list of quality codes"),
        ({"seed": "a"}, "seed is a whole number, not 'a'"),
        ({"rows": [(NAIVE, 1.0, 128)]}, "a row is \\(timestamp with a zone, value, quality code\\)"),
        ({"rows": [(NOON, 1.0)]}, "a row is"),
        ({"rows": [(NOON, [], 128)]}, "a value is a number, bool, text or None, not \\[\\]"),
        ({"rows": [(NOON, 1.0, 300)]}, "a quality code is 0 to 255, not 300"),
        ({"rows": [], "period_ms": 500}, "rows by hand go without period_ms"),
    ],
)
def test_a_tag_that_makes_no_sense_is_refused(words: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        SimulatedArchiveTag(**{"name": "T", **words})


@pytest.mark.parametrize(
    ("at", "minutes", "text"),
    [
        ("02:00", 10, "at is a time of day in UTC, without a zone"),
        (time(2, tzinfo=UTC), 10, "at is a time of day"),
        (time(2), 0, "minutes is a number above 0, up to 1440, not 0"),
        (time(2), 1441, "minutes is a number above 0, up to 1440"),
    ],
)
def test_a_daily_span_that_makes_no_sense_is_refused(at: Any, minutes: float, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        DailySpan(at, minutes)


@pytest.mark.parametrize(
    ("name", "tags", "text"),
    [
        ("", [], "the name of an archive is a text"),
        ("A", ["T"], "archive 'A': tags has SimulatedArchiveTag in it, not 'T'"),
        ("A", [SimulatedArchiveTag("T"), SimulatedArchiveTag("t")], "archive 'A': two tags have the name 't'"),
    ],
)
def test_an_archive_that_makes_no_sense_is_refused(name: str, tags: list[Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        SimulatedArchive(name, tags)
