"""No secret of a connection gets into anything that an Airflow keeps, shows or sends, in a run of everything."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from contextlib import ExitStack
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from components import DAGS, Components, station_connection
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from echoing_gateway import EchoingGateway
from handoff_airflow import UNIT, Erp
from metadata_database import metadata_database
from planted_secrets import KeyFile, PlantedSecret
from secret_search import SecretSearch

from airflow_provider_wincc.simulator import SimulatedUser, Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS
from tests.integration.client.connect_proxy import ConnectProxy
from tests.provider_tasks import tasks_of_the_provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from demo.airflow_api import AirflowApi


def system(test):
    """Mark a test that runs a whole Airflow."""
    return pytest.mark.system(pytest.mark.long(test))


PASSWORD = PlantedSecret("Station01", login="engineer")
STORED = PlantedSecret("Stored02", login="viewer")
WRONG = PlantedSecret("Wrong03", login="engineer")
ECHOED = PlantedSecret("Echoed04", login="engineer")
TOKEN = PlantedSecret("Token05", core=".-_~+/")
KEY_PASSWORD = PlantedSecret("KeyPass06")
PROXY = PlantedSecret("Proxy07", login="anna", core="/@:%#?&")
PROXY_WRONG = PlantedSecret("ProxyWrong08", login="anna", core="/@:%#?&")
EXTRA = PlantedSecret("Extra09")
ERP = PlantedSecret("Erp10", login="erp")
SECRETS = [PASSWORD, STORED, WRONG, ECHOED, TOKEN, KEY_PASSWORD, PROXY, PROXY_WRONG, EXTRA, ERP]
CANARY = PlantedSecret("Canary11", login="engineer")

WELL, FAILING, WATCHED, CONTROL = "wincc_secrets_well", "wincc_secrets_failing", "wincc_secrets_watched", "wincc_canary"
PATIENCE = 900.0
OVER = {"success", "failed", "skipped", "upstream_failed"}
FAIL = [
    "wrong_password",
    "untrusted",
    "mutual_tls_locked",
    "proxy_refused",
    "proxy_gone",
    "bearer",
    *(f"echo_{kind}" for kind in ("401", "500", "garbage", "rows", "redirect")),
]
# What a station says of a tag is not what the button looks at.
TEST_FAILS = {*FAIL} - {"echo_rows"}


class Everything:
    """The stations, gateways and proxies that a run of everything needs, and the connections to them."""

    def __init__(self, stack: ExitStack, home: Path) -> None:
        self.station = stack.enter_context(
            Simulator(plant="still", units=[UNIT], tags={"T.A": 1, "T.B": 2, "T.C": 3, "T.Later": 0, "T.Edge": False})
        )
        self.station.set("Line3.JobStatus", 0)
        self.station.set("Line3.JobText", "")
        self.mutual = stack.enter_context(Simulator(plant="still", tags={"T.A": 1}, client_certificates=True))
        for station in (self.station, self.mutual):
            station._state.users["engineer"] = SimulatedUser(PASSWORD.text, "full")
            station._state.users["viewer"] = SimulatedUser(STORED.text, "read-only")
        self.gateway = stack.enter_context(EchoingGateway())
        self.proxy = stack.enter_context(ConnectProxy(login=f"anna:{PROXY.text}"))
        self.erp = Erp(home / "erp.db")
        self.erp.release()
        self._certificate, key = self.mutual.issue_client_certificate()
        self.key = KeyFile("PrivateKey", Path(key))
        self._locked_key = home / "locked.key"
        self._locked_key.write_bytes(_locked(self.key.path.read_bytes()))

    def connections(self) -> dict[str, str]:
        """Connections by id, in JSON form: those that work, and those that fail."""
        here = {"host": self.station.url, "login": "engineer", "password": PASSWORD.text}
        trusted = {"verify": self.station.ca_file}
        echo = {"login": "engineer", "password": ECHOED.text}
        proxied = self.proxy.url.partition("://")[2]
        mutual = {"verify": self.mutual.ca_file, "client_cert": self._certificate}
        fields = {
            "default": (here, {**trusted, "gateway_api_key": EXTRA.text}),
            "in_url": ({"host": self.station.url.replace("://", f"://engineer:{PASSWORD.in_url}@")}, trusted),
            "proxied": (here, {**trusted, "proxy": f"http://anna:{PROXY.in_url}@{proxied}"}),
            "mutual_tls": ({**here, "host": self.mutual.url}, {**mutual, "client_key": str(self.key.path)}),
            "read_only": (here, {**trusted, "read_only": True}),
            "wrong_password": ({**here, "password": WRONG.text}, trusted),
            "untrusted": (here, {"verify": self.mutual.ca_file}),
            "mutual_tls_locked": (
                {**here, "host": self.mutual.url},
                {**mutual, "client_key": str(self._locked_key), "client_key_password": KEY_PASSWORD.text},
            ),
            "proxy_refused": (here, {**trusted, "proxy": f"http://anna:{PROXY_WRONG.in_url}@{proxied}"}),
            "proxy_gone": (here, {**trusted, "proxy": f"http://anna:{PROXY_WRONG.in_url}@127.0.0.1:1"}),
            "bearer": ({"host": self.gateway.url("500")}, {"bearer_token": TOKEN.text}),
            **{
                name: ({**echo, "host": self.gateway.url(name.removeprefix("echo_").replace("_", "-"))}, {})
                for name in [*FAIL, "then_401", "then_500"]
                if name.startswith(("echo", "then"))
            },
        }
        return {
            "erp": self.erp.connection,
            "fs_default": json.dumps({"conn_type": "fs"}),
            "erp_refused": json.dumps(
                {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "erp", "password": ERP.text}
            ),
            **{
                f"wincc_{name}": json.dumps({"conn_type": "wincc", **given, "extra": extra})
                for name, (given, extra) in fields.items()
            },
        }


class Run:
    """An Airflow that has done everything, and a search that has looked everywhere."""

    def __init__(self, airflow: Components, search: SecretSearch, everything: Everything, api: AirflowApi) -> None:
        self.airflow, self.search, self.everything, self._api = airflow, search, everything, api

    def states(self, dag_id: str) -> dict[str, str | None]:
        """State of each task by id."""
        return dict(self.airflow.rows(f"SELECT task_id, state FROM task_instance WHERE dag_id = '{dag_id}'"))

    def wait(self, what: str, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, and look at what is there only meanwhile."""
        looked_at = float("-inf")

        def look_and_ask() -> bool:
            nonlocal looked_at
            # Often enough for what is there for some seconds, and no burden for a machine that has enough to do.
            if time.monotonic() < looked_at + 1:
                return False
            self.search.look_at_processes()
            self.search.look_at_table(self.airflow, "trigger")
            looked_at = time.monotonic()
            return is_so()

        self.airflow.wait(what, look_and_ask, seconds=PATIENCE)

    def are_over(self, *dag_ids: str) -> bool:
        """Whether every task of these DAGs is over."""
        states = [set(self.states(dag_id).values()) for dag_id in dag_ids]
        return all(states) and set().union(*states) <= OVER

    def press_test_buttons(self) -> None:
        """Press the button of each connection that fails, and look at the answer."""
        for name, connection in self.everything.connections().items():
            if name.startswith("wincc"):
                fields = json.loads(connection)
                fields["extra"] = json.dumps(fields["extra"])
                answer = self._api._call("POST", "/api/v2/connections/test", {"connection_id": name, **fields})
                assert not answer["status"] or name.removeprefix("wincc_") not in TEST_FAILS, (name, answer)
                self.search.look("api connections/test", json.dumps(answer, ensure_ascii=False))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run of everything."""
    home = tmp_path_factory.mktemp("secrets")
    with ExitStack() as stack:
        everything = Everything(stack, home)
        airflow = Components(
            home,
            "wincc_secrets.py",
            everything.station,
            more_dags=[DAGS / "wincc_canary.py"],
            connections=everything.connections() | {"wincc_canary": station_connection(everything.station)},
            metadata=stack.enter_context(metadata_database("secrets")),
            WINCC_LAKE=f"file://{home}/lake",
            WINCC_FAILING=json.dumps([f"wincc_{name}" for name in FAIL]),
            WINCC_CANARY=CANARY.text,
            AIRFLOW__CORE__PARALLELISM="4",
            # On a machine that has much else to do, Airflow's own patience ends the run with errors that tell nothing.
            AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT="180",
            AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT="60",
            AIRFLOW__CORE__TEST_CONNECTION="Enabled",
            AIRFLOW__LOGGING__LOGGING_LEVEL="DEBUG",
            AIRFLOW__OPENLINEAGE__TRANSPORT=json.dumps(
                {"type": "file", "log_file_path": str(home / "events.json"), "append": True}
            ),
        )
        stack.enter_context(airflow)
        airflow.start("api-server", "scheduler", "triggerer")
        api = airflow.api()
        run = Run(airflow, SecretSearch([*SECRETS, CANARY, everything.key]), everything, api)
        _do_everything(run, api)
        run.search.look_at_files(home)
        run.search.look_at_tables(airflow)
        run.search.look_at_api(api, [WELL, FAILING, WATCHED, CONTROL])
        for write in everything.station.writes:
            run.search.look("plant", str(write.value))
        yield run


def _do_everything(run: Run, api: AirflowApi) -> None:
    stored = {"connection_id": "wincc_stored", "conn_type": "wincc", "login": "viewer", "password": STORED.text}
    stored |= {"host": run.everything.station.url, "extra": json.dumps({"verify": run.everything.station.ca_file})}
    api._call("POST", "/api/v2/connections", stored)
    for dag_id in (WELL, FAILING, CONTROL):
        api.trigger(dag_id)
    waits = {"wait_poke", "wait_reschedule", "wait_deferred"}
    waiting = {"running", "up_for_reschedule", "deferred"}
    run.wait("waiting", lambda: {run.states(WELL).get(task) for task in waits} <= waiting)
    run.everything.station.set("T.Later", 1)
    run.everything.station.set("T.Edge", True)
    run.everything.station.raise_message(1001)
    run.wait("the end of all tasks", lambda: run.are_over(WELL, FAILING, CONTROL, WATCHED))
    run.press_test_buttons()


def _locked(key: bytes) -> bytes:
    return load_pem_private_key(key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(KEY_PASSWORD.text.encode())
    )


@pytest.mark.parametrize(
    "form",
    [
        CANARY.text,
        CANARY.text[: len(CANARY.text) // 2],
        CANARY.text[len(CANARY.text) // 2 :],
        CANARY.in_url,
        CANARY.in_url.lower().replace("aqcanary11aq", "AqCanary11Aq"),
        quote_plus(CANARY.text),
        escape(CANARY.text),
        json.dumps(CANARY.text),
        json.dumps(CANARY.text, ensure_ascii=False),
        repr(CANARY.text),
        CANARY.basic,
        b64encode(CANARY.text.encode()).decode(),
        b64encode(f"xy{CANARY.text}".encode()).decode(),
        CANARY.text.encode().hex(),
    ],
)
def test_the_search_knows_a_secret_in_every_form(form: str) -> None:
    search = SecretSearch([*SECRETS, CANARY])

    search.look("here", f"before {form} after")
    search.look("there", f"before {quote(form[:4])} after")

    assert search.places == {"Canary11": {"here"}}


@system
def test_everything_was_done_and_failed_as_it_was_meant_to(run: Run) -> None:
    well = run.states(WELL)
    assert {task: state for task, state in well.items() if state != "success"} == {}
    failing = run.states(FAILING)
    assert failing.pop("call_everything") == "success"
    assert {task: state for task, state in failing.items() if state != "failed"} == {}
    (kinds,) = zip(*run.airflow.rows("SELECT DISTINCT operator FROM task_instance"), strict=True)
    assert {kind.__name__ for kind in tasks_of_the_provider()} - {*kinds} == set()
    assert {"401", "500", "garbage", "rows", "redirect"} <= run.everything.gateway.echoed.keys()
    assert run.everything.proxy.targets
    assert run.everything.erp.outcomes() == {"000042": "successful"}
    watched = run.airflow.rows("SELECT extra FROM asset_event WHERE source_task_id IS NULL")
    assert len(watched) >= 2


@system
def test_what_is_given_away_is_found_in_every_place(run: Run) -> None:
    places = run.search.places["Canary11"]

    assert places >= {
        "api assets/events",
        "api logs",
        "api xcom",
        "file events.json",
        "plant",
        "process",
        "table asset_event",
        "table rendered_task_instance_fields",
        "table trigger",
        "table xcom",
    }
    assert any(place.startswith("file airflow/logs/") for place in places)
    if AIRFLOW_V_3_3_PLUS:
        # An older Airflow gives no rendered fields in its list of tasks.
        assert places >= {
            "table asset_state_store",
            "table task_state_store",
            "api dags/~/dagRuns/~/taskInstances",
        }


@system
def test_no_secret_is_in_any_place(run: Run) -> None:
    seen = {name: sorted(places) for name, places in run.search.places.items() if name != "Canary11"}

    assert seen == {}
