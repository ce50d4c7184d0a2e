"""Stations, gateways and proxies with every fault that a network has, and what all tests of security share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# The proxy of the client's tests, and the runs of sensors and handoffs of Airflow's.
sys.path += [str(Path(__file__).parent.parent / neighbour) for neighbour in ("client", "airflow")]

from certificate_kit import CertificateKit
from hypothesis import settings as hypothesis_settings

from airflow_provider_wincc.client import transport
from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tls_front import TlsFront

# How long an example takes says something of the machine only.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def no_proxy_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(autouse=True)
def reads_are_tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_LONGEST_WAIT", 0.001)


@pytest.fixture(scope="session")
def plain_station() -> Iterator[Simulator]:
    """A station without TLS, as it stands behind a gateway that speaks it."""
    with Simulator(plant="still", tls=False) as station:
        yield station


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> CertificateKit:
    """Certificates with every fault, of a plant's CA and of a stranger's."""
    return CertificateKit(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def fronts(plain_station: Simulator) -> Iterator[list[TlsFront]]:
    """TLS in front of the plain station; what a test appends is closed after it."""
    opened: list[TlsFront] = []
    yield opened
    for front in opened:
        front.close()
