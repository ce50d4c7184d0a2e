from __future__ import annotations

import base64
import json
import socket
from contextlib import closing

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from notifier_runs import FAILED, STATUS, TEXT, add_screen, logged, notifier, puts, shown, status_only, written

pytestmark = pytest.mark.usefixtures("connect")


@pytest.fixture(autouse=True)
def screen(station):
    add_screen(station)


def test_the_text_is_written_and_proved_before_the_status_in_requests_of_their_own(station, context):
    notifier()(context)

    assert shown(station) == (FAILED, "job failed")
    assert [request.method for request in station.requests] == ["POST", "PUT", "POST", "POST", "PUT", "POST"]
    assert [request.body[0]["variableName"] for request in puts(station)] == [TEXT, STATUS]


def test_without_a_text_the_status_alone_is_written(station, context):
    status_only()(context)

    assert written(station) == [(STATUS, FAILED)]


@pytest.mark.parametrize(
    ("before", "status", "status_type", "after"),
    [
        (0, "{{ params.level }}", None, 60),
        (False, True, None, True),
        (0.5, 1.5, None, 1.5),
        ("OK", "FAILED", None, "FAILED"),
        ("42", "007", "text", "007"),
    ],
)
def test_the_status_is_any_value_that_fits_its_tag(station, context, before, status, status_type, after):
    station.set("Line3.Other", before)

    status_only(status_tag="Line3.Other", status=status, status_type=status_type)(context)

    assert station.get("Line3.Other").value == after


def test_templates_have_the_context_of_the_task(station, context):
    context["exception"] = ValueError("no order 4711")

    notifier(
        status_tag="{{ 'Line' }}3.JobStatus",
        text_tag="Line3.{{ 'JobText' }}",
        text="{{ ti.dag_id }}.{{ ti.task_id }}: {{ exception }}",
        wincc_conn_id="wincc_{{ 'default' }}",
    )(context)

    assert shown(station) == (FAILED, "line3.task: no order 4711")


def test_one_notifier_on_several_tasks_renders_for_each(station, context):
    shared = notifier(text="{{ exception }}")

    shared({**context, "exception": ValueError("first")})
    shared({**context, "exception": ValueError("second")})

    assert station.get(TEXT).value == "second"


def test_the_context_of_the_task_is_left_as_it_is(context):
    before = dict(context)

    notifier()(context)

    assert context == before


def test_a_dag_that_renders_native_objects_still_gives_a_text(station, context):
    dag = DAG(dag_id="native", schedule=None, render_template_as_native_obj=True)

    notifier(status="{{ 1 + 2 }}", text="{{ [1, 2] }}")({**context, "dag": dag})

    assert shown(station) == (3, "[1, 2]")


def test_a_text_tag_that_shows_digits_takes_a_text(station, context):
    station.set(TEXT, "42")

    notifier(text="0043")(context)

    assert shown(station) == (FAILED, "0043")


def test_a_text_is_one_line_of_the_length_that_the_screen_has(station, context):
    context["exception"] = ValueError("no\r\n\x1b[31morder\x00\u202e <b>&nbsp;</b> " + "x" * 500)

    notifier(text="{{ exception }}", max_text_length=40)(context)

    assert station.get(TEXT).value == "no [31morder <b>&nbsp;</b> xxxxxxxxxx..."
    assert station.get(STATUS).value == FAILED


def test_an_empty_text_clears_the_tag(station, context):
    station.set(TEXT, "job failed")

    notifier(status=0, text="")(context)

    assert shown(station) == (0, "")


def test_secrets_reach_neither_the_plant_nor_the_log(station, context, caplog, capsys):
    from airflow.sdk.log import mask_secret

    caplog.set_level("DEBUG")
    mask_secret("erp-secret-4711")
    password = station.users["engineer"].password
    context["exception"] = ValueError(f"login {password} and erp-secret-4711 refused")
    station.set("Line3.Other", "OK")

    notifier(status_tag="Line3.Other", status="{{ exception }}", text="{{ exception }}")(context)

    assert station.get(TEXT).value == "login *** and *** refused"
    assert station.get("Line3.Other").value == "login *** and *** refused"
    log = logged(caplog, capsys)
    assert "Line3.JobText" in log
    assert password not in log


def test_the_login_as_it_goes_over_the_wire_does_not_reach_the_plant_either(station, context):
    login = base64.b64encode(f"engineer:{station.users['engineer'].password}".encode()).decode()

    notifier(text=f"Basic {login} was refused")(context)

    assert station.get(TEXT).value == "Basic *** was refused"


def test_a_secret_at_the_cut_leaves_no_half_behind(station, context):
    from airflow.sdk.log import mask_secret

    mask_secret("half-secret-4711")

    notifier(text="refused: half-secret-4711 by the ERP", max_text_length=16)(context)

    assert station.get(TEXT).value == "refused: ***..."


@pytest.mark.parametrize(
    ("extra", "rule"),
    [
        ({"read_only": True}, "read_only"),
        ({"writable_tags": [TEXT]}, "writable_tags"),
        ({"writable_tags": [STATUS]}, "writable_tags"),
        ({"tag_limits": {STATUS: [0, 1]}}, "tag_limits"),
    ],
)
def test_what_the_policy_refuses_is_logged_and_nothing_is_sent(station, connect, context, extra, rule, caplog, capsys):
    connect("strict", **extra)

    notifier(wincc_conn_id="strict")(context)

    assert station.requests == []
    log = logged(caplog, capsys)
    assert "WinCC notification failed" in log
    assert rule in log
    assert "What to do:" in log


