from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.client import StationSettings, WinCCClient
from airflow_provider_wincc.simulator import Dialect, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def no_proxy_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def shared_station() -> Iterator[Simulator]:
    with Simulator(plant="still") as station:
        yield station


@pytest.fixture
def station(shared_station: Simulator) -> Simulator:
    """A running station over HTTPS as good as new, with the tags T.A (1.0) and T.B (2.0)."""
    shared_station.clear_faults()
    shared_station.start_service()
    shared_station.set_dialect(**asdict(Dialect()))
    for name in shared_station.tag_names:
        if name.startswith("T."):
            shared_station.remove(name)
    shared_station.set("T.A", 1.0)
    shared_station.set("T.B", 2.0)
    shared_station.clear_requests()
    return shared_station


@pytest.fixture
def settings_of(station: Simulator) -> Callable[..., StationSettings]:
    """Make settings for the station by the fields of a connection; reads wait hardly at all before a retry."""

    def make(user: str = "engineer", *, of: Simulator | None = None, **extra: Any) -> StationSettings:
        other = of or station
        extra = {"verify": other.ca_file, **extra}
        made = StationSettings.from_url(other.url, username=user, password=other.users[user].password, **extra)
        return replace(made, retry_wait=0.001)

    return make


@pytest.fixture
def open_client(settings_of: Callable[..., StationSettings]) -> Iterator[Callable[..., WinCCClient]]:
    """Open clients of the station with options of a connection; they are closed after the test."""
    with ExitStack() as stack:
        yield lambda *args, **extra: stack.enter_context(WinCCClient(settings_of(*args, **extra)))


@pytest.fixture
def client(open_client: Callable[..., WinCCClient]) -> WinCCClient:
    return open_client()
