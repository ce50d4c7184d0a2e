"""The handoff as a pure function: an order, a snapshot and what is remembered give the next step.

It sends nothing and waits for nothing. Whoever drives it takes a fresh snapshot before every step, so that a process
that was killed, a task that is retried and one that is carried out twice all begin by looking at the unit.

The driver keeps four promises. It recalls the note and the result after the snapshot was taken, before it acts on a
step or believes an error: another order's handoff may have collected the result meanwhile. It saves a note before it
commits and before it starts. It asks the store before each write whether it is still the newest attempt. It writes a
step in one request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.orders.answers import (
    alarm_about_restored_memory,
    judge_answer,
    judge_refusing_signal,
    stop_when_it_may_have_run,
)
from airflow_provider_wincc.orders.commits import CommitPhase
from airflow_provider_wincc.orders.differences import echo_differences
from airflow_provider_wincc.orders.offering import offer_step
from airflow_provider_wincc.orders.outcome import OrderOutcome, outcome_of
from airflow_provider_wincc.orders.own_order import own_order_step
from airflow_provider_wincc.orders.ownership import accepted_just_now, holds_ours
from airflow_provider_wincc.orders.situation import Situation
from airflow_provider_wincc.orders.states import FINAL_STATES
from airflow_provider_wincc.orders.steps import Action, HandoffRules, Step, Wait, WaitFor

if TYPE_CHECKING:
    from airflow_provider_wincc.orders.memory import OrderMemory
    from airflow_provider_wincc.orders.order import ProductionOrder
    from airflow_provider_wincc.orders.snapshot import Snapshot
    from airflow_provider_wincc.orders.tags import OrderHandoffTags

__all__ = [
    "Action",
    "HandoffRules",
    "Step",
    "Wait",
    "WaitFor",
    "accepted_just_now",
    "echo_differences",
    "holds_ours",
    "next_step",
]


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
    now = Situation(order, snapshot, memory, tags, rules)
    if memory.result is not None:
        return _done_before(now, memory.result.get("outcome"))
    if now.phase is CommitPhase.ANSWERED:
        judge_refusing_signal(now)
        return Step(Action.RELEASE, "the unit has answered", writes=now.named(now.profile.release()))
    if now.holds_ours:
        return own_order_step(now)
    alarm_about_restored_memory(now)
    if now.commit_is_under_way and now.names_ours:
        return now.wait(Wait.ANSWER, "the unit has not answered yet")
    if now.phase is CommitPhase.UNDER_WAY:
        return now.wait(Wait.ADMIT, "a command that the unit has not answered is under way")
    stop_when_it_may_have_run(now)
    judge_answer(now)
    if snapshot.holds_an_order:
        return _foreign_order(now)
    return offer_step(now, "the unit is free")


def _done_before(now: Situation, outcome: object) -> Step:
    if now.holds_ours and outcome == OrderOutcome.REFUSED:
        raise now.unknown("is refused by the ledger's result, and the unit holds it")
    if now.holds_ours and now.state in FINAL_STATES:
        return now.clear(Action.CLEAR, "the result is in the ledger", Wait.CLEAR)
    if now.commit_is_under_way and now.names_ours and not now.holds_ours:
        raise now.unknown(
            "has a result in the ledger, and the unit shows it as just being handed over: its memory was probably "
            "restored from a back-up"
        )
    if now.holds_ours:
        return Step(
            Action.RETURN_STORED, f"the ledger holds the result, yet the unit shows the order as {now.state.words}"
        )
    return Step(Action.RETURN_STORED, "the ledger holds the result")


def _foreign_order(now: Situation) -> Step:
    owner = f"order {now.snapshot.current_id!r}" if now.snapshot.current_id else "another order"
    if now.state not in FINAL_STATES:
        return now.wait(Wait.ADMIT, f"{owner} is {now.state.words}")
    # Our own condition says nothing of another order.
    is_told = outcome_of(now.snapshot, now.tags, None) is not None and not now.doubtful_results
    has_run = now.rules.one_phase or not now.is_machine_state
    if now.rules.collects and is_told and has_run and now.snapshot.current_id and now.number:
        reason = f"{owner} is {now.state.words} and was not collected"
        return now.clear(Action.COLLECT, reason, Wait.ADMIT)
    return now.wait(Wait.ADMIT, f"{owner} is {now.state.words} and was not collected yet")
