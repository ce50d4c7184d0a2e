"""Lists of tags, page by page."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.client import WinCCConfigurationError, WinCCPermissionError, WinCCServiceUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.simulator import Simulator


@pytest.fixture
def numbered(station: Simulator) -> list[str]:
    """Seven tags, T.Flow1 to T.Flow7, in the order of the station."""
    names = [f"T.Flow{number}" for number in range(1, 8)]
    for name in names:
        station.set(name, 1.0)
    return names


@pytest.mark.parametrize("continuation", ["object", "header", "offset"])
@pytest.mark.parametrize("verb", ["get", "post", "both"])
@pytest.mark.parametrize(("page_size", "pages"), [(1, 8), (3, 3), (100, 1)])
def test_all_pages_are_read_in_every_dialect(
    station: Simulator,
    client: WinCCClient,
    numbered: list[str],
    continuation: str,
    verb: str,
    page_size: int,
    pages: int,
) -> None:
    station.set_dialect(continuation=continuation, browse=verb)

    names = [tag.name for tag in client.browse_tags("T.Flow*", page_size=page_size)]

    refused = 1 if verb == "get" else 0
    assert names == numbered
    assert len(station.requests) == pages + refused


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*_nothing_*", []),
        ("t.flow?", [f"T.Flow{number}" for number in range(1, 8)]),
        ("*Flow3", ["T.Flow3"]),
        ("T.State[1]", ["T.State[1]"]),
        ("T.Süd &+*", ["T.Süd &+#1"]),
    ],
)
def test_a_pattern_finds_its_tags(
    station: Simulator, client: WinCCClient, numbered: list[str], pattern: str, expected: list[str]
) -> None:
    station.set("T.State[1]", 1.0)
    station.set("T.Süd &+#1", 1.0)

    assert [tag.name for tag in client.browse_tags(pattern)] == expected


def test_what_the_station_says_of_a_tag_is_kept(station: Simulator, client: WinCCClient) -> None:
    tag = next(client.browse_tags("T.A"))

    assert tag.raw["dataType"] == 9


def test_pages_are_asked_for_only_as_far_as_tags_are_taken(
    station: Simulator, client: WinCCClient, numbered: list[str]
) -> None:
    assert len(list(islice(client.browse_tags("T.Flow*", page_size=2), 2))) == 2
    assert len(station.requests) == 1


def test_a_page_that_fails_for_a_moment_is_asked_for_again(
    station: Simulator, client: WinCCClient, numbered: list[str]
) -> None:
    station.fail_next("drop_before", 2)

    assert len(list(client.browse_tags("T.Flow*"))) == 7


def test_a_service_that_is_off_is_an_error_and_not_an_empty_list(station: Simulator, client: WinCCClient) -> None:
    station.stop_service()

    with pytest.raises(WinCCServiceUnavailableError):
        list(client.browse_tags())


def test_a_user_without_rights_gets_a_permission_error(open_client: Callable[..., WinCCClient]) -> None:
    with pytest.raises(WinCCPermissionError):
        list(open_client("guest").browse_tags())


@pytest.mark.parametrize(("pattern", "page_size"), [("", 10), (None, 10), ("*", 0), ("*", -1)])
def test_a_wrong_argument_is_an_error_before_anything_is_sent(
    station: Simulator, client: WinCCClient, pattern: str, page_size: int
) -> None:
    with pytest.raises(WinCCConfigurationError):
        client.browse_tags(pattern, page_size=page_size)

    assert station.requests == []
