"""Start, stop, certificates and connections."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import requests
from rest_caller import RestCaller
from simulator_waiting import wait_until

from airflow_provider_wincc import simulator
from airflow_provider_wincc.simulator import Simulator, SimulatorStartError
from airflow_provider_wincc.simulator.connections import Connections


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("wincc-simulator")]


def test_leaving_the_context_frees_port_thread_and_certificates() -> None:
    before = threads()
    with Simulator(plant="still") as station:
        port, folder = station.port, Path(str(station.ca_file)).parent
        assert folder.is_dir()
        assert folder.stat().st_mode & 0o077 == 0

    assert threads() == before
    assert not folder.exists()
    with Simulator(port=port, plant="still") as again:
        assert again.port == port


def test_a_port_in_use_is_said_in_words() -> None:
    with Simulator(plant="still") as station, pytest.raises(SimulatorStartError) as caught:
        Simulator(port=station.port).start()

    assert f"127.0.0.1:{station_port(caught)}" in str(caught.value)
    assert "the port is in use; choose another one, or 0 for a free one" in str(caught.value)


def station_port(caught: pytest.ExceptionInfo[SimulatorStartError]) -> str:
    return str(caught.value).partition("127.0.0.1:")[2].partition(":")[0]


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("192.0.2.1", 0), ("127.0.0.1", 70000)])
def test_an_address_that_cannot_be_listened_on_is_said_in_words(host: str, port: int) -> None:
    with pytest.raises(SimulatorStartError, match=f"cannot listen on {host}:{port}: "):
        Simulator(port=port, host=host).start()


def test_a_station_that_is_not_running_says_so() -> None:
    station = Simulator()

    for ask in (lambda: station.url, lambda: station.port, lambda: station.ca_file, station.drop_idle_connections):
        with pytest.raises(SimulatorStartError, match="is not running; use it in a with statement"):
            ask()
    assert repr(station).startswith("<Simulator not started")
    station.stop()


def test_a_station_cannot_be_started_twice() -> None:
    with Simulator(plant="still", tls=False) as station, pytest.raises(SimulatorStartError, match="runs already"):
        station.start()


def test_a_station_can_be_started_again_and_keeps_its_tags() -> None:
    station = Simulator(plant="still", tags={"A": 1.5})
    with station:
        station.set("A", 2.5)
    with station:
        caller = RestCaller(station)
        with closing(caller.session):
            assert caller.read("A").json()[0]["value"] == "2.5"


@pytest.mark.parametrize(
    "words",
    [{"plant": "wild"}, {"tls": False, "client_certificates": True}, {"tls": False, "hostname": "x.example"}],
)
def test_a_station_that_makes_no_sense_is_refused(words: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"plant is demo or still|need tls=True"):
        Simulator(**words)  # type: ignore[arg-type]


def test_plain_http_has_no_ca_file() -> None:
    with Simulator(tls=False, plant="still") as station:
        caller = RestCaller(station)
        with closing(caller.session):
            assert station.url == f"http://127.0.0.1:{station.port}"
            assert station.ca_file is None
            assert caller.read("Tank1.Level").status_code == 200
        with pytest.raises(SimulatorStartError, match="has no certificates"):
            station.issue_client_certificate()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_certificate_is_good_for_the_loopback_names(station: Simulator, host: str) -> None:
    caller = RestCaller(station)
    caller.origin = f"https://{host}:{station.port}"
    with closing(caller.session):
        assert caller.read("Tank1.Level").status_code == 200


def test_without_the_ca_the_certificate_is_not_trusted(station: Simulator) -> None:
    caller = RestCaller(station)
    caller.session.verify = True
    with closing(caller.session), pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        caller.read("Tank1.Level")
    assert station.requests == []


def test_a_certificate_for_another_name_does_not_match() -> None:
    with Simulator(hostname="other.example", plant="still") as station:
        caller = RestCaller(station)
        with closing(caller.session), pytest.raises(requests.exceptions.SSLError, match=r"doesn't match|not valid for"):
            caller.read("Tank1.Level")


def test_client_certificates_are_asked_for() -> None:
    with Simulator(client_certificates=True, plant="still") as station:
        caller = RestCaller(station)
        with closing(caller.session):
            with pytest.raises(requests.ConnectionError):
                caller.read("Tank1.Level")
            caller.session.cert = station.issue_client_certificate()
            assert caller.read("Tank1.Level").status_code == 200
        with Simulator(plant="still") as stranger:
            other = RestCaller(station)
            other.session.cert = stranger.issue_client_certificate()
            with closing(other.session), pytest.raises(requests.ConnectionError):
                other.read("Tank1.Level")


def hold_delays(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let delayed requests wait for the event that is returned, instead of for a time."""
    over = threading.Event()

    async def wait(*_: object) -> None:
        await asyncio.to_thread(over.wait, 60)

    monkeypatch.setattr(Connections, "wait", wait)
    return over


def test_idle_connections_are_dropped_and_busy_ones_are_not(
    station: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = hold_delays(monkeypatch)
    idle, busy = RestCaller(station), RestCaller(station)
    station.drop_idle_connections()
    idle.read("Tank1.Level")
    station.fail_next("delay", seconds=60)
    with closing(idle.session), closing(busy.session), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(busy.read, "Tank1.Level")
        wait_until(lambda: len(station.requests) == 2, what="both requests to arrive")
        dropped = station.drop_idle_connections()
        idle.read("Tank1.Level")
        over.set()

        assert answer.result().status_code == 200
    first, _, last = station.requests
    assert dropped == 1
    assert first.connection != last.connection


def test_stopping_does_not_wait_for_requests_that_hang() -> None:
    with Simulator(plant="still") as station, ThreadPoolExecutor(2) as pool:
        callers = [RestCaller(station) for _ in range(2)]
        station.fail_next("stall", seconds=60)
        station.fail_next("delay", seconds=60)
        answers = [pool.submit(caller.read, "Tank1.Level", timeout=60) for caller in callers]
        wait_until(lambda: len(station.requests) == 2, what="both requests to arrive")
        began = time.monotonic()
        station.stop()
        took = time.monotonic() - began
        failures = [type(answer.exception()) for answer in answers]
        for caller in callers:
            caller.session.close()

    assert took < 20
    assert all(issubclass(failure, requests.ConnectionError) for failure in failures)


def test_many_tags_are_read_fast_enough() -> None:
    tags = {f"N{number}": number + 0.5 for number in range(10_000)}
    with Simulator(tags=tags, plant="still") as station:
        caller = RestCaller(station)
        with closing(caller.session):
            rows = caller.read(*tags).json()

    assert [row["value"] for row in rows[:2]] == ["0.5", "1.5"]
    assert len(rows) == 10_000


def test_a_client_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind() -> None:
    with Simulator(tls=False, plant="still") as station:
        with socket.create_connection(("127.0.0.1", station.port), timeout=10) as client:
            client.sendall(
                b"PUT /WinCCRestService/tagManagement/Value/Tank1.Setpoint HTTP/1.1\r\n"
                b'Host: x\r\nContent-Length: 100\r\n\r\n{"value": '
            )
        caller = RestCaller(station)
        with closing(caller.session):
            caller.read("Tank1.Level")

        assert [(record.method, record.in_flight) for record in station.requests] == [("POST", 1)]
        assert station.get("Tank1.Setpoint").value == 40.0


def test_what_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Symulator'"):
        _ = simulator.Symulator
