"""The watch over a unit of a deferred handoff: TLS that fails, or a redirect, ends it with the error of the client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hostile_server import HostileServer, with_status
from sensor_runs import first_event
from task_context import new_context
from test_network_tls import REFUSED
from wait_modes import CONN_ID, PASSWORD, Target, error_of_client, failure_in

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from certificate_kit import CertificateKit
    from tls_front import TlsFront

pytestmark = pytest.mark.skipif(
    not AIRFLOW_V_3_3_PLUS, reason="below Airflow 3.3 there is no task state store, in which a handoff keeps its note"
)


@pytest.fixture(scope="module")
def unit_station() -> Iterator[Simulator]:
    """A station with a unit that takes no orders for now, so that a handoff waits for it."""
    from simulated_units import UNIT, simulated_unit

    with Simulator(plant="still", tls=False, units=[simulated_unit()]) as station:
        station.unit(UNIT).set_mode(2)
        yield station


@pytest.fixture
def trigger(unit_station: Simulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The trigger of a handoff that was deferred while all was well."""
    from handoff_runs import deferred_trigger, rebuild

    Target(unit_station.url, {}, unit_station.users["engineer"].password).connect(monkeypatch)
    return rebuild(deferred_trigger(new_context(), wincc_conn_id=CONN_ID))


@pytest.mark.parametrize("case", REFUSED)
def test_tls_that_fails_ends_the_watch_with_the_error_of_the_client(
    trigger: Any,
    kit: CertificateKit,
    unit_station: Simulator,
    fronts: list[TlsFront],
    monkeypatch: pytest.MonkeyPatch,
    case: str,
) -> None:
    fronts.append(REFUSED[case].open(kit, unit_station.port))
    target = REFUSED[case].target(kit, fronts[0].url, unit_station.users["engineer"].password)
    target.connect(monkeypatch)

    event = asyncio.run(first_event(trigger))

    assert event["status"] == "failed"
    error = failure_in(event)
    assert (type(error), str(error)) == (type(error_of_client(target)), str(error_of_client(target)))


def test_a_redirect_ends_the_watch_and_is_not_followed(trigger: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with HostileServer(b"") as elsewhere:
        moved = with_status("307 Temporary Redirect", b"", f"Location: {elsewhere.url}/")
        with HostileServer(moved) as station:
            Target(station.url, {}, PASSWORD).connect(monkeypatch)

            event = asyncio.run(first_event(trigger))

    assert event["status"] == "failed"
    assert failure_in(event).status == 307
    assert elsewhere.connections == 0
