"""What `docs/security.md` says about a station whose certificate comes from a new authority."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_wincc.client import StationSettings, WinCCClient, WinCCConnectionError, WinCCTLSError
from airflow_provider_wincc.simulator import Simulator


def authority_of(station: Simulator) -> str:
    return Path(str(station.ca_file)).read_text("ascii")


@pytest.fixture
def new_authority(tmp_path: Path) -> str:
    """The authority of the station that is kept in the folder ``new``."""
    with Simulator(plant="still", state=tmp_path / "new") as station:
        return authority_of(station)


def read_before_and_after(tmp_path: Path, *, trusted_beforehand: str) -> object:
    """Read over one client while the station gets its new certificate; return what is read at last."""
    ca_file = tmp_path / "plant-ca.pem"
    with Simulator(plant="still", tags={"T.A": 1}) as old:
        port, users = old.port, dict(old.users)
        ca_file.write_text(authority_of(old), encoding="ascii")
        client = WinCCClient(
            StationSettings.from_url(
                old.url, username="engineer", password=users["engineer"].password, verify=str(ca_file)
            )
        )
        assert client.read_tag("T.A").value == 1
        ca_file.write_text(authority_of(old) + trusted_beforehand, encoding="ascii")
    with client, Simulator(port, plant="still", tags={"T.A": 2}, state=tmp_path / "new") as renewed:
        renewed._state.users.update(users)
        return client.read_tag("T.A").value


def test_a_client_that_goes_on_takes_the_new_authority_from_the_file_that_has_both(
    tmp_path: Path, new_authority: str
) -> None:
    assert read_before_and_after(tmp_path, trusted_beforehand=new_authority) == 2


@pytest.mark.usefixtures("new_authority")
def test_without_the_new_authority_in_the_file_the_station_is_not_trusted(tmp_path: Path) -> None:
    with pytest.raises(WinCCTLSError):
        read_before_and_after(tmp_path, trusted_beforehand="")


def test_a_client_that_goes_on_takes_its_own_certificate_anew_from_the_file(tmp_path: Path) -> None:
    certificate = tmp_path / "airflow.pem"
    with (
        Simulator(plant="still", tags={"T.A": 1}, client_certificates=True) as station,
        Simulator(plant="still", client_certificates=True) as foreign,
    ):
        write_certificate(certificate, station)
        with WinCCClient(
            StationSettings.from_url(
                station.url,
                username="engineer",
                password=station.users["engineer"].password,
                verify=station.ca_file,
                client_cert=str(certificate),
                read_timeout=5,
            )
        ) as client:
            assert client.read_tag("T.A").value == 1
            write_certificate(certificate, foreign)
            station.drop_idle_connections()
            with pytest.raises((WinCCConnectionError, WinCCTLSError)):
                client.read_tag("T.A")
            write_certificate(certificate, station)
            assert client.read_tag("T.A").value == 1


def write_certificate(file: Path, station: Simulator) -> None:
    """Issue a certificate and write it, with its key, into one file."""
    file.write_text("".join(Path(part).read_text("ascii") for part in station.issue_client_certificate()), "ascii")
