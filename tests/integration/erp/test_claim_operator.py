"""WinCCClaimOrdersOperator on real databases, by connections of Airflow."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.erp import ErpUnavailableError
from airflow_provider_wincc.operators.erp import WinCCClaimOrdersOperator

if TYPE_CHECKING:
    from erp_databases import ErpDatabase


@pytest.fixture
def erp_conn_id(erp: ErpDatabase, monkeypatch: pytest.MonkeyPatch) -> str:
    """An Airflow connection to the database."""
    if erp.driver == "sqlite":
        define(monkeypatch, {"conn_type": "sqlite", "host": erp.address})
    else:
        place = dict(part.split("=") for part in erp.address.split())
        login = {"login": place["user"], "schema": place["dbname"], "port": int(place["port"])}
        # Rows come as dicts then, with either driver of PostgreSQL.
        define(monkeypatch, {"conn_type": "postgres", "host": place["host"], "extra": {"cursor": "dictcursor"}} | login)
    return "erp"


def define(monkeypatch: pytest.MonkeyPatch, connection: dict[str, Any]) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ERP", json.dumps(connection))


def context_of(run_id: str = "manual__1", dag_id: str = "line3") -> Any:
    return {"ti": SimpleNamespace(dag_id=dag_id, run_id=run_id)}


def test_it_returns_what_a_mapped_task_takes(erp: ErpDatabase, erp_conn_id: str) -> None:
    erp.release("000042", payload='{"Quantity": 10, "WorkMaster": "R-001"}', revision=2)
    erp.release("000043", payload="{}", priority=1)
    task = WinCCClaimOrdersOperator(task_id="claim", erp_conn_id=erp_conn_id)

    claimed = task.execute(context_of())

    assert claimed == json.loads(json.dumps(claimed))
    assert claimed == [
        {"order_id": "000043", "revision": 0, "payload": {}},
        {"order_id": "000042", "revision": 2, "payload": {"Quantity": 10, "WorkMaster": "R-001"}},
    ]


def test_each_order_is_logged_in_a_line_of_its_own(
    erp: ErpDatabase, erp_conn_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    erp.release("1", "2")

    WinCCClaimOrdersOperator(task_id="claim", erp_conn_id=erp_conn_id).execute(context_of())

    printed = capsys.readouterr().out.splitlines()
    for number in (1, 2):
        line = f"] WinCC order '{number}', revision 0, claimed for unit 'Mixer1'"
        assert len([shown for shown in printed if line in shown]) == 1


def test_a_retry_of_the_same_run_gets_its_orders_again_and_another_run_gets_none(
    erp: ErpDatabase, erp_conn_id: str
) -> None:
    erp.release("1")
    task = WinCCClaimOrdersOperator(task_id="claim", erp_conn_id=erp_conn_id)
    first = task.execute(context_of())

    assert task.execute(context_of()) == first
    assert task.execute(context_of("manual__2")) == []
    assert task.execute(context_of(dag_id="line4")) == []
    assert erp.run("SELECT claimed_by FROM production_orders") == [("line3/manual__1",)]


def test_it_claims_for_one_unit_and_names_it_when_asked(erp: ErpDatabase, erp_conn_id: str) -> None:
    erp.release("1", unit="Mixer1")
    erp.release("2", unit="Mixer2")
    task = WinCCClaimOrdersOperator(task_id="claim", erp_conn_id=erp_conn_id, unit="Mixer2", with_unit=True)

    assert [(entry["order_id"], entry["unit"]) for entry in task.execute(context_of())] == [("2", "Mixer2")]


def test_missing_tables_fail_the_task_without_retries(erp: ErpDatabase, erp_conn_id: str) -> None:
    task = WinCCClaimOrdersOperator(task_id="claim", erp_conn_id=erp_conn_id, orders_table="nowhere")

    with pytest.raises(AirflowFailException, match=r"nowhere.*staging_ddl"):
        task.execute(context_of())


def test_a_database_that_is_away_fails_the_task_with_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    # Port 1 is reserved and nobody listens there.
    away = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "erp", "password": "s3cret"}
    define(monkeypatch, away)

    with pytest.raises(ErpUnavailableError, match="cannot be reached") as caught:
        WinCCClaimOrdersOperator(task_id="claim", erp_conn_id="erp").execute(context_of())

    assert "s3cret" not in str(caught.value)


def test_a_connection_of_another_type_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    define(monkeypatch, {"conn_type": "mysql", "host": "db"})

    with pytest.raises(AirflowFailException, match=r"'erp' is of type 'mysql'.*sqlite or postgres"):
        WinCCClaimOrdersOperator(task_id="claim", erp_conn_id="erp").execute(context_of())


def test_a_wrong_limit_is_refused_when_the_task_is_defined() -> None:
    with pytest.raises(WinCCConfigurationError, match="limit of a claim is 0"):
        WinCCClaimOrdersOperator(task_id="claim", erp_conn_id="erp", limit=0)
