"""Fixtures for tests of your own DAGs: a simulated WinCC station and Airflow connections to it.

pytest loads this module in every run in an environment that has the provider, so it imports nothing but pytest
until a fixture is used. The fixtures need the extra ``pytest``.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.simulator import Simulator

_MARKER = "wincc_station"
# Each test has a station of its own: a port or a state folder would still be in use by the one of the test before.
_NOT_FOR_A_TEST = {"port", "host", "state", "reset"}
_CONNECTION_ID = re.compile(r"[\w.-]+")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, so that ``--strict-markers`` accepts it."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(plant=..., tags={{...}}, units=[...], ...): what the station of the fixture wincc_station is "
        "like, in the words of airflow_provider_wincc.simulator.Simulator; argument by argument, the marker nearest "
        "to the test counts.",
    )


@pytest.fixture
def wincc_station(
    request: pytest.FixtureRequest, _wincc_stop_later: Callable[[Simulator], None]
) -> Iterator[Simulator]:
    """Give a simulated WinCC station over HTTPS on a free port, new for each test, whose plant stands still.

    ``writes`` and ``requests`` tell what reached it, ``set`` and ``step`` move the plant, ``fail_next`` and
    ``stop_service`` let something go wrong. ``@pytest.mark.wincc_station(tags={...})`` makes another one.
    """
    station = _started(_options_of(request.node))
    yield station
    _wincc_stop_later(station)


@pytest.fixture
def wincc_connect(wincc_station: Simulator) -> Iterator[Callable[..., str]]:
    """Define Airflow connections to the station: ``wincc_connect("line2", login="viewer", read_only=True)``.

    They are environment variables, where Airflow looks before its database, and are gone after the test. Arguments:

    ``conn_id``
        ``wincc_default`` if left out; one that is defined already is replaced.
    ``login``
        a user of the station: ``engineer`` reads and writes, ``viewer`` reads, ``guest`` may do nothing.
    ``station``
        another running ``Simulator``.
    further ones
        extras of the connection, such as ``tag_limits`` and ``writable_tags``.

    Returns the connection's id.
    """
    from airflow_provider_wincc.client import StationSettings

    with pytest.MonkeyPatch.context() as environment:

        def connect(
            conn_id: str = "wincc_default", *, login: str = "engineer", station: Simulator | None = None, **extra: Any
        ) -> str:
            if not isinstance(conn_id, str) or not _CONNECTION_ID.fullmatch(conn_id):
                pytest.fail(
                    "wincc_connect takes the id of a connection, of letters, digits, '_', '-' and '.', such as "
                    f"'line2'; not {conn_id!r}.",
                    pytrace=False,
                )
            fields = _fields_of(wincc_station if station is None else station, login, **extra)
            # What is wrong with the extras is told here, rather than in the log of a task.
            StationSettings.from_fields(**fields)
            environment.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps({"conn_type": "wincc", **fields}))
            return conn_id

        yield connect


@pytest.fixture
def wincc_connection(wincc_connect: Callable[..., str]) -> str:
    """Define the Airflow connection ``wincc_default`` to the station, with TLS verified; give its id."""
    return wincc_connect()


@pytest.fixture
def wincc_client(wincc_station: Simulator) -> Iterator[WinCCClient]:
    """Open a client of the station, logged in as ``engineer``, for code that needs no Airflow."""
    from airflow_provider_wincc.client import StationSettings, WinCCClient

    with WinCCClient(StationSettings.from_fields(**_fields_of(wincc_station, "engineer"))) as client:
        yield client


@pytest.fixture(scope="session")
def _wincc_stop_later() -> Iterator[Callable[[Simulator], None]]:
    """Stop stations while the next tests run: a web server starts in 0.03 s, and takes 0.2 s to end."""
    with ThreadPoolExecutor(thread_name_prefix="wincc-station-stop") as pool:
        stops = []
        yield lambda station: stops.append(pool.submit(station.stop))
        for stop in stops:
            stop.result()


def _options_of(test: pytest.Item) -> dict[str, Any]:
    """Return what the markers of a test say of its station, argument by argument the nearest one."""
    options: dict[str, Any] = {"plant": "still"}
    for marker in reversed(list(test.iter_markers(_MARKER))):
        if marker.args:
            pytest.fail(
                f"@pytest.mark.{_MARKER} takes arguments by name only, such as tags={{'Line2.Speed': 120.0}}; not "
                f"{', '.join(map(repr, marker.args))}.",
                pytrace=False,
            )
        options |= marker.kwargs
    return options


def _started(options: dict[str, Any]) -> Simulator:
    try:
        from airflow_provider_wincc.simulator import Simulator
    except ModuleNotFoundError as problem:
        missing = (problem.name or "").partition(".")[0]
        if missing in {"", __package__}:
            raise
        pytest.fail(
            f"The fixture wincc_station needs {missing}: pip install 'airflow-provider-wincc[pytest]'", pytrace=False
        )
    known = [name for name in signature(Simulator).parameters if name not in _NOT_FOR_A_TEST]
    unknown = [name for name in options if name not in known]
    if unknown:
        pytest.fail(
            f"@pytest.mark.{_MARKER} has no argument {', '.join(map(repr, unknown))}; there are {', '.join(known)}.",
            pytrace=False,
        )
    try:
        station = Simulator(**options)
    except ValueError as problem:
        pytest.fail(f"@pytest.mark.{_MARKER} is wrong: {problem}", pytrace=False)
    station.start()
    return station


def _fields_of(station: Simulator, login: str, **extra: Any) -> dict[str, Any]:
    """Return the fields of a connection to a station, with further extras."""
    if login not in station.users:
        pytest.fail(f"The station has no user {login!r}; there are {', '.join(station.users)}.", pytrace=False)
    # A proxy of the developer's own machine does not lead to a station on it.
    own: dict[str, Any] = {"proxy": "none"}
    if station.ca_file is not None:
        own["verify"] = station.ca_file
    return {
        "host": station.url,
        "login": login,
        "password": station.users[login].password,
        "extra": {**own, **extra},
    }
