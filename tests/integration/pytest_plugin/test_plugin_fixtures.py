"""Tests of users, run by a pytest of their own, get a station and connections to it."""

from __future__ import annotations

import pytest

# Loaded here, since pytester unloads what a run of its own has loaded, and Airflow does not bear that.
import airflow_provider_wincc.hooks.wincc  # noqa: F401

pytest_plugins = "pytester"


@pytest.fixture(autouse=True)
def strict(pytester: pytest.Pytester) -> None:
    """Whatever the plugin does in a user's run, it gives no warning and uses no unknown marker."""
    pytester.makeini(
        "[pytest]\naddopts = --strict-markers -p no:cacheprovider -p no:asyncio -p no:xdist\nfilterwarnings = error\n"
    )


def run(pytester: pytest.Pytester, *, passed: int, **files: str) -> None:
    pytester.makepyfile(**files)
    pytester.runpytest_inprocess().assert_outcomes(passed=passed)


def test_each_test_gets_a_station_of_its_own_that_stands_still(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        passed=2,
        test_station="""
            import pytest

            seen = []

            @pytest.mark.parametrize("number", [1, 2])
            def test_a_station(number, wincc_station, wincc_client):
                assert wincc_station not in seen
                seen.append(wincc_station)
                assert wincc_station.writes == []
                wincc_station.step(1)  # refused by a plant that moves
                wincc_client.write_tag("Tank1.Setpoint", 50.0 + number)
                assert [write.value for write in wincc_station.writes] == [50.0 + number]
                wincc_station.stop_service()
        """,
    )


def test_stations_have_ended_when_the_run_has(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        passed=1,
        conftest="""
            def pytest_sessionfinish(session):
                import pytest

                from airflow_provider_wincc.simulator import SimulatorStartError

                with pytest.raises(SimulatorStartError, match="not running"):
                    session.station.url
        """,
        test_station="""
            def test_a_station(wincc_station, request):
                request.session.station = wincc_station
                assert wincc_station.url.startswith("https://127.0.0.1:")
        """,
    )


def test_a_test_may_stop_its_station_itself(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        passed=1,
        test_station="""
            def test_a_station(wincc_station):
                wincc_station.stop()
        """,
    )


def test_the_connection_reaches_the_station_and_is_gone_after_the_test(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        passed=2,
        test_station="""
            import os

            from airflow_provider_wincc.hooks.wincc import WinCCHook

            def test_with_a_connection(wincc_station, wincc_connection):
                assert wincc_connection == "wincc_default"
                with WinCCHook().get_conn() as client:
                    assert client.read_tag("Tank1.Level", data_type=float).value == 40.0
                assert {request.user for request in wincc_station.requests} == {"engineer"}

            def test_without_one(wincc_station):
                assert "AIRFLOW_CONN_WINCC_DEFAULT" not in os.environ
        """,
    )


def test_a_connection_of_the_environment_is_back_after_the_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WINCC_DEFAULT", "wincc://wincc01.plant.example")

    run(
        pytester,
        passed=2,
        test_station="""
            import os

            def test_with_a_connection(wincc_connection):
                assert "127.0.0.1" in os.environ["AIRFLOW_CONN_WINCC_DEFAULT"]

            def test_without_one():
                assert os.environ["AIRFLOW_CONN_WINCC_DEFAULT"] == "wincc://wincc01.plant.example"
        """,
    )


def test_a_connection_does_not_go_through_the_proxy_of_the_developer(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.plant.example:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    run(
        pytester,
        passed=1,
        test_station="""
            from airflow_provider_wincc.hooks.wincc import WinCCHook

            def test_with_a_connection(wincc_connection, wincc_client):
                assert wincc_client.read_tag("Tank1.Level", data_type=float).value == 40.0
                with WinCCHook().get_conn() as client:
                    assert client.read_tag("Tank1.Level", data_type=float).value == 40.0
        """,
    )


def test_further_connections_have_their_own_login_extras_and_station(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        passed=1,
        test_station="""
            import pytest

            from airflow_provider_wincc.client import WinCCPermissionError, WinCCWriteRefusedError
            from airflow_provider_wincc.hooks.wincc import WinCCHook
            from airflow_provider_wincc.simulator import Simulator

            def write(conn_id, value):
                with WinCCHook(conn_id).get_conn() as client:
                    client.write_tag("Tank1.Setpoint", value)

            def test_connections(wincc_station, wincc_connect):
                limited = wincc_connect("line2", tag_limits={"Tank1.*": (0, 50)})
                viewer = wincc_connect("viewer", login="viewer")
                with pytest.raises(WinCCWriteRefusedError):
                    write(limited, 60)
                with pytest.raises(WinCCPermissionError):
                    write(viewer, 40)
                write(limited, 45)
                with Simulator(plant="still") as other:
                    write(wincc_connect("line3", station=other), 70)
                    assert [write.value for write in other.writes] == [70]
                assert [write.value for write in wincc_station.writes] == [45]
        """,
    )


def test_markers_choose_the_station_and_the_nearest_one_counts(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        passed=3,
        test_station="""
            import pytest

            from airflow_provider_wincc.simulator import SimulatedUnit

            pytestmark = pytest.mark.wincc_station(tags={"Line9.Speed": 120.0}, plant="demo")

            def test_the_module(wincc_station):
                assert wincc_station.get("Line9.Speed").value == 120.0
                with pytest.raises(RuntimeError, match="moves in real time"):
                    wincc_station.step(1)

            @pytest.mark.wincc_station(plant="still", units=[SimulatedUnit(name="Reactor2", profile="D")])
            class TestUnits:
                def test_the_class(self, wincc_station):
                    assert wincc_station.unit("Reactor2").state
                    wincc_station.step(1)
                    assert "Line9.Speed" in wincc_station.tag_names

                @pytest.mark.wincc_station(tags={"Line8.Speed": 1}, tls=False)
                def test_the_function(self, wincc_station, wincc_client):
                    assert wincc_station.url.startswith("http://")
                    assert wincc_client.read_tag("Line8.Speed", data_type=int).value == 1
                    assert "Line9.Speed" not in wincc_station.tag_names
        """,
    )
