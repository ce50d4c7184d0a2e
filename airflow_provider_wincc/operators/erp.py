"""The operator that takes production orders out of the ERP's staging tables."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airflow_provider_wincc.client.errors import WinCCError
from airflow_provider_wincc.erp.arguments import check_claim
from airflow_provider_wincc.erp.tables import ORDERS_TABLE, RESULTS_TABLE
from airflow_provider_wincc.operators.execution import fail
from airflow_provider_wincc.task_colors import MOVES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from airflow_provider_wincc.erp.staged_order import StagedOrder


class WinCCClaimOrdersOperator(BaseOperator):
    """Claims released orders for this DAG run; returns a list made for ``expand_kwargs``.

    Each entry has ``order_id`` (text), ``revision`` and ``payload``, and with ``with_unit`` also ``unit``, highest
    priority first. No two DAG runs get the same order. Where nothing is released the list is empty, and what maps
    over it is skipped.

    What happens on failure: the claim is one transaction, so a task that failed before its commit claimed nothing,
    and one that died after it gets the same orders again when it is retried or cleared: they belong to the DAG run.
    A database that is away or locked fails the task with retries; missing tables or a connection of another type
    without. An order whose payload cannot be read does not fail the task: its row becomes ``failed`` with the reason,
    or ``needs_decision`` once it may have been handed over.

    :param erp_conn_id: id of a connection of type ``sqlite`` or ``postgres``. (templated)
    :param unit: claim the orders of this unit only. Where one DAG run has several of these tasks, give each its own
        unit, because all orders of a run belong to whichever of them asks. (templated)
    :param limit: how many orders to hold at most. Airflow maps over at most ``[core] max_map_length`` of them.
    :param reclaim_after: take over what another DAG run claimed longer ago than that and did not finish. Choose it
        longer than an order takes.
    :param with_unit: name the unit in each entry, for a mapped task that takes it.
    :param orders_table: the table of orders.
    :param results_table: the table of results.
    """

    template_fields: Sequence[str] = ("erp_conn_id", "unit")
    ui_color = MOVES

    def __init__(
        self,
        *,
        erp_conn_id: str,
        unit: str | None = None,
        limit: int = 100,
        reclaim_after: timedelta = timedelta(hours=24),
        with_unit: bool = False,
        orders_table: str = ORDERS_TABLE,
        results_table: str = RESULTS_TABLE,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.erp_conn_id = erp_conn_id
        self.unit = unit
        self.limit = limit
        self.reclaim_after = reclaim_after
        self.with_unit = with_unit
        self.orders_table = orders_table
        self.results_table = results_table
        check_claim(limit, reclaim_after)

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Claim.

        :raises AirflowFailException: for what no retry can mend.
        :raises ErpUnavailableError: when the database cannot be asked now.
        """
        # The hooks of databases bring their drivers with them, which parsing a DAG file does not need.
        from airflow_provider_wincc.hooks.staging import erp_tables, owner_of_run

        try:
            tables = erp_tables(self.erp_conn_id, orders_table=self.orders_table, results_table=self.results_table)
            orders = tables.claim(
                owner=owner_of_run(context), unit=self.unit, limit=self.limit, reclaim_after=self.reclaim_after
            )
        except WinCCError as error:
            fail(error)
        for order in orders:
            self.log.info(
                "WinCC order %r, revision %d, claimed for unit %r", order.order_id, order.revision, order.unit
            )
        return [self._entry(order) for order in orders]

    def get_openlineage_facets_on_complete(self, task_instance: object) -> OperatorLineage[Any, Any]:  # noqa: ARG002  Airflow's signature
        """Return the table of orders, for OpenLineage: it is read, and its rows become claimed."""
        from airflow_provider_wincc.operators.lineage import table_lineage, tables_of_erp

        tables = tables_of_erp(self.erp_conn_id, self.orders_table)
        return table_lineage(read=tables, written=tables)

    def get_openlineage_facets_on_failure(self, task_instance: object) -> None:
        """Return nothing: a claim that failed has left nothing behind, and its database may be what is away."""

    def _entry(self, order: StagedOrder) -> dict[str, Any]:
        entry = {"order_id": order.order_id, "revision": order.revision, "payload": order.payload}
        return entry | {"unit": order.unit} if self.with_unit else entry
