"""The ERP's staging tables as the ERP itself sees them: rows of a database."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.erp.ddl import staging_ddl

if TYPE_CHECKING:
    from pathlib import Path


class Erp:
    """Orders are released and looked at past the code under test."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.connection = {"conn_type": "sqlite", "host": str(file)}
        for statement in staging_ddl("sqlite"):
            self._run(statement)

    def release(self, order_id: str, *, status: str = "released", **columns: Any) -> None:
        """Write an order, or write it anew as a change of it does."""
        row = {"order_id": order_id, "unit": "U1", "payload": "{}", "status": status} | columns
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self._run(f"INSERT OR REPLACE INTO production_orders ({names}) VALUES ({marks})", *row.values())

    def change(self, order_id: str, **columns: Any) -> None:
        """Change columns of an order."""
        names = ", ".join(f"{name} = ?" for name in columns)
        self._run(f"UPDATE production_orders SET {names} WHERE order_id = ?", *columns.values(), order_id)

    def order(self, order_id: str) -> dict[str, Any]:
        """Return the row of an order."""
        (row,) = self._run("SELECT * FROM production_orders WHERE order_id = ?", order_id)
        return row

    def results(self) -> dict[str, dict[str, Any]]:
        """Return order id → row of its result, with the ``result`` read."""
        rows = self._run("SELECT * FROM production_results ORDER BY order_id")
        return {row["order_id"]: {**row, "result": json.loads(row["result"])} for row in rows}

    def dump(self) -> str:
        """Return all that stands in both tables."""
        orders = self._run("SELECT * FROM production_orders")
        return json.dumps([*orders, *self.results().values()])

    def _run(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.file)) as connection:
            connection.row_factory = sqlite3.Row
            rows = [dict(row) for row in connection.execute(statement, parameters)]
            connection.commit()
        return rows
