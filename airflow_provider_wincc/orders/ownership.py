"""Whose order a unit holds, and whether the state that it shows is that of the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.orders.commits import CommitPhase

if TYPE_CHECKING:
    from airflow_provider_wincc.orders.memory import OrderMemory
    from airflow_provider_wincc.orders.order import ProductionOrder
    from airflow_provider_wincc.orders.snapshot import Snapshot
    from airflow_provider_wincc.orders.tags import OrderHandoffTags


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
    """Return the number under which a unit without an echo of the id has accepted what this attempt committed.

    None when it has not, or cannot have: another client's order may have come in between.
    """
    if tags.has_id_echo or not memory.committed or memory.accepted_sequence is not None:
        return None
    is_new = snapshot.holds_an_order and snapshot.current_sequence != memory.number_before
    if not is_new or _is_unanswered_or_refused(snapshot, tags) or _is_of_another_commit(snapshot, memory):
        return None
    return snapshot.current_sequence


def is_machine_state(snapshot: Snapshot, tags: OrderHandoffTags) -> bool:
    """Whether the state tells of the machine alone: it has one of its own (PackML), and Start was not given."""
    if not tags.state_map.shows_machine:
        return False
    return not snapshot.current_sequence or snapshot.numbers["start"] != snapshot.current_sequence


def _is_unanswered_or_refused(snapshot: Snapshot, tags: OrderHandoffTags) -> bool:
    profile, status = tags.commit_profile, snapshot.numbers.get("return_status")
    if profile.phase(snapshot.numbers) is CommitPhase.UNDER_WAY or profile.refuses(snapshot.numbers):
        return True
    return status is not None and not tags.return_codes.says_accepted(status)


def _is_of_another_commit(snapshot: Snapshot, memory: OrderMemory) -> bool:
    if memory.note is None or memory.note.sequence is None or "ack_sequence" not in snapshot.numbers:
        return False
    return snapshot.current_sequence != memory.note.sequence
