"""Many claim at once, in threads and in processes, and some die: no order twice, none lost."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.erp import ErpUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from erp_databases import ErpDatabase

    from airflow_provider_wincc.erp import StagingTables

ORDERS = [f"{number:06}" for number in range(120)]
COMPETITORS = 6


@pytest.fixture
def start(erp: ErpDatabase) -> Iterator[Callable[[str, str], subprocess.Popen[str]]]:
    """Start a process that claims; what is left of them is killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def run(name: str, how: str) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            str(Path(__file__).with_name("claim_process.py")),
            erp.driver,
            erp.address,
            name,
            how,
        ]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def release_all(erp: ErpDatabase) -> None:
    with closing(erp.connect()) as connection:
        mark = "?" if erp.driver == "sqlite" else "%s"
        statement = (
            "INSERT INTO production_orders (order_id, unit, payload, status) "
            f"VALUES ({mark}, 'Mixer1', '{{}}', 'released')"
        )
        connection.cursor().executemany(statement, [(order_id,) for order_id in ORDERS])
        connection.commit()


def test_processes_that_compete_share_the_orders_among_them(
    erp: ErpDatabase, start: Callable[[str, str], subprocess.Popen[str]]
) -> None:
    release_all(erp)
    processes = [start(f"run{number}", "all") for number in range(COMPETITORS)]
    assert [line_of(process) for process in processes] == ["ready"] * COMPETITORS

    shares = [json.loads(process.communicate(timeout=60)[0]) for process in let_go_together(processes)]

    assert sorted(order_id for share in shares for order_id in share) == ORDERS
    assert set(erp.statuses().values()) == {"claimed"}


def test_threads_that_compete_share_the_orders_among_them(erp: ErpDatabase, tables: StagingTables) -> None:
    release_all(erp)
    together = Barrier(COMPETITORS)

    def claim_all(name: int) -> list[str]:
        together.wait(30)
        claimed: list[str] = []
        for batch in range(len(ORDERS)):
            orders = tables.claim(owner=f"{name}/{batch}", limit=3)
            if not orders:
                break
            claimed += [order.order_id for order in orders]
        return claimed

    with ThreadPoolExecutor(COMPETITORS) as pool:
        shares = list(pool.map(claim_all, range(COMPETITORS)))

    assert sorted(order_id for share in shares for order_id in share) == ORDERS


def test_the_same_owner_claiming_twice_at_once_gets_its_orders_and_nobody_elses(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    release_all(erp)
    together = Barrier(COMPETITORS)

    def claim(_: int) -> set[str]:
        together.wait(30)
        return {order.order_id for order in tables.claim(owner="run", limit=len(ORDERS))}

    with ThreadPoolExecutor(COMPETITORS) as pool:
        shares = list(pool.map(claim, range(COMPETITORS)))

    assert {order.order_id for order in tables.claim(owner="run", limit=1)} == set(ORDERS)
    assert set().union(*shares) == set(ORDERS)


def test_a_process_killed_after_the_commit_gets_its_orders_again(
    erp: ErpDatabase, tables: StagingTables, start: Callable[[str, str], subprocess.Popen[str]]
) -> None:
    erp.release("1", "2")
    process = start("line/run", "hang")
    assert line_of(process) == "committed"

    process.kill()
    process.wait(30)

    assert tables.claim(owner="other") == []
    assert [order.order_id for order in tables.claim(owner="line/run")] == ["1", "2"]


def test_only_one_of_many_attempts_that_begin_at_once_may_write(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    together = Barrier(COMPETITORS)

    def begin(attempt: int) -> None:
        together.wait(30)
        tables.begin("1", owner="run", attempt=str(attempt))

    with ThreadPoolExecutor(COMPETITORS) as pool:
        list(pool.map(begin, range(COMPETITORS)))
    winner = tables.load("1")

    assert winner is not None
    assert [str(number) for number in range(COMPETITORS) if may_write(tables, str(number))] == [winner.attempt]


def test_a_database_that_is_locked_for_a_while_is_waited_for(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    with closing(erp.connect()) as other:
        other.cursor().execute("UPDATE production_orders SET priority = 5")
        results: list[Any] = []
        waiting = Thread(target=lambda: results.append(tables.begin("1", owner="run", attempt="a")))
        waiting.start()
        waiting.join(0.5)
        assert results == []
        other.commit()
    waiting.join(30)

    assert [(order.priority, order.attempt) for order in results] == [(5, "a")]


def test_making_the_tables_at_once_is_harmless(erp: ErpDatabase) -> None:
    together = Barrier(COMPETITORS)
    tables = erp.tables(orders_table="new_orders", results_table="new_results")
    for table in ("new_orders", "new_results"):
        erp.run(f"DROP TABLE IF EXISTS {table}")

    def create(_: int) -> None:
        together.wait(30)
        tables.create()

    with ThreadPoolExecutor(COMPETITORS) as pool:
        list(pool.map(create, range(COMPETITORS)))

    assert tables.claim(owner="run") == []


def test_a_connection_that_breaks_in_a_transaction_changes_nothing_and_is_worth_another_try(erp: ErpDatabase) -> None:
    if erp.driver == "sqlite":
        pytest.skip("SQLite has no connection that could break.")
    erp.release("1")

    with pytest.raises(ErpUnavailableError) as caught:
        erp.tables(lambda: broken_connection(erp)).claim(owner="run")

    assert caught.value.retryable
    assert erp.statuses() == {"1": "released"}


def test_tables_in_a_schema_are_reached_by_their_full_names(erp: ErpDatabase) -> None:
    if erp.driver == "sqlite":
        pytest.skip("SQLite has no schemas.")
    erp.run("CREATE SCHEMA IF NOT EXISTS plant")
    tables = erp.tables(orders_table="plant.jobs", results_table="plant.answers")
    tables.create()
    tables.record_result("1", {"done": True}, outcome="successful", revision=0, unit="Mixer1")

    result = tables.result_of("1")
    assert result is not None
    assert result["done"] is True
    assert tables.claim(owner="run") == []
    erp.run("DROP SCHEMA plant CASCADE")


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def let_go_together(processes: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return processes


def may_write(tables: StagingTables, attempt: str) -> bool:
    from airflow_provider_wincc.orders.errors import OrderTakenOverError

    try:
        tables.save_note("1", {"by": attempt}, attempt=attempt)
    except OrderTakenOverError:
        return False
    return True


def broken_connection(erp: ErpDatabase) -> Any:
    connection = erp.connect()
    pid = connection.info.backend_pid
    erp.run("SELECT pg_terminate_backend(?)", pid)
    return connection
