"""The page on the ERP's tables: its SQL tells the life of an order, its tables say what the statements make."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_args

import pytest
from documentation import blocks, table

from airflow_provider_wincc.erp import StagingTables, staging_ddl
from airflow_provider_wincc.erp.outcomes import Outcome
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import PageRun

PAGE = "docs/erp.md"


@pytest.fixture
def erp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of SQLite, and the connection to it that the page uses."""
    file = tmp_path / "erp.db"
    monkeypatch.setenv("AIRFLOW_CONN_ERP", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    return file


@pytest.fixture
def tables(erp: Path) -> StagingTables:
    tables = StagingTables(lambda: sqlite3.connect(erp), dialect="sqlite")
    tables.create()
    return tables


def run_sql_with(text: str, erp: Path) -> list[tuple[Any, ...]]:
    """Run the SQL block that holds a piece of text; return the rows of a query."""
    (code,) = [block.code for block in blocks("sql", PAGE) if text in block.code]
    with closing(sqlite3.connect(erp)) as connection:
        if code.startswith("SELECT"):
            return connection.execute(code).fetchall()
        connection.executescript(code)
    return []


def test_the_dags_of_the_page_make_the_tables_and_claim_what_its_sql_releases(
    erp: Path, run_page: Callable[[str], PageRun], capsys: pytest.CaptureFixture[str]
) -> None:
    done = run_page(PAGE)
    context: Any = {"ti": SimpleNamespace(dag_id="hand_off_orders", run_id="manual__1")}

    done.names["make_tables"].execute(context)
    run_sql_with('\'{"WorkMaster": "R-001", "Quantity": 100}\', 5', erp)
    claimed = done.names["claim"].execute(context)

    assert claimed == [{"order_id": "000042", "revision": 0, "payload": {"WorkMaster": "R-001", "Quantity": 100}}]
    assert ";\n\n".join(staging_ddl("postgresql")) in capsys.readouterr().out
    handed_off = WinCCOrderHandoffOperator(task_id="hand_off", **done.names["hand_off"].partial_kwargs, **claimed[0])
    assert handed_off.order_id == "000042"


def test_an_order_is_taken_back_changed_refused_and_released_again(erp: Path, tables: StagingTables) -> None:
    run_sql_with('\'{"WorkMaster": "R-001", "Quantity": 100}\', 5', erp)
    run_sql_with("SET status = 'planned'", erp)
    assert tables.claim(owner="run") == []

    run_sql_with('"Quantity": 120', erp)
    (changed,) = tables.claim(owner="run")
    assert changed.payload["Quantity"] == 120

    tables.record_result("000042", {}, outcome="refused", revision=0, unit="Mixer1", reason="unknown recipe")
    assert run_sql_with("status IN ('failed', 'needs_decision');", erp) == [
        ("000042", "Mixer1", "failed", "unknown recipe")
    ]

    run_sql_with("revision = revision + 1", erp)
    (again,) = tables.claim(owner="run")
    assert (again.revision, again.payload["WorkMaster"]) == (1, "R-002")

    tables.record_result("000042", {"made": 100}, outcome="successful", revision=1, unit="Mixer1")
    ((order_id, status, _, outcome, result, recorded_at),) = run_sql_with("LEFT JOIN", erp)
    assert (order_id, status, outcome, json.loads(result)) == ("000042", "confirmed", "successful", {"made": 100})
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", recorded_at)


def test_a_person_decides(erp: Path, tables: StagingTables) -> None:
    with closing(sqlite3.connect(erp)) as connection:
        for order_id in ("000043", "000044"):
            connection.execute(
                "INSERT INTO production_orders (order_id, unit, payload, status) "
                "VALUES (?, 'Mixer1', '{}', 'needs_decision')",
                [order_id],
            )
        connection.commit()

    run_sql_with("seen at the unit", erp)
    run_sql_with("did not run", erp)

    statuses = [getattr(tables.load(order_id), "status", None) for order_id in ("000043", "000044", "000045")]
    assert statuses == ["confirmed", "failed", "released"]
    result = tables.result_of("000043")
    assert result is not None
    assert (result["outcome"], result["confirmed_by"]) == ("successful", "shift leader")


def test_an_order_delivered_again_is_taken_only_under_a_higher_revision_and_while_nobody_holds_it(
    erp: Path, tables: StagingTables
) -> None:
    run_sql_with("ON CONFLICT", erp)
    run_sql_with("ON CONFLICT", erp)
    (order,) = tables.claim(owner="run")
    with closing(sqlite3.connect(erp)) as connection:
        connection.execute("UPDATE production_orders SET revision = 1")
        connection.commit()

    run_sql_with("ON CONFLICT", erp)
    held = tables.load("000042")
    tables.report("000042", reason="refused", status="failed")
    run_sql_with("ON CONFLICT", erp)
    corrected = tables.load("000042")

    assert (order.revision, order.payload["Quantity"]) == (3, 90)
    assert held is not None
    assert (held.revision, held.status) == (1, "claimed")
    assert corrected is not None
    assert (corrected.revision, corrected.status) == (3, "released")


def test_every_sql_block_of_the_page_is_valid_for_the_tables_of_the_page(erp: Path, tables: StagingTables) -> None:
    found = blocks("sql", PAGE)

    with closing(sqlite3.connect(erp)) as connection:
        for block in found:
            for statement in filter(str.strip, block.code.split(";")):
                assert connection.execute(f"EXPLAIN {statement}").fetchall(), block


@pytest.mark.parametrize("name", ["production_orders", "production_results"])
def test_the_page_names_the_columns_that_the_statements_make(erp: Path, tables: StagingTables, name: str) -> None:
    described = [row[0].strip("`") for row in table(PAGE, name)]

    with closing(sqlite3.connect(erp)) as connection:
        made = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]

    assert described == made


def test_the_page_names_the_statuses_and_outcomes_that_the_tables_take() -> None:
    statuses, outcomes = (
        re.findall(r"'(\w+)'", re.search(rf"{column} IN \(([^)]*)\)", "".join(staging_ddl("sqlite")))[1])
        for column in ("status", "outcome")
    )

    assert [row[0].strip("`") for row in table(PAGE, "status")] == statuses
    assert tuple(outcomes) == get_args(Outcome)
    assert all(f"`{outcome}`" in table(PAGE, "production_results")[3][1] for outcome in outcomes)
