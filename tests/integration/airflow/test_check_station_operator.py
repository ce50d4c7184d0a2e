from __future__ import annotations

import json
import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from notifier_runs import logged
from task_context import TaskInstance

from airflow_provider_wincc.client import WinCCConnectionError, WinCCServiceUnavailableError, WinCCTagError
from airflow_provider_wincc.operators.station import WinCCCheckStationOperator

pytestmark = pytest.mark.usefixtures("connect")

STEPS = ["address", "TCP", "TLS", "login", "permission", "first read"]


class StoringTaskInstance(TaskInstance):
    """A task instance that keeps what a task stores itself."""

    def __init__(self):
        super().__init__()
        self.stored = {}

    def xcom_push(self, key, value):
        self.stored[key] = json.loads(json.dumps(value, allow_nan=False))


@pytest.fixture
def context(context):
    context["ti"] = StoringTaskInstance()
    return context


def check(context, **arguments):
    operator = WinCCCheckStationOperator(task_id="check", **arguments)
    operator.render_template_fields({**context, "task": operator})
    return operator.execute(context)


def row(log, start):
    (line,) = [line for line in log.splitlines() if line.startswith(start)]
    return line


def test_a_station_that_is_reached_passes_all_steps(station, context):
    result = check(context)

    assert [step["step"] for step in result["steps"]] == STEPS
    assert {step["result"] for step in result["steps"]} == {"passed"}
    assert (result["station"], result["worker"]) == (station.url, socket.gethostname())
    assert (result["tags"], result["writable"], result["seconds_ahead"]) == ({}, {}, None)
    assert (result["dag_id"], result["run_id"], result["task_id"]) == ("line3", "manual__1", "task")
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert len(station.requests) == 2


def test_the_log_has_a_table_of_all_that_was_found(station, context, caplog, capsys):
    caplog.set_level("INFO")
    station.set("Tank1.Level", 55.5)

    check(context, tags=["Tank1.Level"], writable=["Tank1.Setpoint"])

    log = logged(caplog, capsys)
    assert f"seen from worker {socket.gethostname()!r}" in log
    assert row(log, "what ").split() == ["what", "result", "ms", "detail"]
    assert row(log, "login ").split(maxsplit=2) == ["login", "passed", "as 'engineer'"]
    assert "passed" in row(log, "first read ")
    assert "good" in row(log, "read Tank1.Level ")
    assert "55.5 at 20" in row(log, "read Tank1.Level ")
    assert "allowed  " in row(log, "write Tank1.Setpoint ")
    assert "nothing was written" in row(log, "write Tank1.Setpoint ")


def test_tags_are_read_and_reported_with_quality(station, context):
    station.set("Tank1.Level", 55.5)
    station.set("Tank2.Level", 1.0, quality=0x18)

    tags = check(context, tags=["Tank1.Level", "Tank2.Level"])["tags"]

    assert (tags["Tank1.Level"]["value"], tags["Tank1.Level"]["quality"]) == (55.5, "good")
    assert (tags["Tank2.Level"]["quality"], tags["Tank2.Level"]["quality_code"]) == ("bad", 0x18)


def test_one_name_alone_is_a_list_of_one(context):
    assert list(check(context, tags="Tank1.Level")["tags"]) == ["Tank1.Level"]


def test_templates_are_rendered(connect, context):
    connect("other")
    context["params"] = {"unit": "Tank2", "connection": "other"}

    result = check(
        context,
        tags=["{{ params.unit }}.Level"],
        writable=["{{ params.unit }}.Setpoint"],
        wincc_conn_id="{{ params.connection }}",
    )

    assert (list(result["tags"]), list(result["writable"])) == (["Tank2.Level"], ["Tank2.Setpoint"])


def test_nothing_is_written(station, context):
    result = check(context, writable=["Tank1.Setpoint", "Tank2.Setpoint"])

    assert result["writable"] == {"Tank1.Setpoint": None, "Tank2.Setpoint": None}
    assert [request.method for request in station.requests] == ["GET", "POST", "POST"]


def test_limits_of_values_do_not_refuse_a_name(connect, context):
    connect("strict", tag_limits={"Tank1.*": [10, 20]}, writable_tags=["Tank1.*"])

    assert check(context, writable=["Tank1.Setpoint"], wincc_conn_id="strict")["writable"] == {"Tank1.Setpoint": None}


@pytest.mark.parametrize(
    ("extra", "refused"),
    [({"read_only": True}, ["Tank1.Setpoint", "Mixer1.Speed"]), ({"writable_tags": ["Mixer1.*"]}, ["Tank1.Setpoint"])],
)
def test_a_tag_that_the_policy_refuses_fails_without_retries(connect, context, extra, refused, caplog, capsys):
    caplog.set_level("INFO")
    connect("strict", **extra)
    (rule,) = extra

    with pytest.raises(AirflowFailException, match=rf"refuses {len(refused)} of 2 tags.*{rule}.*What to do"):
        check(context, writable=["Tank1.Setpoint", "Mixer1.Speed"], wincc_conn_id="strict")

    log = logged(caplog, capsys)
    assert all("refused" in row(log, f"write {name} ") for name in refused)
    stored = context["ti"].stored["return_value"]["writable"]
    assert [name for name, reason in stored.items() if reason and rule in reason] == refused


