"""The handoff as a pure function: an order, a snapshot and what is remembered give the next step.

It sends nothing and waits for nothing. Whoever drives it takes a fresh snapshot before every step, so that a process
that was killed, a task that is retried and one that is carried out twice all begin by looking at the unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from airflow_provider_wincc.client.models import TagValue
from airflow_provider_wincc.orders.commits import CommitPhase
from airflow_provider_wincc.orders.errors import (
    OrderOutcomeUnknownError,
    OrderPayloadMismatchError,
    OrderRefusedError,
    OrderUnitError,
)
from airflow_provider_wincc.orders.memory import NoteStage
from airflow_provider_wincc.orders.outcome import outcome_of
from airflow_provider_wincc.orders.states import FINAL_STATES, JobState
from airflow_provider_wincc.orders.tags import METHOD_ROLES
from airflow_provider_wincc.value_types import shows_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.conditions import Condition
    from airflow_provider_wincc.orders.commits import CommitProfile
    from airflow_provider_wincc.orders.errors import OrderError
    from airflow_provider_wincc.orders.memory import OrderMemory
    from airflow_provider_wincc.orders.order import ProductionOrder
    from airflow_provider_wincc.orders.snapshot import Snapshot
    from airflow_provider_wincc.orders.tags import OrderHandoffTags

WaitFor = Literal["stored", "running", "ended"]


class Action(StrEnum):
    """What to do next."""

    WAIT = "wait"
    RETURN_STORED = "return the stored result"
    COLLECT = "collect the result of another order"
    RELEASE = "take the signal back"
    ASK = "ask for permission"
    OFFER = "write the payload"
    COMMIT = "commit"
    CANCEL = "cancel what is stored"
    START = "start"
    REACHED = "the state that was asked for is reached"
    TAKE_RESULT = "take the result"
    CLEAR = "clear"


class Wait(StrEnum):
    """What is waited for; each has its own time-out."""

    OBSERVE = "observe"
    """Good quality and settled readings."""
    ADMIT = "admit"
    """The unit is free and ready."""
    VERIFY = "verify"
    """The payload stands in the tags."""
    ANSWER = "answer"
    """The unit answers the commit."""
    CANCEL = "cancel"
    """The unit has dropped the stored order."""
    START = "start"
    """The unit allows the order to start."""
    RUN = "run"
    """The order comes to the state that was asked for."""
    RESULT = "result"
    """The result is complete."""
    CLEAR = "clear"
    """The unit has dropped the order that ended."""


@dataclass(frozen=True, slots=True)
class Step:
    """The next step.

    :param action: what to do.
    :param reason: why, in words.
    :param waits_for: what is waited for, when the action is to wait.
    :param writes: tag → value to write, in one request.
    """

    action: Action
    reason: str
    waits_for: Wait | None = None
    writes: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRules:
    """How far a handoff goes, and what it may do on the way.

    :param wait_for: the state at which the handoff is done: ``stored`` (it is not started by us), ``running`` or
        ``ended``.
    :param one_phase: the unit starts what it accepts; there is no time to compare the echo.
    :param collects: results of other orders that stand in the way are put into the ledger and cleared.
    :param may_update: a stored order of a lower revision is replaced.
    :param success: when an order that ended was successful, as a condition over its results; None for the unit's job
        result.
    """

    wait_for: WaitFor = "ended"
    one_phase: bool = False
    collects: bool = False
    may_update: bool = False
    success: Condition | None = None


def next_step(
    order: ProductionOrder,
    snapshot: Snapshot,
    memory: OrderMemory,
    tags: OrderHandoffTags,
    rules: HandoffRules,
) -> Step:
    """Return the next step of a handoff.

    The first line of the decision table that fits counts: what the ledger holds, an order of ours in the unit, a
    command under way, the durable note, the last answer, what else is in the unit, and at last a free unit.

    :raises OrderRefusedError: the unit does not accept the order's content.
    :raises OrderPayloadMismatchError: the unit holds or ran an order of this id with other content.
    :raises OrderOutcomeUnknownError: the order may have run; a person decides.
    :raises OrderUnitError: the unit shows what the tag map does not know.
    """
    return _Decision(order, snapshot, memory, tags, rules).step()


def holds_ours(order: ProductionOrder, snapshot: Snapshot, memory: OrderMemory) -> bool:
    """Whether the order in the unit is ours.

    Without an echo of the id it is ours only as far as this attempt has seen it accepted.
    """
    if snapshot.current_id is not None:
        return snapshot.current_id == order.order_id
    if memory.accepted_sequence is None:
        return False
    return snapshot.holds_an_order and snapshot.current_sequence == memory.accepted_sequence


def accepted_just_now(snapshot: Snapshot, memory: OrderMemory, tags: OrderHandoffTags) -> int | None:
    """Return the number under which a unit without an echo of the id has accepted what this attempt committed."""
    if tags.has_id_echo or not memory.committed or memory.accepted_sequence is not None:
        return None
    phase = tags.commit_profile.phase(snapshot.numbers)
    is_new = snapshot.holds_an_order and snapshot.current_sequence != memory.number_before
    return snapshot.current_sequence if is_new and phase is not CommitPhase.UNDER_WAY else None


def echo_differences(order: ProductionOrder, snapshot: Snapshot) -> list[str]:
    """Say in words where what the unit has stored differs from the order; empty when nothing does."""
    found = [
        f"{name} is {reading.text!r}, expected {order.payload[name]!r}"
        for name, reading in snapshot.echo.items()
        if not shows_value(reading, order.payload[name], 0.0)
    ]
    stored = snapshot.numbers.get("current_revision")
    if stored is not None and stored != order.revision:
        found.append(f"revision is {stored}, expected {order.revision}")
    return found


@dataclass(frozen=True, slots=True)
class _Decision:
    order: ProductionOrder
    snapshot: Snapshot
    memory: OrderMemory
    tags: OrderHandoffTags
    rules: HandoffRules

    def step(self) -> Step:
        if self.memory.result is not None:
            return self._done_before()
        if self.phase is CommitPhase.ANSWERED:
            return self._answered()
        if self.holds_ours:
            return self._ours()
        self._alarm_about_restored_memory()
        if self._commit_is_under_way and self._standing_is_ours:
            return self._wait(Wait.ANSWER, "the unit has not answered yet")
        if self.phase is CommitPhase.UNDER_WAY:
            return self._wait(Wait.ADMIT, "a command that the unit has not answered is under way")
        self._stop_when_it_may_have_run()
        self._judge_answer()
        return self._not_in_the_unit()

    @property
    def phase(self) -> CommitPhase:
        return self.tags.commit_profile.phase(self.snapshot.numbers)

    @property
    def profile(self) -> CommitProfile:
        return self.tags.commit_profile

    @property
    def holds_ours(self) -> bool:
        return holds_ours(self.order, self.snapshot, self.memory)

    @property
    def _commit_is_under_way(self) -> bool:
        return self.phase is CommitPhase.UNDER_WAY and self.profile.is_commit(self.snapshot.numbers)

    @property
    def _standing_is_ours(self) -> bool:
        return self.snapshot.order_id == self.order.order_id

    @property
    def _number(self) -> int:
        return self.snapshot.current_sequence

    def _done_before(self) -> Step:
        if self._commit_is_under_way and self._standing_is_ours:
            raise self._unknown(
                "is done and confirmed, and the unit shows it as just being handed over: its memory was "
                "probably restored from a back-up"
            )
        if self.holds_ours and self.snapshot.state in FINAL_STATES:
            return self._clear()
        return Step(Action.RETURN_STORED, "the ledger holds the result")

    def _answered(self) -> Step:
        # In this profile the signal itself may be the refusal, and it is gone once ours is taken back.
        status = self.snapshot.numbers.get("return_status")
        is_last_word = status is None or self.snapshot.ack_id is None
        is_ours = self.memory.committed if self.snapshot.ack_id is None else self.snapshot.ack_id == self.order.order_id
        if is_ours and is_last_word and self.profile.refuses(self.snapshot.numbers) and not self.holds_ours:
            codes = self.tags.return_codes
            if status is None or not codes.says_unable_now(status):
                raise self._refused("no reason given" if status is None else codes.words(status))
        return Step(Action.RELEASE, "the unit has answered", writes=self._named(self.profile.release()))

    def _ours(self) -> Step:
        state = self.snapshot.state
        if state is not JobState.NONE and not self._number:
            raise OrderUnitError(
                f"{self._subject} is {state.words} without a number in {self.tags.roles['current_sequence']!r}, to "
                f"which its commands could be bound. {self._shows}"
            )
        if state is JobState.NOT_ALLOWED_TO_START:
            return self._stored()
        if state is JobState.NONE:
            return self._wait(Wait.CLEAR, "the unit names the order without a state")
        differences = echo_differences(self.order, self.snapshot)
        if differences and state is not JobState.ABORTED:
            raise self._mismatch(f"{state.words} with other content", differences)
        if state in FINAL_STATES:
            return self._final()
        if self.rules.wait_for == "stored":
            return Step(Action.REACHED, f"the order is {state.words}")
        if state is JobState.ALLOWED_TO_START:
            return self._wait(Wait.RUN, "the order is allowed to start")
        if self.rules.wait_for == "running":
            return Step(Action.REACHED, f"the order is {state.words}")
        return self._wait(Wait.RUN, f"the order is {state.words}")

    def _stored(self) -> Step:
        differences = echo_differences(self.order, self.snapshot)
        if differences:
            return self._stored_differently(differences)
        if self.rules.wait_for == "stored":
            return Step(Action.REACHED, "the order is stored")
        if self.rules.one_phase:
            return self._wait(Wait.START, "the unit has accepted the order, and is to start it by itself (one phase)")
        if self.snapshot.numbers["start"] == self._number:
            return self._wait(Wait.START, "Start is given and has no effect yet")
        return Step(Action.START, "the echo is equal", writes=self._method("start"))

    def _stored_differently(self, differences: list[str]) -> Step:
        stored = self.snapshot.numbers.get("current_revision")
        if stored is not None and stored > self.order.revision:
            raise self._mismatch("stored in a newer revision", differences)
        if stored is not None and stored < self.order.revision and self.rules.may_update:
            return self._update(differences)
        if self.memory.note is None and not self.memory.committed:
            # Nobody of ours has committed it, so it is somebody else's order under the same id.
            raise self._mismatch("stored with other content, and not by us", differences)
        if "cancel" not in self.tags.roles:
            raise self._mismatch("stored with other content, and the unit has no Cancel", differences)
        if self.snapshot.numbers["cancel"] == self._number:
            return self._wait(Wait.CANCEL, "Cancel is given and has no effect yet")
        reason = f"what is stored differs ({'; '.join(differences)}), so it is never started"
        return Step(Action.CANCEL, reason, writes=self._method("cancel"))

    def _update(self, differences: list[str]) -> Step:
        status = self.snapshot.numbers.get("return_status")
        if self.phase is CommitPhase.UNDER_WAY:
            return self._wait(Wait.ANSWER, "the unit has not answered the update yet")
        is_answered = self.snapshot.ack_id == self.order.order_id and self._stands_in_the_tags
        if is_answered and status is not None and not self.tags.return_codes.says_accepted(status):
            raise self._mismatch("stored in a lower revision, and the unit refused the update", differences)
        return self._offer_when_ready("a lower revision is stored and will be replaced")

    def _final(self) -> Step:
        if self._doubtful_results:
            return self._wait(Wait.RESULT, f"results have no good quality: {', '.join(self._doubtful_results)}")
        if outcome_of(self.snapshot, self.tags, self.rules.success) is None:
            return self._wait(Wait.RESULT, "the unit does not say yet whether the order was successful")
        return Step(Action.TAKE_RESULT, f"the order is {self.snapshot.state.words}")

    @property
    def _doubtful_results(self) -> list[str]:
        return [
            name
            for name, reading in self.snapshot.results.items()
            if not (isinstance(reading, TagValue) and reading.quality.is_good)
        ]

    def _clear(self) -> Step:
        if self.snapshot.numbers["clear"] == self._number:
            return self._wait(Wait.CLEAR, "Clear is given and has no effect yet")
        return Step(Action.CLEAR, "the result is in the ledger", writes=self._method("clear"))

    def _alarm_about_restored_memory(self) -> None:
        if self._commit_is_under_way and self.snapshot.order_id in self.memory.known_done:
            raise OrderOutcomeUnknownError(
                f"Unit {self.tags.unit!r} shows order {self.snapshot.order_id!r} as just being handed over, and that "
                "order is done and confirmed: the unit's memory was probably restored from a back-up, and it may run "
                f"the order again. {self._shows}",
                hint="Look at the unit now. Clear the task when the unit is in order.",
            )

    def _stop_when_it_may_have_run(self) -> None:
        note = self.memory.note
        if note is None:
            return
        if note.stage is NoteStage.STARTING and not self._has_refused_the_one_phase_commit:
            raise self._unknown(
                f"was about to be started at {note.at}, and the unit does not know it: its memory was lost, or "
                "somebody has cleared the order"
            )
        if not self.tags.has_id_echo and not self.memory.committed:
            raise self._unknown(
                f"was about to be committed at {note.at} by an earlier attempt, and the unit does not say which order "
                "it has taken"
            )

    @property
    def _has_refused_the_one_phase_commit(self) -> bool:
        status = self.snapshot.numbers.get("return_status")
        if not self.rules.one_phase or self.snapshot.ack_id != self.order.order_id or status is None:
            return False
        note, codes = self.memory.note, self.tags.return_codes
        answers_it = note is None or note.sequence in (None, self.snapshot.numbers.get("ack_sequence"))
        return answers_it and not codes.says_accepted(status) and not codes.says_already_taken(status)

    def _judge_answer(self) -> None:
        if self.snapshot.ack_id != self.order.order_id:
            self._judge_answer_without_id()
            return
        status = self.snapshot.numbers.get("return_status")
        codes = self.tags.return_codes
        if status is None:
            return
        if codes.says_accepted(status):
            self._judge_gone()
        elif codes.says_already_taken(status):
            raise self._unknown(
                "was refused because the unit holds or has executed an order of this id, and the ledger has no result"
            )
        elif not codes.says_unable_now(status) and self._stands_in_the_tags:
            raise self._refused(codes.words(status))

    def _judge_answer_without_id(self) -> None:
        status, note = self.snapshot.numbers.get("return_status"), self.memory.note
        if (
            self.tags.has_id_echo
            or status is None
            or note is None
            or note.sequence is None
            or not self.memory.committed
        ):
            return
        codes = self.tags.return_codes
        is_answered = self.snapshot.numbers["ack_sequence"] == note.sequence
        if is_answered and not codes.says_accepted(status) and not codes.says_unable_now(status):
            raise self._refused(codes.words(status))

    def _judge_gone(self) -> None:
        if self.rules.wait_for == "stored" or self.rules.one_phase:
            raise self._unknown(
                "was accepted, and the unit holds it no longer: somebody may have started and cleared it"
            )

    def _not_in_the_unit(self) -> Step:
        snapshot = self.snapshot
        if snapshot.state in FINAL_STATES:
            owner = self._current_owner
            is_told = outcome_of(snapshot, self.tags, self.rules.success) is not None
            if snapshot.numbers["clear"] == self._number:
                return self._wait(Wait.ADMIT, f"{owner} is being cleared")
            if self.rules.collects and snapshot.current_id and is_told and not self._doubtful_results:
                return Step(Action.COLLECT, f"{owner} is {snapshot.state.words} and was not collected")
            return self._wait(Wait.ADMIT, f"{owner} is {snapshot.state.words} and was not collected yet")
        if snapshot.holds_an_order:
            return self._wait(Wait.ADMIT, f"{self._current_owner} is {snapshot.state.words}")
        return self._offer_when_ready("the unit is free")

    def _offer_when_ready(self, reason: str) -> Step:
        obstacle = self._obstacle()
        if obstacle:
            return self._wait(Wait.ADMIT, obstacle)
        if self.phase is CommitPhase.NEEDS_PERMISSION:
            return Step(Action.ASK, reason, writes=self._named(self.profile.permission(self.snapshot.numbers)))
        if self._stands_in_the_tags:
            writes = self._named(self.profile.commit(self.snapshot.numbers))
            return Step(Action.COMMIT, "the payload stands in the tags", writes=writes)
        if self.memory.offered:
            return self._wait(Wait.VERIFY, f"the tags do not show the payload: {'; '.join(self._standing_differences)}")
        return Step(Action.OFFER, reason, writes=self._payload())

    def _obstacle(self) -> str:
        numbers = self.snapshot.numbers
        if self.phase is CommitPhase.FALLING_BACK:
            return "the unit has not taken back its signal of the last handshake"
        if numbers.get("mode", self.tags.production_mode) != self.tags.production_mode:
            return f"the unit is in mode {numbers['mode']}, not in production ({self.tags.production_mode})"
        # A unit that holds an order is not ready for another one, but it may take an update of that order.
        if not numbers.get("ready", 1) and not self.snapshot.holds_an_order:
            return "the unit is not ready"
        return "the unit's heartbeat has not changed yet" if self.snapshot.is_alive is False else ""

    @property
    def _stands_in_the_tags(self) -> bool:
        return not self._standing_differences

    @property
    def _standing_differences(self) -> list[str]:
        snapshot, order = self.snapshot, self.order
        found = []
        if snapshot.order_id != order.order_id:
            found.append(f"id is {snapshot.order_id!r}, expected {order.order_id!r}")
        if snapshot.numbers.get("revision", order.revision) != order.revision:
            found.append(f"revision is {snapshot.numbers['revision']}, expected {order.revision}")
        found += [
            f"{name} is {reading.text!r} ({reading.quality}), expected {order.payload[name]!r}"
            for name, reading in snapshot.payload.items()
            if not shows_value(reading, order.payload[name], 0.0)
        ]
        # An old command could meet a counter that was set back, and would then be in force.
        found += [f"{role} is {snapshot.numbers[role]}, expected 0" for role in self._methods if snapshot.numbers[role]]
        return found

    def _payload(self) -> dict[str, Scalar]:
        values: dict[str, Scalar] = {tag: self.order.payload[name] for name, tag in self.tags.payload_tags.items()}
        values[self.tags.roles["id"]] = self.order.order_id
        if "revision" in self.tags.roles:
            values[self.tags.roles["revision"]] = self.order.revision
        return values | {self.tags.roles[role]: 0 for role in self._methods}

    @property
    def _methods(self) -> list[str]:
        return [role for role in METHOD_ROLES if role in self.tags.roles]

    def _method(self, role: str) -> dict[str, Scalar]:
        return {self.tags.roles[role]: self._number}

    def _named(self, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
        return {self.tags.roles[role]: value for role, value in values.items()}

    @property
    def _current_owner(self) -> str:
        return f"order {self.snapshot.current_id!r}" if self.snapshot.current_id else "another order"

    def _wait(self, waits_for: Wait, reason: str) -> Step:
        return Step(Action.WAIT, reason, waits_for)

    @property
    def _shows(self) -> str:
        return f"The unit shows: {self.snapshot.words(self.tags)}."

    def _unknown(self, what: str) -> OrderOutcomeUnknownError:
        return OrderOutcomeUnknownError(f"{self._subject} {what}. {self._shows}")

    def _refused(self, status: str) -> OrderError:
        return OrderRefusedError(
            f"{self._subject} (revision {self.order.revision}) was refused: return status {status}. Nothing was "
            f"started. {self._shows}"
        )

    def _mismatch(self, what: str, differences: list[str]) -> OrderPayloadMismatchError:
        return OrderPayloadMismatchError(f"{self._subject} is {what}: {'; '.join(differences)}. {self._shows}")

    @property
    def _subject(self) -> str:
        return f"Order {self.order.order_id!r} at unit {self.tags.unit!r}"
