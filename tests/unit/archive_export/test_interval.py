"""The span of time that is exported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pendulum
import pytest

from airflow_provider_wincc.archive_export.interval import Interval
from airflow_provider_wincc.client import WinCCConfigurationError

START = datetime(2026, 3, 29, 0, tzinfo=UTC)


def test_moments_of_pendulum_become_plain_ones_in_utc():
    # The clock of Berlin goes forward in this hour.
    start = pendulum.datetime(2026, 3, 29, 1, tz="Europe/Berlin")

    interval = Interval(start, start.add(hours=2))

    assert (interval.start, interval.end, interval.length) == (START, START + timedelta(hours=2), timedelta(hours=2))
    assert {type(interval.start), type(interval.end)} == {datetime}
    # Two times of pendulum, or one and a plain one, make other things than a timedelta, or an error.
    assert type(interval.end + timedelta(seconds=1) - datetime.now(UTC)) is timedelta


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (START.replace(tzinfo=None), START, "The start 2026-03-29T00:00:00 has no time zone"),
        (START, pendulum.naive(2026, 3, 30), "The end 2026-03-30T00:00:00 has no time zone"),
        (START, START, "must be later than the start"),
    ],
)
def test_what_is_no_interval_is_told(start, end, told):
    with pytest.raises(WinCCConfigurationError, match=told):
        Interval(start, end)
