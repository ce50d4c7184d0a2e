"""All that a decision looks at, and the words in which it is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import TagValue
from airflow_provider_wincc.orders.commits import CommitPhase
from airflow_provider_wincc.orders.differences import echo_differences, offer_differences
from airflow_provider_wincc.orders.errors import (
    OrderOutcomeUnknownError,
    OrderPayloadMismatchError,
    OrderRefusedError,
)
from airflow_provider_wincc.orders.ownership import holds_ours, is_machine_state
from airflow_provider_wincc.orders.steps import Action, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.orders.commits import CommitProfile
    from airflow_provider_wincc.orders.memory import OrderMemory
    from airflow_provider_wincc.orders.order import ProductionOrder
    from airflow_provider_wincc.orders.snapshot import Snapshot
    from airflow_provider_wincc.orders.states import JobState
    from airflow_provider_wincc.orders.steps import HandoffRules, Wait
    from airflow_provider_wincc.orders.tags import OrderHandoffTags


@dataclass(frozen=True, slots=True)
class Situation:
    """An order, what the unit shows, what is remembered, and the rules of the handoff."""

    order: ProductionOrder
    snapshot: Snapshot
    memory: OrderMemory
    tags: OrderHandoffTags
    rules: HandoffRules

    @property
    def profile(self) -> CommitProfile:
        """The handshake of the unit."""
        return self.tags.commit_profile

    @property
    def phase(self) -> CommitPhase:
        """Where the handshake stands."""
        return self.profile.phase(self.snapshot.numbers)

    @property
    def commit_is_under_way(self) -> bool:
        """Whether a payload was committed, by whomever, and the unit has not answered yet."""
        return self.phase is CommitPhase.UNDER_WAY and self.profile.is_commit(self.snapshot.numbers)

    @property
    def state(self) -> JobState:
        """The job state that the unit shows."""
        return self.snapshot.state

    @property
    def number(self) -> int:
        """The number of the order in the unit, to which its methods are bound."""
        return self.snapshot.current_sequence

    @property
    def status(self) -> int | None:
        """The return status of the last answer; None when the unit has none."""
        return self.snapshot.numbers.get("return_status")

    @property
    def holds_ours(self) -> bool:
        """Whether the order in the unit is ours."""
        return holds_ours(self.order, self.snapshot, self.memory)

    @property
    def names_ours(self) -> bool:
        """Whether our order's id stands in the client's tag."""
        return self.snapshot.order_id == self.order.order_id

    @property
    def answers_ours(self) -> bool:
        """Whether the last answer was to our order's id."""
        return self.snapshot.ack_id == self.order.order_id

    @property
    def offer_differences(self) -> list[str]:
        """Where what stands in the client's tags is not our offer."""
        return offer_differences(self.order, self.snapshot, self.tags)

    @property
    def echo_differences(self) -> list[str]:
        """Where what the unit has stored is not our order."""
        return echo_differences(self.order, self.snapshot)

    @property
    def noted_number(self) -> int | None:
        """The number that the note speaks of, where the unit acknowledges numbers."""
        note = self.memory.note
        return None if note is None or "ack_sequence" not in self.snapshot.numbers else note.sequence

    @property
    def is_machine_state(self) -> bool:
        """Whether the state tells of the machine alone, and nothing of the order that it holds."""
        return is_machine_state(self.snapshot, self.tags)

    @property
    def is_in_production(self) -> bool:
        """Whether the unit is in the mode in which orders are taken and started."""
        return self.snapshot.numbers.get("mode", self.tags.production_mode) == self.tags.production_mode

    @property
    def doubtful_results(self) -> list[str]:
        """The results that are not of good quality."""
        return [
            name
            for name, reading in self.snapshot.results.items()
            if not (isinstance(reading, TagValue) and reading.quality.is_good)
        ]

    def wait(self, waits_for: Wait, reason: str) -> Step:
        """Return a step that waits."""
        return Step(Action.WAIT, reason, waits_for)

    def command(self, action: Action, role: str, reason: str, waits_for: Wait) -> Step:
        """Return a command bound to the order in the unit, or the wait for its effect once it stands in its tag."""
        if self.snapshot.numbers[role] == self.number:
            return self.wait(waits_for, f"{role.capitalize()} is given and has no effect yet")
        return Step(action, reason, writes={self.tags.roles[role]: self.number})

    def clear(self, action: Action, reason: str, waits_for: Wait) -> Step:
        """Return the Clear of the order in the unit, or the wait for its effect.

        Start goes back to 0 with it: if the unit's numbers are ever set back, an old Start would be in force again.
        """
        step = self.command(action, "clear", reason, waits_for)
        if not step.writes:
            return step
        return replace(step, writes={**step.writes, self.tags.roles["start"]: 0})

    def named(self, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Return values by role as values by tag."""
        return {self.tags.roles[role]: value for role, value in values.items()}

    def unknown(self, what: str) -> OrderOutcomeUnknownError:
        """Return the error for an order that may have run."""
        return OrderOutcomeUnknownError(f"{self.subject} {what}. {self.shows}")

    def refused(self, status: str) -> OrderRefusedError:
        """Return the error for an order that the unit does not accept."""
        return OrderRefusedError(
            f"{self.subject} (revision {self.order.revision}) was refused: return status {status}. Nothing was "
            f"started. {self.shows}"
        )

    def mismatch(self, what: str, differences: Sequence[str]) -> OrderPayloadMismatchError:
        """Return the error for an order of our id with other content."""
        return OrderPayloadMismatchError(f"{self.subject} is {what}: {'; '.join(differences)}. {self.shows}")

    @property
    def subject(self) -> str:
        """The order and the unit."""
        return f"Order {self.order.order_id!r} at unit {self.tags.unit!r}"

    @property
    def shows(self) -> str:
        """What the unit shows, as a sentence."""
        return f"The unit shows: {self.snapshot.words(self.tags)}."
