"""The program in the controller of a simulated unit: takes orders, executes them, and keeps its promises.

It acts on a commit once, copies first and answers last; it refuses an id that it holds or has executed; it starts
by command only, and only the copy; it keeps results until they are cleared; and after its memory was lost or
restored it does nothing by itself.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.unit_commits import make_commit
from airflow_provider_wincc.simulator.unit_memory import JobResult, JobState, Memory, Offer, Order, ReturnStatus
from airflow_provider_wincc.simulator.unit_states import shown_state
from airflow_provider_wincc.simulator.unit_tags import METHODS, unit_tags
from airflow_provider_wincc.simulator.values import start_value

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.unit_records import UnitLog
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit

PRODUCTION = 1
MANUAL = 3


class UnitProgram:
    """One controller, without a network and without an image: values come in, and a picture goes out.

    :param mode: position of the mode switch, 1 production, 2 maintenance, 3 manual; no memory loss changes it.
    :param is_local: somebody operates the unit at the machine.
    :param shown_state: shown in ``Order.State`` whatever the state is; None for the state itself.
    :param fails_next: the next order that starts will end without success.
    :param is_beating: whether the heartbeat counts.
    """

    def __init__(self, settings: SimulatedUnit, log: UnitLog) -> None:
        self.mode = PRODUCTION
        self.is_local = False
        self.shown_state: int | None = None
        self.fails_next = False
        self.is_beating = True
        self._settings = settings
        self._log = log
        self._commit = make_commit(settings.profile)
        self._zeros = {tag.name: start_value(tag.data_type) for tag in unit_tags(settings) if tag.by_client}
        self._inputs = dict(self._zeros)
        self._memory = Memory()
        self._older_memory = Memory()
        self._beats = 0.0

    @property
    def state(self) -> JobState:
        """State of the order that the unit holds."""
        return self._memory.state

    @property
    def inputs(self) -> dict[str, Scalar]:
        """What the controller holds of the client's tags."""
        return dict(self._inputs)

    def receive(self, name: str, value: Scalar) -> Scalar:
        """Take the value of one of the client's tags; returns what the controller holds of it."""
        held = value[: self._settings.id_length] if name == "Order.Id" and isinstance(value, str) else value
        self._inputs[name] = held
        return held

    def scan(self, seconds: float) -> None:
        """Run once through the program; the state of the order changes at most once.

        :param seconds: of the unit's time since the last scan.
        """
        if self.is_beating:
            self._beats = (self._beats + seconds * _BEATS_A_SECOND) % 2**16
        if not self._obey():
            self._execute(seconds)
        self._take_orders(seconds)

    def picture(self) -> dict[str, Scalar]:
        """Return the value of each tag that the unit writes."""
        memory = self._memory
        state = shown_state(self._settings.states, memory.state, was_stopped=memory.was_stopped)
        return {
            **self._commit.shown(memory),
            "Order.ReturnStatus": int(memory.status),
            **(self._echo() if self._settings.id_echo else {}),
            "Order.CurrentSequence": memory.order.number,
            "Order.State": state if self.shown_state is None else self.shown_state,
            "Order.Result": int(memory.result),
            "Order.ActualQuantity": self._quantity_made(),
            "Order.ActualDuration": memory.seconds_running,
            "Order.Ready": self._can_take(),
            "Unit.Mode": MANUAL if self.is_local else self.mode,
            "Unit.Heartbeat": int(self._beats + 1e-6) % 2**16,
        }

    def hold(self) -> bool:
        """Interrupt the running order; returns whether there was one."""
        return self._enter_from({JobState.RUNNING}, JobState.INTERRUPTED, "held")

    def unhold(self) -> bool:
        """Go on with the interrupted order; returns whether there was one."""
        return self._enter_from({JobState.INTERRUPTED}, JobState.RUNNING, "unheld")

    def stop(self) -> bool:
        """End the order that is allowed to start, running or interrupted; returns whether there was one."""
        stopped = self._enter_from(_STARTED, JobState.ENDED, "ended", "stopped")
        if stopped:
            self._memory.result = JobResult.UNSUCCESSFUL
            self._memory.was_stopped = True
        return stopped

    def abort(self) -> bool:
        """Abort the order unless it has ended; returns whether there was one."""
        was_stored = self._memory.state is JobState.STORED
        aborted = self._enter_from({JobState.STORED, *_STARTED}, JobState.ABORTED, "aborted")
        if aborted:
            self._memory.result = JobResult.UNSUCCESSFUL
            if was_stored:
                self._remember(self._memory.order.id)
        return aborted

    def lose_memory(self, *, reset_inputs: bool) -> None:
        """Forget everything, the client's tags as well if asked to, and take what the client shows as dealt with."""
        if reset_inputs:
            self._inputs = dict(self._zeros)
        self._memory = Memory()
        self._older_memory = Memory()
        self._beats = 0.0
        self._commit.adopt(self._memory, self._inputs)

    def restore_older_memory(self) -> None:
        """Go back to what the memory was before the last order was accepted; the client's tags stay."""
        self._memory = self._older_memory.copy()
        if self._settings.adopts_after_restore:
            self._memory.drop_order()
            self._commit.adopt(self._memory, self._inputs)

    def _obey(self) -> bool:
        memory = self._memory
        for name in METHODS:
            if memory.order.number and self._inputs[name] == memory.order.number and self._carry_out(name):
                return True
        return False

    def _carry_out(self, method: str) -> bool:
        if method == "Order.Abort":
            return self.abort()
        if method == "Order.Stop":
            return self.stop()
        if method == "Order.Cancel":
            return self._drop_from({JobState.STORED}, "cancelled")
        if method == "Order.Clear":
            return self._drop_from({JobState.ENDED, JobState.ABORTED}, "cleared")
        return self._is_in_production() and self._allow_start()

    def _allow_start(self) -> bool:
        if not self._enter_from({JobState.STORED}, JobState.ALLOWED, "started"):
            return False
        self._remember(self._memory.order.id)
        return True

    def _drop_from(self, states: set[JobState], event: str) -> bool:
        if self._memory.state not in states:
            return False
        self._log.note(event, self._memory.order.id)
        self._memory.drop_order()
        return True

    def _enter_from(self, states: set[JobState], state: JobState, event: str, detail: str = "") -> bool:
        if self._memory.state not in states:
            return False
        self._memory.state = state
        self._log.note(event, self._memory.order.id, detail)
        return True

    def _execute(self, seconds: float) -> None:
        memory = self._memory
        if memory.state is JobState.ALLOWED and self._is_in_production():
            memory.seconds_in_setup += seconds
            if memory.seconds_in_setup >= self._settings.setup_seconds - _ROUNDING:
                self._start()
        elif memory.state is JobState.RUNNING:
            memory.seconds_running = min(memory.seconds_running + seconds, self._settings.run_seconds)
            if memory.seconds_running >= self._settings.run_seconds - _ROUNDING:
                self._finish()

    def _start(self) -> None:
        order = self._memory.order
        self._memory.will_fail, self.fails_next = self.fails_next, False
        self._memory.state = JobState.RUNNING
        self._log.note_start(order.id, order.revision, order.payload, order.number)
        self._log.note("running", order.id)

    def _finish(self) -> None:
        memory = self._memory
        memory.seconds_running = self._settings.run_seconds
        memory.state = JobState.ENDED
        memory.result = JobResult.UNSUCCESSFUL if memory.will_fail else JobResult.SUCCESSFUL
        self._log.note("ended", memory.order.id, memory.result.name.lower())

    def _take_orders(self, seconds: float) -> None:
        memory = self._memory
        offer = memory.offer
        if offer is None:
            before = memory.answered
            if self._commit.is_offered(memory, self._inputs, can_take=self._can_take()):
                offer = Offer(self._copied_order(), self._settings.answer_seconds)
                self._log.note("offered", offer.order.id)
            elif memory.answered not in {before, 0}:
                self._log.note("permitted", detail=f"number {memory.answered}")
        else:
            offer = replace(offer, seconds_left=offer.seconds_left - seconds)
        memory.offer = offer
        if offer is not None and offer.seconds_left <= _ROUNDING:
            self._decide(offer.order)

    def _copied_order(self) -> Order:
        inputs = self._inputs
        return Order(
            str(inputs["Order.Id"]),
            int(inputs["Order.Revision"]),
            MappingProxyType({name: inputs[f"Order.{name}"] for name in self._settings.parameters}),
            self._commit.number_of_offer(self._memory, inputs),
        )

    def _decide(self, order: Order) -> None:
        memory = self._memory
        memory.offer = None
        status = self._verdict(order)
        if status is not ReturnStatus.ACCEPTED:
            self._log.note("refused", order.id, _REASONS[status])
        elif self._is_update(order):
            memory.order = order
            self._log.note("updated", order.id, f"revision {order.revision}")
        else:
            self._older_memory = memory.copy()
            self._accept(order)
        memory.answered_id = order.id
        memory.status = status
        self._commit.answer(memory, order.number, accepted=status is ReturnStatus.ACCEPTED)

    def _verdict(self, order: Order) -> ReturnStatus:
        memory = self._memory
        update = self._is_update(order)
        taken = order.id in memory.executed or (memory.state is not JobState.NONE and order.id == memory.order.id)
        if taken and not update and self._settings.refuses_duplicates:
            return ReturnStatus.ID_TAKEN
        if not self._can_take() and not (update and self._is_in_production()):
            return ReturnStatus.NOT_NOW
        return ReturnStatus.ACCEPTED if self._is_acceptable(order) else ReturnStatus.NOT_ACCEPTABLE

    def _is_update(self, order: Order) -> bool:
        held = self._memory.order
        return self._memory.state is JobState.STORED and order.id == held.id and order.revision > held.revision

    def _is_acceptable(self, order: Order) -> bool:
        payload = order.payload
        low, high = self._settings.quantity_limits
        return (
            bool(order.id)
            and ("WorkMaster" not in payload or payload["WorkMaster"] in self._settings.work_masters)
            and ("Quantity" not in payload or low <= float(payload["Quantity"]) <= high)
        )

    def _accept(self, order: Order) -> None:
        memory = self._memory
        memory.order = order
        memory.state = JobState.STORED
        self._log.note("accepted", order.id, f"number {order.number}")
        if self._settings.store_and_start:
            self._allow_start()

    def _remember(self, order_id: str) -> None:
        others = [known for known in self._memory.executed if known != order_id]
        kept = self._settings.remembered_ids
        self._memory.executed = tuple([*others, order_id][-kept:]) if kept else ()

    def _can_take(self) -> bool:
        return self._memory.state is JobState.NONE and self._is_in_production()

    def _is_in_production(self) -> bool:
        return self.mode == PRODUCTION and not self.is_local

    def _echo(self) -> dict[str, Scalar]:
        memory = self._memory
        payload = memory.order.payload
        return {
            "Order.AckId": memory.answered_id,
            "Order.CurrentId": memory.order.id,
            "Order.CurrentRevision": memory.order.revision,
            **{
                f"Order.Current{name}": payload.get(name, start_value(kind))
                for name, kind in self._settings.parameters.items()
            },
        }

    def _quantity_made(self) -> float:
        planned = float(self._memory.order.payload.get("Quantity", 0.0))
        if self._memory.state in {JobState.NONE, JobState.STORED, JobState.ALLOWED} or not self._settings.run_seconds:
            return planned if self._memory.state is JobState.ENDED and not self._memory.was_stopped else 0.0
        return planned * self._memory.seconds_running / self._settings.run_seconds


_STARTED = {JobState.ALLOWED, JobState.RUNNING, JobState.INTERRUPTED}
_BEATS_A_SECOND = 2
_ROUNDING = 1e-6
_REASONS = {
    ReturnStatus.NOT_NOW: "not in a state to take an order now",
    ReturnStatus.ID_TAKEN: "holds this id or has executed it",
    ReturnStatus.NOT_ACCEPTABLE: "content not acceptable",
}
