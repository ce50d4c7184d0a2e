from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import responses
from hypothesis import settings as hypothesis_settings
from mocked_station import HOST

from airflow_provider_wincc.client import StationSettings, WinCCClient

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long an example takes says something of the machine only.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def no_proxy_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def answers() -> Iterator[responses.RequestsMock]:
    """The answers of a station, one registered after the other; every one of them must be asked for."""
    with responses.RequestsMock(registry=responses.registries.OrderedRegistry) as mock:
        yield mock


@pytest.fixture
def client() -> Iterator[WinCCClient]:
    """A client that waits hardly at all before it tries again."""
    settings = StationSettings(
        address=StationSettings.from_url(HOST).address, username="engineer", password="Kiln-7-secret", retry_wait=0.001
    )
    with WinCCClient(settings) as opened:
        yield opened
