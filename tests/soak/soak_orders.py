"""A worker that hands orders over, one after the other, in all modes, with the ERP's staging tables."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import TaskDeferred
from erp_rows import Erp
from handoff_runs import AirflowRescheduleException, handoff, tags_of
from soak_attempts import Attempts
from soak_desk import event_of
from soak_plan import HANDOFF_MODES, ORDER_INTERVAL, UNITS

if TYPE_CHECKING:
    from pathlib import Path

    from soak_plan import SoakPlan

    from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator


class Orders:
    """Hands orders over in this process, one after the other.

    :param folder: where the ERP's file is.
    """

    def __init__(self, plan: SoakPlan, folder: Path) -> None:
        self._folder = folder
        self._erp = Erp(folder / "erp.db")
        self._random = random.Random(f"{plan.seed} orders")
        self._attempts = Attempts()
        self._number = 0
        self._ended: list[str] = []

    def warm_up(self) -> None:
        """Hand one order over in each mode, so that all that this needs is loaded."""
        for mode in HANDOFF_MODES:
            self._hand_over(mode)

    def run_one(self) -> None:
        """Release an order, and hand it over."""
        self._hand_over(self._random.choice(HANDOFF_MODES))

    def account(self) -> dict[str, Any]:
        """Return what was done; orders only once, each with what the ERP has of it."""
        ended, self._ended = self._ended, []
        return {
            **self._attempts.account(),
            "orders": {order_id: self._erp.order(order_id)["status"] for order_id in ended},
        }

    def _hand_over(self, mode: str) -> None:
        self._number += 1
        order_id, unit = f"{self._number:08}", self._random.choice(UNITS)
        payload = {"WorkMaster": "R-001", "Quantity": 1.0 + self._number % 900}
        self._erp.release(order_id, unit=unit, payload=json.dumps(payload))

        def operator() -> WinCCOrderHandoffOperator:
            return handoff(
                mode,
                wincc_conn_id="station",
                erp_conn_id="erp",
                order_id=order_id,
                payload=payload,
                tags=tags_of(unit),
                poke_interval=ORDER_INTERVAL,
            )

        result = self._attempts.run(f"handoff, {mode}", lambda context: self._to_the_end(operator, context))
        if result is not None:
            self._ended.append(order_id)

    def _to_the_end(self, operator: Any, context: dict[str, Any]) -> Any:
        event = None
        while True:
            try:
                one = operator()
                return one.execute(context) if event is None else one.execute_complete(context, event)
            except AirflowRescheduleException as reschedule:
                time.sleep(max(0.0, (reschedule.reschedule_date - datetime.now(UTC)).total_seconds()))
            except TaskDeferred as deferred:
                event = event_of(deferred.trigger, self._folder)
