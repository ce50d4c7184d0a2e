"""Times of archive requests, also in the hour that the clock runs through twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client import ArchiveTimes
from airflow_provider_wincc.client.archives.moments import SECOND, RequestTimes, ceil_to, floor_to

CHANGES = {
    "Europe/Berlin": (datetime(2025, 10, 26, 1, 0, tzinfo=UTC), timedelta(hours=1)),
    "Australia/Lord_Howe": (datetime(2026, 4, 4, 15, 0, tzinfo=UTC), timedelta(minutes=30)),
    "Europe/Dublin": (datetime(2025, 10, 26, 1, 0, tzinfo=UTC), timedelta(hours=1)),
}
NEAR = st.tuples(st.sampled_from(list(CHANGES)), st.integers(-10_000_000, 10_000_000)).map(
    lambda place: (place[0], CHANGES[place[0]][0] + timedelta(milliseconds=place[1]))
)


def readings(text: str, zone: str) -> list[datetime]:
    """Every moment that a station in the zone can take the text for."""
    local = datetime.fromisoformat(text)
    return [local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]


@given(place=NEAR)
def test_a_local_time_leaves_nothing_out_whichever_way_it_is_read(place: tuple[str, datetime]) -> None:
    zone, moment = place
    times = RequestTimes(ArchiveTimes.LOCAL, ZoneInfo(zone))

    assert max(readings(times.begin(moment), zone)) <= moment <= min(readings(times.end(moment), zone))


@given(place=NEAR)
def test_exact_moments_are_written_exactly_and_lie_around_the_doubtful_ones(place: tuple[str, datetime]) -> None:
    zone, moment = place
    change, back = CHANGES[zone]
    times = RequestTimes(ArchiveTimes.LOCAL, ZoneInfo(zone))
    before, after = times.exact_before(moment), times.exact_after(moment)

    assert times.is_exact(before)
    assert times.is_exact(after)
    assert before <= moment <= after
    if times.is_exact(moment):
        assert readings(times.begin(moment), zone) == readings(times.end(moment), zone) == [moment, moment]
        assert before == after == moment
    else:
        assert (before, after) == (change - back - SECOND, change + back + SECOND)


@pytest.mark.parametrize("form", [ArchiveTimes.UTC, ArchiveTimes.UTC_Z])
@given(place=NEAR)
def test_utc_knows_no_doubt(form: ArchiveTimes, place: tuple[str, datetime]) -> None:
    zone, moment = place
    times = RequestTimes(form, ZoneInfo(zone))

    assert times.is_exact(moment)
    assert datetime.fromisoformat(times.begin(moment).rstrip("Z")).replace(tzinfo=UTC) == moment


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 2, 7, 0, tzinfo=UTC), "2026-03-02T07:00:00"),
        (datetime(2026, 3, 2, 7, 0, 0, 123_000, tzinfo=UTC), "2026-03-02T07:00:00.123"),
    ],
)
def test_milliseconds_are_written_only_where_there_are_some(moment: datetime, text: str) -> None:
    assert RequestTimes(ArchiveTimes.UTC, UTC).begin(moment) == text


@given(moment=st.datetimes(datetime(1960, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_rounding_goes_to_either_side_of_a_moment(moment: datetime) -> None:
    down, up = floor_to(SECOND, moment), ceil_to(SECOND, moment)

    assert down == moment.replace(microsecond=0)
    assert up - down == (SECOND if moment.microsecond else timedelta(0))
