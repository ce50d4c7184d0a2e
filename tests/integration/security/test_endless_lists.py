"""A list that a station goes on with for ever, with something new on each page."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from client_operations import ARCHIVE
from hostile_server import HostileServer, Request, Wire, ok

from airflow_provider_wincc.client import StationSettings, WinCCClient, WinCCResponseError, paging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LISTS: dict[str, Callable[[WinCCClient], Iterable[Any]]] = {
    "browse_tags": lambda client: client.browse_tags("*"),
    "list_archives": lambda client: client.list_archives(),
    "list_archive_tags": lambda client: client.list_archive_tags(ARCHIVE),
    "list_messages": lambda client: client.list_messages(),
}


def new_pages(entries: int) -> HostileServer:
    """Answer each request with a page of new entries and a new continuation point."""
    numbers, points = count(), count(1)

    def answer(_: Request, wire: Wire) -> None:
        page = [{"name": f"Tag{next(numbers)}"} for _ in range(entries)]
        wire.send(ok(json.dumps(page).encode(), f"continuationPoint: {next(points)}"))

    return HostileServer(answer)


def entries_until_the_end(server: HostileServer, listed: str) -> int:
    settings = StationSettings.from_url(server.url, username="engineer", password="secret")
    entries: list[Any] = []
    with (
        WinCCClient(replace(settings, retry_wait=0.001)) as client,
        pytest.raises(WinCCResponseError, match="list has no end"),
    ):
        entries.extend(LISTS[listed](client))
    return len(entries)


@pytest.mark.parametrize("listed", LISTS)
def test_a_list_ends_after_so_many_pages(monkeypatch: pytest.MonkeyPatch, listed: str) -> None:
    monkeypatch.setattr(paging, "_MOST_PAGES", 20)

    with new_pages(1) as server:
        assert entries_until_the_end(server, listed) == 20

    assert len(server.requests) == 20


@pytest.mark.parametrize("listed", LISTS)
def test_a_list_ends_after_so_many_entries(monkeypatch: pytest.MonkeyPatch, listed: str) -> None:
    monkeypatch.setattr(paging, "_MOST_ENTRIES", 250)

    with new_pages(100) as server:
        assert entries_until_the_end(server, listed) == 250

    assert len(server.requests) == 3


def test_the_names_of_a_list_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "_MOST_CHARACTERS", 100)

    with new_pages(100) as server:
        assert entries_until_the_end(server, "browse_tags") < 25


def test_the_bounds_are_those_that_the_page_on_security_names() -> None:
    assert (paging._MOST_ENTRIES, paging._MOST_PAGES) == (1_000_000, 10_000)
