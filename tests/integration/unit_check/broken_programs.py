"""Programs of controllers that break one promise each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.unit_memory import JobResult, JobState, ReturnStatus
from airflow_provider_wincc.simulator.unit_program import UnitProgram

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.unit_memory import Order


class TakesAnyNewNumber(UnitProgram):
    def _take_orders(self, seconds: float) -> None:
        stands = int(self._inputs["Order.Sequence"])
        if self._memory.offer is None and stands != self._memory.answered:
            self._memory.answered = stands - 1
        super()._take_orders(seconds)


class TakesWhileTheSignalStays(UnitProgram):
    def _take_orders(self, seconds: float) -> None:
        if self._inputs["Order.Id"] != self._memory.answered_id:
            self._memory.answered = 0
        super()._take_orders(seconds)


class ChecksNothing(UnitProgram):
    def _is_acceptable(self, order: Order) -> bool:
        return True


class SaysNotNowForBadContent(UnitProgram):
    def _verdict(self, order: Order) -> ReturnStatus:
        status = super()._verdict(order)
        return ReturnStatus.NOT_NOW if status is ReturnStatus.NOT_ACCEPTABLE else status


class RefusesEverything(UnitProgram):
    def _is_acceptable(self, order: Order) -> bool:
        return False


class StoresAnotherQuantity(UnitProgram):
    def _accept(self, order: Order) -> None:
        super()._accept(replace(order, payload={**order.payload, "Quantity": 11.0}))


class NeverAnswers(UnitProgram):
    def _decide(self, order: Order) -> None:
        pass


class AnswersWithTheOldId(UnitProgram):
    def _decide(self, order: Order) -> None:
        before = self._memory.answered_id
        super()._decide(order)
        if self._memory.status is ReturnStatus.NOT_NOW:
            self._memory.answered_id = before


class ReplacesWhatIsStored(UnitProgram):
    def _verdict(self, order: Order) -> ReturnStatus:
        status = super()._verdict(order)
        return ReturnStatus.ACCEPTED if status is ReturnStatus.NOT_NOW else status


class RefusesUpdates(UnitProgram):
    def _is_update(self, order: Order) -> bool:
        return False


class StartsOnAnyNumber(UnitProgram):
    def _obey(self) -> bool:
        return (bool(self._inputs["Order.Start"]) and self._allow_start()) or super()._obey()


class NeverStarts(UnitProgram):
    def _allow_start(self) -> bool:
        return False


class TellsNoResult(UnitProgram):
    def _finish(self) -> None:
        super()._finish()
        self._memory.result = JobResult.UNKNOWN


class DropsTheResultWhenTold(UnitProgram):
    """Drops the result by itself, but not before a check has seen it."""

    is_told = False

    def _execute(self, seconds: float) -> None:
        super()._execute(seconds)
        if self.is_told and self._memory.state is JobState.ENDED:
            self._memory.drop_order()


class IsAlwaysReady(UnitProgram):
    def picture(self) -> dict[str, Scalar]:
        is_ended = self._memory.state is JobState.ENDED
        return {**super().picture(), **({"Order.Ready": True} if is_ended else {})}


class StartsAgainOnEachEdge(UnitProgram):
    before: Scalar = 0

    def _obey(self) -> bool:
        number = self._inputs["Order.Start"]
        is_edge, self.before = number != self.before, number
        if is_edge and number == self._memory.order.number and self._memory.state is JobState.ENDED:
            self._memory.state = JobState.STORED
            self._memory.seconds_running = 0.0
        return super()._obey()

    def _finish(self) -> None:
        # The second run has no end, so that a check that comes late sees it too.
        if len(self._log.starts) == 1:
            super()._finish()


class ClearsOnAnyNumber(UnitProgram):
    def _obey(self) -> bool:
        is_ended = self._memory.state in {JobState.ENDED, JobState.ABORTED}
        if self._inputs["Order.Clear"] and is_ended:
            return self._drop_from({self._memory.state}, "cleared")
        return super()._obey()


class NeverClears(UnitProgram):
    def _carry_out(self, method: str) -> bool:
        return method != "Order.Clear" and super()._carry_out(method)


class NeverCancels(UnitProgram):
    def _carry_out(self, method: str) -> bool:
        return method != "Order.Cancel" and super()._carry_out(method)


class SaysContentForExecutedIds(UnitProgram):
    def _verdict(self, order: Order) -> ReturnStatus:
        status = super()._verdict(order)
        is_free = self._memory.state is JobState.NONE
        return ReturnStatus.NOT_ACCEPTABLE if status is ReturnStatus.ID_TAKEN and is_free else status
