"""A process that claims orders: `python claim_process.py DRIVER ADDRESS NAME all|hang`.

With `all` it claims in batches, each for an owner of its own, until nothing is released, and prints the order ids.
With `hang` it prints a line after the commit of its first claim, before the claim has returned, and then waits for
somebody to kill it.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from typing import Any

from erp_databases import connect_with

from airflow_provider_wincc.erp import StagingTables


def claim_all(driver: str, address: str, name: str) -> None:
    tables = StagingTables(lambda: connect_with(driver, address), dialect=dialect_of(driver))
    say("ready")
    sys.stdin.readline()
    claimed: list[str] = []
    for batch in range(10_000):
        orders = tables.claim(owner=f"{name}/{batch}", limit=3)
        if not orders:
            break
        claimed += [order.order_id for order in orders]
    say(json.dumps(claimed))


def claim_and_hang(driver: str, address: str, name: str) -> None:
    tables = StagingTables(lambda: hanging_connection(driver, address), dialect=dialect_of(driver))
    tables.claim(owner=name)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def dialect_of(driver: str) -> Any:
    return "sqlite" if driver == "sqlite" else "postgresql"


def hanging_connection(driver: str, address: str) -> Any:
    if driver == "sqlite":
        return connect_with(driver, address, factory=hanging(sqlite3.Connection))
    if driver == "psycopg2":
        import psycopg2.extensions

        return connect_with(driver, address, connection_factory=hanging(psycopg2.extensions.connection))
    import psycopg

    return hanging(psycopg.Connection).connect(address)


def hanging(kind: Any) -> Any:
    class Hanging(kind):
        def commit(self) -> None:
            super().commit()
            say("committed")
            sys.stdin.readline()

    return Hanging


if __name__ == "__main__":
    {"all": claim_all, "hang": claim_and_hang}[sys.argv[4]](*sys.argv[1:4])
