"""The ERP of the demo: its staging tables in a file of SQLite."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc.erp import staging_ddl
from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Any

    from demo.orders import DemoOrder

_RELEASE = """
INSERT INTO production_orders (order_id, unit, payload, status, released_at)
VALUES (?, ?, ?, 'released', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
"""
_LOOK = """
SELECT listed.order_id, listed.payload, listed.status, listed.reason, listed.released_at, found.recorded_at
FROM production_orders AS listed LEFT JOIN production_results AS found ON found.order_id = listed.order_id
ORDER BY listed.order_id
"""


@dataclass(frozen=True)
class ErpOrder:
    """An order as the ERP shows it.

    :param reason: what the unit said, in words; empty as long as it has said nothing.
    :param released_at: ISO 8601 in UTC, like the next one.
    :param recorded_at: when the result was recorded; None when there is none.
    """

    order_id: str
    payload: str
    status: str
    reason: str
    released_at: str
    recorded_at: str | None


class Erp:
    """The staging tables, made anew.

    :param file: where the database is; what was there is deleted.
    :raises DemoError: when that cannot be done.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise DemoError(f"Cannot delete {file}: {error.strerror or error}. Delete it and try again.") from error
        for statement in staging_ddl("sqlite"):
            self._run(statement)

    def airflow_connection(self) -> str:
        """Describe the database as Airflow connection, in the JSON form of an `AIRFLOW_CONN_...` variable."""
        return json.dumps({"conn_type": "sqlite", "host": str(self._file)})

    def release(self, orders: Iterable[DemoOrder], *, unit: str) -> None:
        """Write released orders."""
        for order in orders:
            self._run(_RELEASE, order.order_id, unit, json.dumps(order.payload))

    def orders(self) -> list[ErpOrder]:
        """All orders, and what became of them so far."""
        return [
            ErpOrder(order_id, payload, status, reason or "", released_at, recorded_at)
            for order_id, payload, status, reason, released_at, recorded_at in self._run(_LOOK)
        ]

    def _run(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        try:
            with closing(sqlite3.connect(self._file)) as database, database:
                return database.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise DemoError(f"The ERP's database {self._file} cannot be used: {error}.") from error