@pytest.mark.parametrize("argument", ["tags", "writable"])
def test_an_unknown_tag_fails_without_retries_and_the_others_are_reported(context, argument):
    with pytest.raises(AirflowFailException, match=r"Tags cannot be read: 'Tank9\.Level'.*Check the spelling"):
        check(context, **{"tags": ["Tank1.Level"], argument: ["Tank1.Level", "Tank9.Level"]})

    stored = context["ti"].stored["return_value"]
    assert stored["tags"]["Tank1.Level"]["quality"] == "good"
    assert "not found" in str(stored[argument]["Tank9.Level"])


def test_a_tag_whose_controller_is_away_fails_with_retries(station, context):
    station.set("Far", 0.0, data_type="float64", error_code=1, error="connection not established")

    with pytest.raises(WinCCTagError, match="'Far'") as caught:
        check(context, tags=["Far"])

    assert caught.value.retryable


def test_a_station_lost_after_the_steps_fails_with_retries(station, context):
    station.fail_next("initial_quality", path="/tagManagement/Values")
    station.fail_next("server_error", path="/tagManagement/Values", count=9)

    with pytest.raises(Exception, match="500"):
        check(context, tags=["Tank1.Level"])

    assert {step["result"] for step in context["ti"].stored["return_value"]["steps"]} == {"passed"}


def connection(station, **fields):
    return {
        "conn_type": "wincc",
        "host": station.url,
        "login": "engineer",
        "password": station.users["engineer"].password,
        "extra": {"verify": station.ca_file},
        **fields,
    }


@pytest.mark.parametrize(
    ("step", "fields", "kind", "advice"),
    [
        ("address", {"host": "no-such-host.invalid"}, WinCCConnectionError, "Check the spelling of the host"),
        ("TCP", {"host": "https://127.0.0.1:{closed_port}"}, WinCCConnectionError, "firewall"),
        ("TLS", {"extra": {}}, AirflowFailException, "'verify'"),
        ("login", {"password": "wrong-secret"}, AirflowFailException, "user name and password"),
        ("permission", {"login": "guest"}, AirflowFailException, "remote read"),
    ],
)
def test_the_first_step_that_fails_is_named_with_what_to_do(
    station, context, monkeypatch, step, fields, kind, advice, caplog, capsys
):
    caplog.set_level("DEBUG")
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = str(server.getsockname()[1])
    given = connection(station, **fields)
    given["host"] = given["host"].replace("{closed_port}", port)
    if given["login"] == "guest":
        given["password"] = station.users["guest"].password
    monkeypatch.setenv("AIRFLOW_CONN_PLANT", json.dumps(given))

    with pytest.raises(kind) as caught:
        check(context, wincc_conn_id="plant", tags=["Tank1.Level"])

    told, stored, log = str(caught.value), context["ti"].stored["return_value"], logged(caplog, capsys)
    assert told.startswith(f"Step '{step}' failed on worker {socket.gethostname()!r}: ")
    assert "What to do: " in told
    assert advice in told
    results = [entry["result"] for entry in stored["steps"]]
    assert results[STEPS.index(step) :] == ["failed", *["not reached"] * (5 - STEPS.index(step))]
    assert "failed" in row(log, f"{step} ")
    assert len(station.requests) <= 1
    for text in (told, json.dumps(stored), log):
        assert given["password"] not in text


def test_a_service_that_is_not_started_fails_with_retries(station, context):
    station.stop_service()

    with pytest.raises(WinCCServiceUnavailableError, match=r"Step 'login' failed.*REST service is not started"):
        check(context)

    assert len(station.requests) == 1


def test_a_connection_that_cannot_be_read_fails_without_retries(context, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_PLANT", json.dumps({"conn_type": "wincc", "login": "u"}))

    with pytest.raises(AirflowFailException, match=r"'plant'.*no host"):
        check(context, wincc_conn_id="plant")


@pytest.mark.parametrize("argument", ["tags", "writable"])
@pytest.mark.parametrize("names", [{"a": 1}, [1], None, "", [""]])
def test_bad_lists_are_named_and_nothing_is_sent(station, context, argument, names):
    with pytest.raises(AirflowFailException, match=rf"The {argument} of task 'check'"):
        check(context, **{argument: names})

    assert station.requests == []


def test_a_success_shows_no_password(station, context, caplog, capsys):
    caplog.set_level("DEBUG")

    result = check(context, tags=["Tank1.Level"], writable=["Tank1.Setpoint"])

    password = station.users["engineer"].password
    assert password not in json.dumps(result)
    assert password not in logged(caplog, capsys)


def test_timestamps_ahead_of_the_worker_are_told(station, context, caplog, capsys):
    station.set("Tank1.Level", 55.5, timestamp=datetime.now(UTC) + timedelta(hours=1))

    result = check(context, tags=["Tank1.Level"])

    assert 3500 < result["seconds_ahead"] <= 3600
    assert "'timezone' is not the station's" in logged(caplog, capsys)


def test_old_timestamps_say_nothing_of_the_clock(station, context, caplog, capsys):
    station.set("Tank1.Level", 55.5, timestamp=datetime.now(UTC) - timedelta(days=1))

    assert check(context, tags=["Tank1.Level"])["seconds_ahead"] is None
    assert "clock" not in logged(caplog, capsys)


def test_a_text_of_the_station_makes_no_row_of_its_own(station, context, caplog, capsys):
    caplog.set_level("INFO")
    station.set("Plant.BatchId", "B-1\nlogin  failed")

    check(context, tags=["Plant.BatchId"])

    assert row(logged(caplog, capsys), "login ").split()[1] == "passed"
