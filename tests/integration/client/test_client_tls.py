"""TLS: who is trusted, and what the error says when nobody can be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from urllib3.exceptions import InsecureRequestWarning

from airflow_provider_wincc.client import WinCCConfigurationError, WinCCError, WinCCTLSError
from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_wincc.client import WinCCClient


@pytest.fixture(scope="module")
def station_of_another_name() -> Iterator[Simulator]:
    with Simulator(plant="still", hostname="wincc01.plant.example") as station:
        yield station


@pytest.fixture(scope="module")
def station_for_known_clients() -> Iterator[Simulator]:
    with Simulator(plant="still", client_certificates=True) as station:
        yield station


def test_a_certificate_of_an_unknown_ca_is_refused_by_default(
    station: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    with pytest.raises(WinCCTLSError) as caught:
        open_client(verify=None).read_tag("T.A")

    assert "not trusted" in caught.value.message
    assert "'verify'" in caught.value.hint
    assert not caught.value.retryable
    assert station.requests == []


def test_the_ca_file_of_the_connection_is_trusted(station: Simulator, open_client: Callable[..., WinCCClient]) -> None:
    assert open_client(verify=station.ca_file).read_tag("T.A").value == 1.0


def test_a_ca_bundle_of_the_environment_is_trusted(
    monkeypatch: pytest.MonkeyPatch, station: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(station.ca_file))

    assert open_client(verify=True).read_tag("T.A").value == 1.0


def test_the_ca_file_of_another_plant_is_not_enough(
    station_of_another_name: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    with pytest.raises(WinCCTLSError, match="not trusted"):
        open_client(verify=station_of_another_name.ca_file).read_tag("T.A")


def test_a_certificate_for_another_host_name_is_refused(
    station_of_another_name: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    with pytest.raises(WinCCTLSError) as caught:
        open_client(of=station_of_another_name).read_tag("T.A")

    assert "127.0.0.1" in caught.value.message
    assert "host name that stands in its certificate" in caught.value.hint


@pytest.mark.filterwarnings(f"ignore::{InsecureRequestWarning.__module__}.{InsecureRequestWarning.__name__}")
@pytest.mark.parametrize("verify", [False, "false"])
def test_no_certificate_is_checked_when_verify_is_false(
    station: Simulator, open_client: Callable[..., WinCCClient], verify: object
) -> None:
    assert open_client(verify=verify).read_tag("T.A").value == 1.0


def test_a_client_certificate_lets_us_in(
    station_for_known_clients: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    certificate, key = station_for_known_clients.issue_client_certificate()

    reading = open_client(of=station_for_known_clients, client_cert=certificate, client_key=key).read_tag("Tank1.Level")

    assert reading.quality.is_good


def test_a_client_certificate_and_its_key_may_be_in_one_file(
    tmp_path: Path, station_for_known_clients: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    both = tmp_path / "client.pem"
    files = station_for_known_clients.issue_client_certificate()
    both.write_text("".join(Path(file).read_text() for file in files))

    assert open_client(of=station_for_known_clients, client_cert=str(both)).read_tag("Tank1.Level").quality.is_good


def test_without_a_client_certificate_the_error_names_the_option(
    station_for_known_clients: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    with pytest.raises(WinCCError) as caught:
        open_client(of=station_for_known_clients).read_tag("Tank1.Level")

    assert "client_cert" in caught.value.hint


def test_the_key_of_another_certificate_is_an_error_before_anything_is_sent(
    station_for_known_clients: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    certificate, _ = station_for_known_clients.issue_client_certificate()
    _, key = station_for_known_clients.issue_client_certificate()

    with pytest.raises(WinCCError, match="cannot be used together"):
        open_client(of=station_for_known_clients, client_cert=certificate, client_key=key)


def test_a_ca_file_that_vanished_is_an_error_of_the_configuration_and_nothing_is_sent(
    tmp_path: Path, station: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text(Path(str(station.ca_file)).read_text())
    client = open_client(verify=str(ca_file))
    ca_file.unlink()

    with pytest.raises(WinCCConfigurationError, match=r"ca\.pem"):
        client.write_tags({"T.A": 9.0})

    assert station.requests == []
