"""The orders that a cluster hands over, and the ERP's tables in PostgreSQL that they come from."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg2

from airflow_provider_wincc.erp import staging_ddl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metadata_database import PostgresqlMetadata

# A task that is deferred or rescheduled takes longer for an order than one that waits on its worker.
UNITS = {"Mixer1": 8, "Mixer2": 8, "Mixer3": 13, "Mixer4": 13, "Mixer5": 8}
"""How many orders each unit gets."""


@dataclass(frozen=True)
class Order:
    """One order, and which unit it is for."""

    order_id: str
    unit: str
    payload: dict[str, Any]


# No two orders are of the same quantity, so that none can pass for another.
ORDERS = [
    Order(f"{number:06d}", unit, {"WorkMaster": f"R-{number % 3 + 1:03d}", "Quantity": 10 + number / 2})
    for number, unit in enumerate(unit for unit, orders in UNITS.items() for _ in range(orders))
]


class Erp:
    """The ERP's staging tables in a database of their own."""

    def __init__(self, database: PostgresqlMetadata) -> None:
        self._database = database
        for statement in staging_ddl("postgresql"):
            self._change(statement)

    @property
    def connection(self) -> str:
        """The Airflow connection to it, in JSON form."""
        place = self._database.place
        return json.dumps(
            {
                "conn_type": "postgres",
                "host": place["host"],
                "port": int(place["port"]),
                "login": place["user"],
                "schema": place["dbname"],
            }
        )

    def release(self, orders: Iterable[Order]) -> None:
        """Write orders into the outbox."""
        for order in orders:
            self._change(
                "INSERT INTO production_orders (order_id, unit, payload, status) VALUES (%s, %s, %s, 'released')",
                order.order_id,
                order.unit,
                json.dumps(order.payload),
            )

    def statuses(self) -> dict[str, str]:
        """Status by order id."""
        return dict(self._database.rows("SELECT order_id, status FROM production_orders"))

    def results(self) -> dict[str, tuple[str, str, float]]:
        """Unit, outcome and quantity that was made, by order id."""
        rows = self._database.rows("SELECT order_id, unit, outcome, result FROM production_results")
        return {
            order_id: (unit, outcome, result["results"]["ActualQuantity"]["value"])
            for order_id, unit, outcome, result in rows
        }

    def confirmed(self) -> int:
        """How many orders are confirmed."""
        return list(self.statuses().values()).count("confirmed")

    def reasons(self) -> str:
        """What stands in the row of each order that is not confirmed."""
        rows = self._database.rows(
            "SELECT order_id, unit, status, reason FROM production_orders WHERE status <> 'confirmed' ORDER BY order_id"
        )
        return "\n".join(" ".join(map(str, row)) for row in rows) or "all orders are confirmed"

    def _change(self, statement: str, *parameters: object) -> None:
        with closing(psycopg2.connect(**self._database.place)) as database, database, database.cursor() as cursor:
            cursor.execute(statement, parameters)
