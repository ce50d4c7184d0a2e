"""One request is sent ahead, and what came too early or is not wanted any more is never handed out."""

from __future__ import annotations

from archive_station import START, StationInMemory, at

HOUR = 3_600_000


def test_the_next_window_is_asked_for_before_it_is_taken() -> None:
    station = StationInMemory({"A": range(0, HOUR, 1000)})
    windows = station.reader().windows("ProcessData", ["A"], START, at(HOUR), ask_ahead=True)

    window = next(windows)
    windows.close()

    assert window.end < at(HOUR)
    assert any(begin < window.end < end for _, begin, end in station.requests)


def test_no_window_is_asked_for_ahead_unless_wanted() -> None:
    station = StationInMemory({"A": range(0, HOUR, 1000)})
    windows = station.reader().windows("ProcessData", ["A"], START, at(HOUR))

    window = next(windows)
    windows.close()

    assert all(end <= window.end for _, _, end in station.requests)


def test_nothing_is_asked_for_behind_the_end() -> None:
    station = StationInMemory({"A": range(0, 2 * HOUR, 1000)})

    windows = list(station.reader().windows("ProcessData", ["A"], START, at(HOUR), ask_ahead=True))

    assert sum(window.row_count for window in windows) == 3600
    assert max(end for _, _, end in station.requests) <= at(HOUR)
