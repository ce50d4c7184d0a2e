"""Everything that the client can ask of a station, as one table."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client import MessageQuery, WinCCClient
from airflow_provider_wincc.client.check import check_station

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ARCHIVE = "ProcessData"
ARCHIVE_TAGS = ["Tank1_Level", "Tank2_Level"]
START, END = datetime(2026, 1, 5, 6, tzinfo=UTC), datetime(2026, 1, 5, 6, 10, tzinfo=UTC)
_MOST_ITEMS = 5000


def _some(items: Iterable[Any]) -> list[Any]:
    return list(islice(items, _MOST_ITEMS))


def _windows(client: WinCCClient, *, ask_ahead: bool) -> list[Any]:
    windows = client.read_archive_windows(ARCHIVE, ARCHIVE_TAGS, START, END, ask_ahead=ask_ahead)
    return [
        (columns.tag, columns.timestamps, columns.values, columns.qualities, columns.flags)
        for window in windows
        for columns in window.columns
    ]


READS: dict[str, Callable[[WinCCClient], Any]] = {
    "read_tag": lambda client: client.read_tag("Tank1.Level"),
    "read_tags": lambda client: client.read_tags(["Tank1.Level", "Mixer1.State"]),
    "try_read_tags": lambda client: client.try_read_tags(["Tank1.Level", "Mixer1.State"]),
    "browse_tags": lambda client: _some(client.browse_tags("Tank*")),
    "list_archives": lambda client: _some(client.list_archives()),
    "list_archive_tags": lambda client: _some(client.list_archive_tags(ARCHIVE)),
    "list_timers": lambda client: _some(client.list_timers()),
    "read_archive": lambda client: _some(client.read_archive(ARCHIVE, ARCHIVE_TAGS, START, END)),
    "read_archive_windows": lambda client: _windows(client, ask_ahead=False),
    "read_archive_windows ahead": lambda client: _windows(client, ask_ahead=True),
    "read_latest_archived": lambda client: client.read_latest_archived(ARCHIVE, ARCHIVE_TAGS),
    "read_messages": lambda client: client.read_messages(MessageQuery("All")),
    "list_rest_filters": lambda client: _some(client.list_rest_filters()),
    "list_messages": lambda client: _some(client.list_messages()),
    "list_limit_values": lambda client: _some(client.list_limit_values()),
    "get_rest_filter": lambda client: client.get_rest_filter("All"),
    "get_message": lambda client: client.get_message(1001),
    "check_login": lambda client: client.check_login(),
}
WRITES: dict[str, Callable[[WinCCClient], Any]] = {
    "write_tag": lambda client: client.write_tag("Tank1.Setpoint", 50.0),
    "write_tags": lambda client: client.write_tags({"Tank1.Setpoint": 50.0, "Tank2.Setpoint": 40.0}),
}


def checked(client: WinCCClient) -> None:
    """Check the station as the connection test does.

    :raises WinCCError: that the check stopped with.
    """
    check = check_station(client.settings)
    if check.error is not None:
        raise check.error


OPERATIONS = {**READS, **WRITES, "check_station": checked}
