"""A random walk of several handoffs over one model unit, with every fault between any two of their steps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from airflow_provider_wincc.orders import (
    Action,
    HandoffRules,
    NoteStage,
    OrderError,
    OrderMemory,
    OrderNote,
    OrderOutcomeUnknownError,
    OrderPayloadMismatchError,
    OrderRefusedError,
    OrderTakenOverError,
    OrderUnitError,
    ProductionOrder,
    Step,
    Wait,
    next_step,
)
from airflow_provider_wincc.orders.commits import CommitPhase
from airflow_provider_wincc.orders.decision import accepted_just_now

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from random import Random
    from typing import Any

    from model_unit import ModelUnit

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.orders import Snapshot

PATIENCE = 12
"""Looks at the unit after which an attempt gives up one of the short waits."""
SHORT_WAITS = frozenset({Wait.VERIFY, Wait.ANSWER, Wait.CANCEL, Wait.START, Wait.CLEAR, Wait.RESULT})


@dataclass
class Ledger:
    """What survives an attempt: the note, the result, and which attempt is the newest."""

    attempt: int = 0
    note: OrderNote | None = None
    was_offered: bool = False
    result: Mapping[str, Any] | None = None
    ended_as: str = ""

    def begin(self) -> int:
        self.attempt += 1
        return self.attempt

    def check(self, attempt: int) -> None:
        if attempt != self.attempt:
            raise OrderTakenOverError("a newer attempt has begun")


@dataclass
class Faults:
    """How often what goes wrong, from 0 to 1, at each step of the walk."""

    death: float = 0.02
    sleep: float = 0.02
    lost_write: float = 0.1
    late_write: float = 0.1
    torn_write: float = 0.1
    lost_memory: float = 0.0
    cleared_by_hand: float = 0.0
    started_by_hand: float = 0.0


@dataclass
class Driver:
    """What the driver keeps to; a test switches one off to see that the walk has teeth."""

    keeps_note: bool = True
    compares_echo: bool = True


@dataclass
class Process:
    """One attempt, which stops between any two of its steps."""

    order: ProductionOrder
    steps: Iterator[None]
    sleeps: bool = False


@dataclass
class Walk:
    """Hands orders over to a unit, and counts what was started."""

    unit: ModelUnit
    orders: list[ProductionOrder]
    random: Random
    rules: HandoffRules = field(default_factory=HandoffRules)
    faults: Faults = field(default_factory=Faults)
    driver: Driver = field(default_factory=Driver)
    most_at_once: int = 2
    ledgers: dict[str, Ledger] = field(init=False)
    processes: list[Process] = field(default_factory=list)
    late: list[Mapping[str, Scalar]] = field(default_factory=list)
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledgers = {order.order_id: Ledger() for order in self.orders}

    def go(self, steps: int) -> None:
        """Walk, and check the invariant after every step."""
        for _ in range(steps):
            self._step()
            self.check()

    def settle(self) -> None:
        """Walk on without faults until every order has ended or nothing changes any more."""
        self.faults = Faults(death=0, sleep=0, lost_write=0, late_write=0, torn_write=0)
        for _ in range(400 * len(self.orders)):
            for process in self.processes:
                process.sleeps = False
            if all(ledger.ended_as for ledger in self.ledgers.values()) and not self.processes:
                return
            self._step()
            self.check()

    def check(self) -> None:
        """Check that each order was started at most once, and with its own payload only."""
        payloads = {order.order_id: dict(order.payload) for order in self.orders}
        started = [start.order_id for start in self.unit.starts]
        told = "\n".join(self.story[-60:])
        assert len(started) == len(set(started)), f"started twice: {started}\n{told}"
        for start in self.unit.starts:
            assert start.payload == payloads[start.order_id], f"{start} has a foreign payload\n{told}"

    def _step(self) -> None:
        self._begin_attempts()
        faults = self.faults
        happenings: dict[Callable[[], None], float] = {
            self.unit.scan: 1,
            self._advance: 2,
            self._deliver_late: 0.1,
            self._kill: faults.death,
            self._fall_asleep: faults.sleep,
            self._wake: 0.02,
            self.unit.lose_memory: faults.lost_memory,
            self.unit.start_by_hand: faults.started_by_hand,
            self.unit.drop_by_hand: faults.cleared_by_hand,
        }
        does = self.random.choices(list(happenings), list(happenings.values()))[0]
        does()

    def _begin_attempts(self) -> None:
        awake = {process.order.order_id for process in self.processes if not process.sleeps}
        for order in self.orders:
            if len(awake) >= self.most_at_once:
                return
            if order.order_id not in awake and not self.ledgers[order.order_id].ended_as:
                self._tell(f"a new attempt at {order.order_id}")
                self.processes.append(Process(order, self._attempt(order)))
                awake.add(order.order_id)

    def _advance(self) -> None:
        awake = [process for process in self.processes if not process.sleeps]
        if not awake:
            return
        process = self.random.choice(awake)
        try:
            next(process.steps)
        except StopIteration:
            self.processes.remove(process)

    def _deliver_late(self) -> None:
        if self.late:
            writes = self.late.pop(self.random.randrange(len(self.late)))
            self._tell(f"arrives late: {writes}")
            self.unit.board.write(writes)

    def _kill(self) -> None:
        if self.processes:
            process = self.processes.pop(self.random.randrange(len(self.processes)))
            self._tell(f"an attempt at {process.order.order_id} is killed")

    def _fall_asleep(self) -> None:
        # Another attempt at the same order begins meanwhile.
        if self.processes:
            self.random.choice(self.processes).sleeps = True

    def _wake(self) -> None:
        if self.processes:
            self.random.choice(self.processes).sleeps = False

    def _attempt(self, order: ProductionOrder) -> Iterator[None]:
        ledger = self.ledgers[order.order_id]
        attempt = ledger.begin()
        memory = OrderMemory()
        waits = 0
        try:
            while waits < PATIENCE:
                snapshot = self._look()
                yield
                # What is remembered must be as new as the snapshot: another order's handoff may have collected ours.
                ledger.check(attempt)
                memory = self._recalled(memory, ledger, snapshot)
                step = next_step(order, snapshot, memory, self.unit.tags, self.rules)
                if step.action is Action.WAIT:
                    waits += step.waits_for in SHORT_WAITS
                    continue
                waits = 0
                if step.action in {Action.RETURN_STORED, Action.REACHED}:
                    ledger.ended_as = "done"
                    return
                memory = yield from self._carry_out(step, order, snapshot, memory, attempt)
        except OrderTakenOverError:
            return
        except OrderError as error:
            self._tell(f"{order.order_id} ends: {error.message}")
            self._end(ledger, attempt, error)

    def _look(self) -> Snapshot:
        snapshot = self.unit.board.snapshot()
        return snapshot if self.driver.compares_echo else replace(snapshot, echo={})

    def _recalled(self, memory: OrderMemory, ledger: Ledger, snapshot: Snapshot) -> OrderMemory:
        done = frozenset(order_id for order_id, other in self.ledgers.items() if other.result is not None)
        memory = replace(
            memory, result=ledger.result, note=ledger.note, was_offered=ledger.was_offered, known_done=done
        )
        accepted = accepted_just_now(snapshot, memory, self.unit.tags)
        return memory if accepted is None else replace(memory, accepted_sequence=accepted)

    def _carry_out(
        self, step: Step, order: ProductionOrder, snapshot: Snapshot, memory: OrderMemory, attempt: int
    ) -> Generator[None, None, OrderMemory]:
        ledger = self.ledgers[order.order_id]
        self._tell(f"{order.order_id}, attempt {attempt}: {step.action}, {step.reason} {dict(step.writes)}")
        match step.action:
            case Action.TAKE_RESULT:
                yield
                if ledger.result is None:
                    ledger.result = {"outcome": "successful"}
                return memory
            case Action.COLLECT:
                other = self.ledgers[str(snapshot.current_id)]
                other.result = other.result or {"outcome": "successful"}
            case Action.OFFER:
                ledger.check(attempt)
                ledger.was_offered = self.driver.keeps_note
            case Action.COMMIT:
                stage = NoteStage.STARTING if self.rules.one_phase else NoteStage.COMMITTING
                self._note(ledger, attempt, stage, _number(step))
                memory = replace(memory, committed=True, offered=False, number_before=snapshot.current_sequence)
            case Action.START:
                self._note(ledger, attempt, NoteStage.STARTING, snapshot.current_sequence)
            case Action.CANCEL:
                memory = replace(memory, offered=False)
        yield
        is_confirmed = self._send(step.writes)
        if step.action is Action.OFFER:
            memory = replace(memory, offered=is_confirmed)
        yield
        return memory

    def _note(self, ledger: Ledger, attempt: int, stage: NoteStage, number: int | None) -> None:
        ledger.check(attempt)
        if not self.driver.keeps_note:
            return
        if ledger.note is not None and ledger.note.stage is NoteStage.STARTING and stage is NoteStage.COMMITTING:
            return
        ledger.note = OrderNote(stage, 0, number, "2026-01-01T00:00:00+00:00")

    def _send(self, writes: Mapping[str, Scalar]) -> bool:
        """Write in one request; return whether its answer came."""
        happens = self.random.choices(
            ["lost", "late", "torn", "arrived"],
            [self.faults.lost_write, self.faults.late_write, self.faults.torn_write, 1.0],
        )[0]
        if happens == "late":
            self.late.append(writes)
        elif happens == "torn":
            # A station may hand the tags of one request to the controller one by one.
            arrives = {tag: value for tag, value in writes.items() if self.random.random() < 0.5}
            self.unit.board.write(arrives)
            self.late.append({tag: value for tag, value in writes.items() if tag not in arrives})
        elif happens == "arrived":
            self.unit.board.write(writes)
        return happens == "arrived" and self.random.random() >= self.faults.lost_write

    def _end(self, ledger: Ledger, attempt: int, error: OrderError) -> None:
        if ledger.attempt != attempt:
            return
        kinds: dict[type[OrderError], str] = {
            OrderRefusedError: "refused",
            OrderOutcomeUnknownError: "a person decides",
            OrderPayloadMismatchError: "a person decides",
            OrderUnitError: "a person decides",
        }
        ledger.ended_as = kinds[type(error)]
        phase = self.unit.tags.commit_profile.phase(self.unit.board.snapshot().numbers)
        if phase is CommitPhase.ANSWERED:
            roles = self.unit.tags.roles
            release = self.unit.tags.commit_profile.release()
            self.unit.board.write({roles[role]: value for role, value in release.items()})

    def _tell(self, text: str) -> None:
        self.story.append(text)


def _number(step: Step) -> int | None:
    numbers = [value for value in step.writes.values() if isinstance(value, int) and not isinstance(value, bool)]
    return numbers[0] if numbers else None
