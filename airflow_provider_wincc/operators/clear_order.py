"""``WinCCClearOrderOperator``: frees a unit once the result of its order is stored elsewhere."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.operators.execution import client_of, fail, run_of
from airflow_provider_wincc.operators.unit_operator import UnitOperator
from airflow_provider_wincc.order_handoff import HandoffOptions, OrderHandoff, Waiting
from airflow_provider_wincc.orders.order import ProductionOrder
from airflow_provider_wincc.orders.outcome import OrderOutcome
from airflow_provider_wincc.orders.store import Remembered
from airflow_provider_wincc.orders.tags import OrderHandoffTags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context


class WinCCClearOrderOperator(UnitOperator):
    """Tells a unit that the result of an order is safely stored, so that it becomes free.

    Put it after the task that has committed the result in your ERP. It does nothing when the unit holds another order,
    or none: running it twice is harmless. A unit that does not say whose order it holds is not for it
    (:class:`WinCCConfigurationError`): there the handoff clears, with ``clear=True``.

    :param order_id: the ERP's number, as text. (templated)
    :param tags: tags of the unit, or a mapping of the parameters of :class:`OrderHandoffTags`. (templated)
    :param revision: which version of the order this is. (templated)
    :param wincc_conn_id: id of the WinCC connection. (templated)
    :param settle_window: seconds that two equal readings must lie apart to be believed.
    :param poke_interval: seconds between two readings while waiting.
    :param timeouts: time-outs by the name of the wait: ``observe``, ``clear``.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(self.tags, OrderHandoffTags):
            self._check_id_echo(self.tags)

    def execute(self, context: Context) -> dict[str, Any]:
        """Clear; return ``order_id``, ``unit`` and the run.

        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend.
        """
        try:
            tags = self.tag_map()
            self._check_id_echo(tags)
            order = ProductionOrder(self.order_id, {}, self.whole_revision())
            bare = _without_payload(tags)
            options = HandoffOptions(
                settle=self.settle_window, poll_interval=self.poke_interval, timeouts=self.all_timeouts()
            )
            with client_of(self.wincc_conn_id) as client:
                handoff = OrderHandoff(client, order, bare, options, _Committed(order, tags), log=self.log)
                while isinstance(waiting := handoff.advance(), Waiting):
                    time.sleep(max(0.0, min(self.poke_interval, waiting.deadline - time.time())))
        except WinCCError as error:
            fail(error)
        return {"order_id": order.order_id, "unit": tags.unit, **run_of(context)}

    def _check_id_echo(self, tags: OrderHandoffTags) -> None:
        if not tags.has_id_echo:
            raise WinCCConfigurationError(
                f"Task {self.task_id!r} is to clear one order, and unit {tags.unit!r} does not say which order it "
                "holds.",
                hint="Give the handoff clear=True, or give the unit the tags AckId and CurrentId.",
            )

    def get_openlineage_facets_on_start(self) -> OperatorLineage[Any, Any]:
        """Return the tags of the unit, for OpenLineage: the command is written, the others are read."""
        from airflow_provider_wincc.operators.lineage import unit_lineage

        return unit_lineage(self.wincc_conn_id, _without_payload(self.tag_map()), roles=("clear",))


def _without_payload(tags: OrderHandoffTags) -> OrderHandoffTags:
    return replace(tags, payload=(), echo=None)


class _Committed:
    """A store for an order whose result is committed elsewhere."""

    keeps_other_results = False

    def __init__(self, order: ProductionOrder, tags: OrderHandoffTags) -> None:
        self._result = {
            "order_id": order.order_id,
            "revision": order.revision,
            "unit": tags.unit,
            "outcome": OrderOutcome.SUCCESSFUL.value,
        }

    def begin(self) -> Remembered:
        return Remembered({}, self._result)

    def recall(self) -> Remembered:
        return self.begin()

    def save(self, document: Mapping[str, Any]) -> None:
        """Keep nothing: clearing needs no memory."""

    def record_result(self, result: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002  the protocol's
        return self._result

    def record_other_result(self, order_id: str, result: Mapping[str, Any]) -> None:
        """Keep nothing: other orders are left alone."""

    def knows_done(self, order_id: str) -> bool:  # noqa: ARG002  the protocol's
        return False

    def report(self, reason: str, *, ends: bool, needs_decision: bool = False) -> None:
        """Tell nobody: the task's log and state say it."""
