from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.archive_export.moments import from_microseconds, to_microseconds, to_text

aware = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours))),
)


@given(aware)
def test_a_text_is_the_same_moment_in_utc(moment: datetime) -> None:
    text = to_text(moment)

    assert datetime.fromisoformat(text) == moment
    assert len(text) == len("2026-03-02T08:00:00.000000Z")


@given(aware, aware)
def test_texts_sort_as_the_times_do(first: datetime, second: datetime) -> None:
    assert (to_text(first) < to_text(second)) == (first < second)


@given(aware)
def test_microseconds_are_exact_there_and_back(moment: datetime) -> None:
    assert from_microseconds(to_microseconds(moment)) == moment


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
def test_the_times_of_airflow_are_read_as_any(zone: str) -> None:
    moment = pendulum.datetime(2026, 3, 2, 8, 0, 0, 250_000, tz="UTC").in_timezone(zone)

    assert to_text(moment) == "2026-03-02T08:00:00.250000Z"
    assert to_microseconds(moment) == to_microseconds(datetime(2026, 3, 2, 8, 0, 0, 250_000, tzinfo=UTC))
