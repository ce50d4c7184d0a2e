"""One request is sent ahead, and what came too early or is not wanted any more is never handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive_station import START, StationInMemory, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.client import ArchiveWindow

DAY = 24 * 3_600_000


def taken(windows: Iterator[ArchiveWindow], how_many: int) -> ArchiveWindow:
    return [next(windows) for _ in range(how_many)][-1]


def test_the_next_window_is_asked_for_before_it_is_taken() -> None:
    station = StationInMemory({"A": range(0, DAY, 1000)}, archive_max_values=2000)
    windows = station.reader().windows("ProcessData", ["A"], START, at(DAY), ask_ahead=True)

    window = taken(windows, 10)
    windows.close()

    assert window.end < at(DAY)
    assert any(begin < window.end < end for _, begin, end in station.requests)


def test_nothing_is_asked_ahead_before_it_is_known_how_long_windows_should_be() -> None:
    station = StationInMemory({"A": range(0, DAY, 1000)}, archive_max_values=2000)
    windows = station.reader().windows("ProcessData", ["A"], START, at(DAY), ask_ahead=True)

    window = taken(windows, 1)
    windows.close()

    assert all(end <= window.end for _, _, end in station.requests)


def test_no_window_is_asked_for_ahead_unless_wanted() -> None:
    station = StationInMemory({"A": range(0, DAY, 1000)}, archive_max_values=2000)
    windows = station.reader().windows("ProcessData", ["A"], START, at(DAY))

    window = taken(windows, 10)
    windows.close()

    assert all(end <= window.end for _, _, end in station.requests)


def test_nothing_is_asked_for_behind_the_end() -> None:
    station = StationInMemory({"A": range(0, 2 * DAY, 1000)}, archive_max_values=2000)

    windows = list(station.reader().windows("ProcessData", ["A"], START, at(DAY), ask_ahead=True))

    assert sum(window.row_count for window in windows) == DAY // 1000
    assert max(end for _, _, end in station.requests) <= at(DAY)
