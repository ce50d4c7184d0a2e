"""A plant that only an Edge worker reaches, which itself reaches nothing but the API server and the station.

The worker, its executor, the walls and the settings are real; the settings are those of ``docs/deployment.md``.
"""

from __future__ import annotations

import json
import re

import pytest
from edge_site import UNITS, edge_site

from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = [
    pytest.mark.system,
    pytest.mark.services,
    pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="reschedule mode remembers hold times from Airflow 3.3 on"),
]

WAITS, WORK, COLLECTOR, TOLD = "wincc_edge_waits", "wincc_edge_work", "wincc_edge_collector", "wincc_edge_told"
WAYS = ("by_default", "rescheduled")
OF_THE_PAGE = ("at_plant_a", "collect_batches")
ERRORS = {
    "failed": "AirflowFailException: The wait ended because fail_if is true.",
    "late": "AirflowSensorTimeout: The condition was not met within 5 s.",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, whose DAGs have been set off."""
    with edge_site(tmp_path_factory.mktemp("edge")) as started:
        started.station.raise_message(1001)
        started.station.set("Line3.Running", value=False)
        started.run(WORK, WAITS, COLLECTOR, *OF_THE_PAGE)
        yield started


@pytest.fixture(scope="module")
def waits(site):
    """The site after all waits have ended."""
    site.wait_for(WAITS)
    return site


@pytest.fixture(scope="module")
def deferred(waits, airflow):
    """The same waits in the DMZ, by a connection that lets them defer."""
    with waits.net.inside("dmz"):
        run = airflow.run(
            "wincc_edge_site.py",
            waits.station,
            settings={"AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE": "True"},
            # The whole site works on the same machine meanwhile.
            patience=900,
        )
    assert "new_state=deferred" in run.output
    return run


def test_the_worker_reaches_the_api_server_and_the_station_alone(site):
    net = site.net

    with net.listener("enterprise") as other_port, net.listener("plant") as other_plant_port:
        assert net.reaches("dmz", net.enterprise, site.api_port)
        assert net.reaches("dmz", net.plant, site.station.port)
        assert net.reaches("enterprise", net.enterprise, other_port)
        assert not net.reaches("dmz", net.enterprise, other_port)
        assert not net.reaches("dmz", net.enterprise, 5432)
        assert not net.reaches("dmz", net.plant, other_plant_port)


def test_the_enterprise_reaches_neither_the_plant_nor_the_dmz(site):
    net = site.net

    with net.listener("dmz") as dmz_port:
        assert net.reaches("dmz", net.dmz, dmz_port)
        assert not net.reaches("enterprise", net.dmz, dmz_port)
        assert not net.reaches("enterprise", net.plant, site.station.port)
        assert not net.reaches("plant", net.enterprise, site.api_port)


def test_it_checks_reads_writes_and_exports(site):
    assert site.wait_for(WORK) == "success", site.parts.logs()

    assert site.queues(WORK) == {("plant_a", "EdgeExecutor")}
    assert set(site.states(WORK).values()) == {"success"}
    assert site.result("read")["Mixer1.State"]["value"] == "IDLE"
    assert site.station.get("Tank1.Setpoint").value == 61.5
    (file,) = site.archive.rglob("*.csv")
    assert len(file.read_text().splitlines()) == site.result("export")["rows"] + 1 > 1000


def test_each_order_is_started_once_and_collected_without_a_slot_being_held(site):
    site.wait_for(WORK)

    for unit, way in zip(UNITS, WAYS, strict=True):
        result = site.result(f"hand_off_{way}")
        assert (result["unit"], result["outcome"]) == (unit, "successful")
        assert [start.order_id for start in site.station.unit(unit).starts] == [result["order_id"]]
        assert site.processes(f"hand_off_{way}") >= 2


@pytest.mark.parametrize("way", WAYS)
def test_waits_that_are_met_give_what_deferred_ones_give(waits, deferred, way):
    for wait in ("held", "message"):
        assert waits.states(WAITS)[f"{wait}_{way}"] == deferred.states[f"{wait}_by_default"] == "success"
        assert waits.result(f"{wait}_{way}") == deferred.results[f"{wait}_by_default"]
    assert waits.processes(f"held_{way}") >= 2


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wait", ["failed", "late"])
def test_waits_that_fail_say_what_deferred_ones_say(waits, deferred, way, wait):
    assert waits.states(WAITS)[f"{wait}_{way}"] == deferred.states[f"{wait}_by_default"] == "failed"
    assert waits.processes(f"{wait}_{way}") >= 2
    (error,) = errors_in(waits.log(f"{wait}_{way}"))
    assert error.startswith(ERRORS[wait])
    assert error in without_durations(deferred.output)


def test_no_wait_has_left_the_worker(waits):
    assert waits.parts.rows("SELECT id FROM trigger") == []
    for wait in ("held", "failed", "late"):
        assert "has allow_deferrable=false: the task does not defer" in waits.log(f"{wait}_by_default")
        assert "allow_deferrable" not in waits.log(f"{wait}_rescheduled")


def test_a_collector_starts_a_dag_in_the_enterprise(site):
    site.parts.wait("looking once", lambda: site.states(COLLECTOR) == {"collect": "up_for_reschedule"}, seconds=300)
    assert site.states(TOLD) == {}

    site.station.set("Line3.Running", value=True)

    assert site.wait_for(TOLD) == "success"
    assert site.result("list_sources") == ["collect"]
    assert site.queues(TOLD) == {("default", None)}


def test_the_dags_of_the_page_do_what_it_says(site):
    # It is a look of the run that we have set off or, before that, of one that its schedule has.
    site.parts.wait("a look", lambda: site.processes("batch_is_done") >= 2, seconds=300)
    assert site.states("after_each_batch") == {}

    site.station.set("Mixer1.Cycles", site.station.get("Mixer1.Cycles").value + 1)

    assert site.wait_for("after_each_batch") == "success"
    assert site.result("read_the_batch")["Mixer1.Recipe"]["quality"] == "good"
    assert site.wait_for("at_plant_a") == "success"
    assert site.result("read_cycles")["Mixer1.Cycles"]["value"] == site.station.get("Mixer1.Cycles").value
    for dag_id in (*OF_THE_PAGE, "after_each_batch"):
        assert site.queues(dag_id) == {("plant_a", "EdgeExecutor")}


def errors_in(log):
    """The errors that a task's log tells, without durations."""
    entries = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    told = [error for entry in entries for error in entry.get("error_detail", [])]
    return [without_durations(f"{error['exc_type']}: {error['exc_value']}") for error in told]


def without_durations(text):
    return re.sub(r"true for [0-9.]+ s", "true for a while", text)