def test_a_status_that_does_not_fit_its_tag_is_logged_and_nothing_is_sent(station, context, caplog, capsys):
    notifier(status="full")(context)

    assert puts(station) == []
    assert "'full' does not fit tag 'Line3.JobStatus'" in logged(caplog, capsys)


@pytest.mark.parametrize("name", ["read_only", "away", "refused", "not_there", "broken"])
def test_no_failure_is_raised_and_each_says_what_to_do(station, connect, context, monkeypatch, name, caplog, capsys):
    connect("read_only", read_only=True)
    good = {"conn_type": "wincc", "host": station.url, "login": "engineer", "extra": {"verify": station.ca_file}}
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    others = {"away": {"host": f"https://127.0.0.1:{port}"}, "refused": {"password": "wrong-secret"}}
    for conn_id, fields in {**others, "broken": {"host": ""}}.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps({**good, **fields}))

    result = notifier(wincc_conn_id=name)(context)

    assert result is None
    assert written(station) == []
    log = logged(caplog, capsys)
    assert "WinCC notification failed" in log
    assert "the task is left as it is" in log
    assert "What to do:" in log
    assert "wrong-secret" not in log


def test_a_refused_login_is_tried_once(station, context):
    station.fail_next("unauthorized", count=99)

    notifier()(context)

    assert [request.status for request in station.requests] == [401]


def test_a_service_that_is_not_started_is_logged(station, context, caplog, capsys):
    station.stop_service()

    notifier()(context)

    assert "The REST service is not started" in logged(caplog, capsys)


def test_a_status_whose_outcome_is_unknown_is_logged_as_such_and_sent_once(station, context, caplog, capsys):
    station.fail_next("drop_before", method="PUT")

    status_only(verify_timeout=0.2)(context)

    assert len(puts(station)) == 1
    log = logged(caplog, capsys)
    assert "in doubt" in log
    assert "did not show it" in log


def test_a_status_whose_answer_was_lost_is_found_by_reading_back(station, context, caplog, capsys):
    caplog.set_level("INFO")
    station.fail_next("drop_after", method="PUT")

    status_only()(context)

    assert len(puts(station)) == 1
    log = logged(caplog, capsys)
    assert "because the station's answer was lost" in log
    assert "WinCC notification failed" not in log


@pytest.mark.parametrize("trouble", ["unknown tag", "lost", "refused", "not shown"])
def test_a_failure_of_the_text_alone_does_not_keep_the_status_from_the_screen(
    station, context, trouble, caplog, capsys
):
    text_tag = {"unknown tag": "Line3.Nothing", "refused": "Tank1.Level", "not shown": "Line3.Jammed"}.get(
        trouble, TEXT
    )
    station.set("Line3.Jammed", "", quality=0x18)
    if trouble == "lost":
        station.fail_next("drop_before", method="PUT")

    notifier(text_tag=text_tag, verify_timeout=0.2)(context)

    assert station.get(STATUS).value == FAILED
    texts = [request for request in puts(station) if request.body[0]["variableName"] == text_tag]
    assert len(texts) == (0 if trouble == "unknown tag" else 1)
    assert f"text {text_tag!r} in doubt or not written, writing the status without it" in logged(caplog, capsys)


def test_an_unknown_status_tag_keeps_the_text_from_the_screen_too(station, context, caplog, capsys):
    notifier(status_tag="Line3.Nothing")(context)

    assert puts(station) == []
    assert "'Line3.Nothing'" in logged(caplog, capsys)


def test_a_status_that_the_station_refuses_is_not_sent_twice(station, context, caplog, capsys):
    station.set("Line3.Small", 1, data_type="int16")

    notifier(status_tag="Line3.Small", status=70_000)(context)

    assert written(station)[0] == (TEXT, "job failed")
    assert len(puts(station)) == 2
    assert "'Line3.Small'" in logged(caplog, capsys)


def test_a_text_whose_template_fails_says_so_and_the_status_is_written(station, context, caplog, capsys):
    notifier(text="{{ exception.order.id }}")(context)

    assert shown(station) == (FAILED, "No text: its template failed, see Airflow's log.")
    assert "the template of the text failed" in logged(caplog, capsys)


@pytest.mark.parametrize("template", ["{{ exception.order.id }}", "{{ no end"])
def test_a_status_whose_template_fails_is_logged_and_nothing_is_sent(station, context, template, caplog, capsys):
    notifier(status=template)(context)

    assert station.requests == []
    log = logged(caplog, capsys)
    assert "WinCC notification failed" in log
    assert "templates of the notifier" in log


@pytest.mark.parametrize("status_tag", ["{{ '' }}", f"{{{{ '{TEXT}' }}}}"])
def test_tags_are_checked_again_when_they_are_rendered(station, context, status_tag, caplog, capsys):
    notifier(status_tag=status_tag)(context)

    assert station.requests == []
    assert "status_tag" in logged(caplog, capsys)


def test_a_task_takes_it_for_each_of_its_callbacks(station, context):
    names = ("on_success_callback", "on_failure_callback", "on_retry_callback", "on_skipped_callback")
    callbacks = {name: notifier(status=number, text=name) for number, name in enumerate(names, start=1)}
    job = EmptyOperator(task_id="job", **callbacks)

    for number, name in enumerate(names, start=1):
        (callback,) = getattr(job, name)
        callback(context)
        assert shown(station) == (number, name)
