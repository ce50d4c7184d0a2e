"""A proxy between us and the station."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from connect_proxy import ConnectProxy

from airflow_provider_wincc.client import (
    StationSettings,
    WinCCClient,
    WinCCConfigurationError,
    WinCCConnectionError,
    WinCCTLSError,
    WinCCWriteOutcomeUnknownError,
)
from airflow_provider_wincc.client.check import check_station

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from airflow_provider_wincc.simulator import Simulator


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    with ConnectProxy() as running:
        yield running


def test_requests_go_through_the_proxy_of_the_connection(
    station: Simulator, proxy: ConnectProxy, open_client: Callable[..., WinCCClient]
) -> None:
    client = open_client(proxy=proxy.url)

    client.read_tag("T.A")
    client.write_tag("T.A", 9.0)

    assert proxy.targets == [f"127.0.0.1:{station.port}"]
    assert station.get("T.A").value == 9.0


@pytest.mark.parametrize("connection", ["new", "reused"])
@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_a_write_whose_connection_broke_behind_the_proxy_is_in_doubt(
    station: Simulator, proxy: ConnectProxy, open_client: Callable[..., WinCCClient], fault: str, connection: str
) -> None:
    client = open_client(proxy=proxy.url)
    if connection == "reused":
        client.read_tag("T.A")
    station.fail_next(fault, method="PUT")

    with pytest.raises(WinCCWriteOutcomeUnknownError):
        client.write_tags({"T.A": 9.0})

    assert sum(request.method == "PUT" for request in station.requests) == 1


def test_a_read_whose_connection_broke_behind_the_proxy_is_tried_again(
    station: Simulator, proxy: ConnectProxy, open_client: Callable[..., WinCCClient]
) -> None:
    client = open_client(proxy=proxy.url)
    station.fail_next("drop_before", 2)

    assert client.read_tag("T.A").value == 1.0


def test_a_proxy_that_wants_another_login_is_named_without_it(
    station: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    with ConnectProxy(login="anna:right-password") as proxy:
        client = open_client(proxy=proxy.url.replace("://", "://anna:wrong-password@"))

        with pytest.raises(WinCCConnectionError) as caught:
            client.write_tags({"T.A": 9.0})

    assert f"The proxy {proxy.url} " in caught.value.message
    assert "407" in caught.value.message
    assert "password" not in str(caught.value)


def test_a_login_for_the_proxy_is_used(station: Simulator, open_client: Callable[..., WinCCClient]) -> None:
    with ConnectProxy(login="anna:p@ss/word") as proxy:
        client = open_client(proxy=proxy.url.replace("://", "://anna:p%40ss%2Fword@"))

        value = client.read_tag("T.A").value
        client.close()

    assert value == 1.0


def test_the_certificate_of_the_station_is_checked_behind_a_proxy_too(
    proxy: ConnectProxy, open_client: Callable[..., WinCCClient]
) -> None:
    with pytest.raises(WinCCTLSError, match="certificate"):
        open_client(proxy=proxy.url, verify=True).write_tags({"T.A": 9.0})


@pytest.mark.parametrize("none", [False, "false", " Off ", {"https": False}])
def test_a_proxy_of_the_environment_is_used_unless_the_connection_says_none(
    monkeypatch: pytest.MonkeyPatch, proxy: ConnectProxy, settings_of: Callable[..., StationSettings], none: object
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)

    with WinCCClient(settings_of()) as client:
        client.read_tag("T.A")
    with WinCCClient(settings_of(proxy=none)) as client:
        client.read_tag("T.A")

    assert len(proxy.targets) == 1


def test_a_proxy_of_the_environment_that_cannot_be_read_is_an_error_that_does_not_quote_it(
    monkeypatch: pytest.MonkeyPatch, station: Simulator, settings_of: Callable[..., StationSettings]
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "anna:hidden-password@127.0.0.1:1")

    with WinCCClient(settings_of()) as client, pytest.raises(WinCCConfigurationError) as caught:
        client.write_tags({"T.A": 9.0})

    assert "HTTPS_PROXY" in caught.value.hint
    assert "hidden-password" not in str(caught.value)


def test_a_proxy_that_needs_a_missing_package_names_it() -> None:
    # In a process of its own: requests looks for the package when it is imported.
    code = """
import sys
sys.modules["socks"] = None
from dataclasses import replace
from airflow_provider_wincc.client import StationSettings, WinCCClient, WinCCConfigurationError
settings = replace(StationSettings.from_url("https://127.0.0.1:1"), proxy="socks5h://127.0.0.1:1")
try:
    with WinCCClient(settings) as client:
        client.read_tag("T.A")
except WinCCConfigurationError as error:
    print(error)
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert finished.returncode == 0, finished.stderr
    assert "PySocks" in finished.stdout


def test_a_proxy_may_be_given_by_scheme(
    station: Simulator, proxy: ConnectProxy, open_client: Callable[..., WinCCClient]
) -> None:
    assert open_client(proxy={"http": "http://127.0.0.1:1", "https": proxy.url}).read_tag("T.A").value == 1.0
    assert open_client(proxy={"http": "http://127.0.0.1:1", "https": "none"}).read_tag("T.A").value == 1.0
    assert len(proxy.targets) == 1


@pytest.mark.parametrize("key", ["all", "https://127.0.0.1", "all://127.0.0.1"])
def test_every_key_that_may_name_a_proxy_is_one_that_is_used(
    station: Simulator, proxy: ConnectProxy, open_client: Callable[..., WinCCClient], key: str
) -> None:
    open_client(proxy={key: proxy.url}).read_tag("T.A")

    assert proxy.targets == [f"127.0.0.1:{station.port}"]


def test_no_proxy_of_the_environment_is_kept(
    monkeypatch: pytest.MonkeyPatch, proxy: ConnectProxy, open_client: Callable[..., WinCCClient]
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    open_client().read_tag("T.A")

    assert proxy.targets == []


def test_a_login_in_netrc_is_not_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, station: Simulator, settings_of: Callable[..., StationSettings]
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login engineer password {station.users['engineer'].password}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    settings = settings_of()
    nobody = StationSettings(address=settings.address, verify=settings.verify)

    with WinCCClient(nobody) as client, pytest.raises(Exception, match="401"):
        client.read_tag("T.A")

    assert station.requests[-1].user is None


def test_a_check_through_a_proxy_passes_every_step(
    proxy: ConnectProxy, settings_of: Callable[..., StationSettings]
) -> None:
    assert check_station(settings_of(proxy=proxy.url)).ok


def test_a_check_names_a_proxy_that_is_away(settings_of: Callable[..., StationSettings]) -> None:
    check = check_station(settings_of(proxy="http://anna:secret@127.0.0.1:1"))

    assert check.failed == "TCP"
    assert "http://127.0.0.1:1" in str(check)
    assert "secret" not in str(check)
