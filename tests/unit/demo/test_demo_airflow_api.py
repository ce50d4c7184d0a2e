from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from demo.airflow_api import AirflowApi, TaskState
from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = "manual__2026-11-23T12:00:00+00:00"
RUN_PATH = "/api/v2/dags/wincc_order_handoff/dagRuns/manual__2026-11-23T12%3A00%3A00%2B00%3A00"
TASK = TaskState("read", map_index=-1, state="success", try_number=2)


@dataclass
class FakeAirflow:
    """Answers each "METHOD path" with a prepared JSON document, and notes what it was asked."""

    url: str
    answers: dict[str, Any] = field(default_factory=dict)
    requests: list[tuple[str, str | None, Any]] = field(default_factory=list)
    stalls: int = 0
    over: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def airflow() -> Iterator[FakeAirflow]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = f"{self.command} {self.path}"
            fake.requests.append((request, self.headers["Authorization"], json.loads(body or "null")))
            if len(fake.requests) <= fake.stalls:
                fake.over.wait(30)
                return
            status, document = (200, fake.answers[request]) if request in fake.answers else (404, {"detail": "no"})
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 (the names are http.server's)

        def log_message(self, *args: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeAirflow(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fake
    fake.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def api(airflow: FakeAirflow) -> Iterator[AirflowApi]:
    api = AirflowApi(airflow.url, user="admin", password="s3cret-word")
    yield api
    api.close()


def test_after_the_login_requests_carry_the_token(airflow: FakeAirflow, api: AirflowApi) -> None:
    airflow.answers["POST /auth/token"] = {"access_token": "abc"}
    airflow.answers["GET /api/v2/importErrors"] = {"import_errors": []}

    api.log_in()
    api.import_errors()

    assert airflow.requests == [
        ("POST /auth/token", None, {"username": "admin", "password": "s3cret-word"}),
        ("GET /api/v2/importErrors", "Bearer abc", None),
    ]


def test_parts_that_are_not_healthy_are_named(airflow: FakeAirflow, api: AirflowApi) -> None:
    healthy = {"status": "healthy"}
    airflow.answers["GET /api/v2/monitor/health"] = {
        "metadatabase": healthy,
        "scheduler": healthy,
        "triggerer": {"status": None},
    }

    assert api.unhealthy_parts() == ["triggerer", "dag_processor"]


def test_an_airflow_that_does_not_listen_yet_is_not_healthy() -> None:
    api = AirflowApi("http://127.0.0.1:1", user="admin", password="s3cret-word")

    assert api.unhealthy_parts() == ["api_server"]


def test_a_run_is_triggered_without_a_logical_date(airflow: FakeAirflow, api: AirflowApi) -> None:
    airflow.answers["POST /api/v2/dags/wincc_order_handoff/dagRuns"] = {"dag_run_id": RUN}

    assert api.trigger("wincc_order_handoff") == RUN
    assert airflow.requests[0][2] == {"logical_date": None}


def test_only_the_dag_with_exactly_that_name_counts_as_loaded(airflow: FakeAirflow, api: AirflowApi) -> None:
    airflow.answers["GET /api/v2/dags?dag_id_pattern=wincc_order_handoff"] = {
        "dags": [{"dag_id": "wincc_order_handoff_2"}]
    }

    assert not api.has_dag("wincc_order_handoff")


def test_tasks_are_read_with_their_state(airflow: FakeAirflow, api: AirflowApi) -> None:
    item = {"task_id": "read", "map_index": 3, "state": None, "try_number": 0}
    airflow.answers[f"GET {RUN_PATH}/taskInstances"] = {"task_instances": [item]}

    (task,) = api.tasks("wincc_order_handoff", RUN)

    assert task == TaskState("read", map_index=3, state=None, try_number=0)


def test_the_log_of_the_last_try_is_fetched(airflow: FakeAirflow, api: AirflowApi) -> None:
    path = f"{RUN_PATH}/taskInstances/read/logs/2?full_content=true&map_index=-1"
    airflow.answers[f"GET {path}"] = {"content": [{"event": "done"}], "continuation_token": None}

    assert api.log("wincc_order_handoff", RUN, TASK) == [{"event": "done"}]


def test_a_pool_is_made_in_which_waiting_tasks_keep_their_slot(airflow: FakeAirflow, api: AirflowApi) -> None:
    airflow.answers["POST /api/v2/pools"] = {"name": "wincc_mixer1"}

    api.create_pool("wincc_mixer1", slots=1)

    assert airflow.requests[0][2] == {"name": "wincc_mixer1", "slots": 1, "include_deferred": True}


def test_a_refusal_names_the_request_and_the_answer(api: AirflowApi) -> None:
    with pytest.raises(DemoError, match=r"Airflow refused PATCH /api/v2/dags/wincc_order_handoff: HTTP 404, .*no"):
        api.unpause("wincc_order_handoff")


def test_an_airflow_that_went_away_is_an_expected_error() -> None:
    api = AirflowApi("http://127.0.0.1:1", user="admin", password="s3cret-word")

    with pytest.raises(DemoError, match="Airflow did not answer GET /api/v2/importErrors") as caught:
        api.import_errors()

    assert "s3cret-word" not in str(caught.value)


def test_a_question_that_is_not_answered_in_time_is_asked_again(
    airflow: FakeAirflow, api: AirflowApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.airflow_api._TIMEOUT", (3.0, 2.0))
    airflow.stalls = 1
    airflow.answers["GET /api/v2/importErrors"] = {"import_errors": []}

    assert api.import_errors() == []
    assert len(airflow.requests) == 2


def test_a_run_is_triggered_once_whatever_the_answer(
    airflow: FakeAirflow, api: AirflowApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.airflow_api._TIMEOUT", (3.0, 2.0))
    airflow.stalls = 1

    with pytest.raises(DemoError, match="did not answer POST"):
        api.trigger("wincc_order_handoff")
    assert len(airflow.requests) == 1
