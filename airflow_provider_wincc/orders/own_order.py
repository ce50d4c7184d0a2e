"""What to do about an order of ours that the unit holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.orders.commits import CommitPhase
from airflow_provider_wincc.orders.errors import OrderUnitError
from airflow_provider_wincc.orders.memory import NoteStage
from airflow_provider_wincc.orders.offering import offer_step
from airflow_provider_wincc.orders.outcome import outcome_of
from airflow_provider_wincc.orders.states import FINAL_STATES, JobState
from airflow_provider_wincc.orders.steps import Action, Step, Wait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.orders.situation import Situation


def own_order_step(now: Situation) -> Step:
    """Return the next step for the order in the unit, which is ours."""
    if now.state is JobState.NONE:
        return now.wait(Wait.CLEAR, "the unit names the order without a state")
    if not now.number:
        raise OrderUnitError(
            f"{now.subject} is {now.state.words} without a number in {now.tags.roles['current_sequence']!r}, to which "
            f"its commands could be bound. {now.shows}"
        )
    if now.state is JobState.NOT_ALLOWED_TO_START or (now.is_machine_state and now.rules.wait_for == "stored"):
        return _stored(now)
    if now.is_machine_state and not now.rules.one_phase:
        # Neither the end nor the run of a machine is that of an order which nobody has started.
        return now.wait(Wait.ADMIT, f"the machine is {now.state.words}, and the order is stored and not started")
    differences = now.echo_differences
    if differences and now.state is not JobState.ABORTED:
        raise now.mismatch(f"{now.state.words} with other content", differences)
    if now.state in FINAL_STATES:
        return _final(now)
    if now.rules.wait_for == "stored":
        return Step(Action.REACHED, f"the order is {now.state.words}")
    if now.state is JobState.ALLOWED_TO_START:
        return now.wait(Wait.RUN, "the order is allowed to start")
    if now.rules.wait_for == "running":
        return Step(Action.REACHED, f"the order is {now.state.words}")
    return now.wait(Wait.RUN, f"the order is {now.state.words}")


def _stored(now: Situation) -> Step:
    differences = now.echo_differences
    if differences:
        return _stored_differently(now, differences)
    if now.rules.wait_for == "stored":
        return Step(Action.REACHED, "the order is stored")
    if now.rules.one_phase:
        return now.wait(Wait.START, "the unit has accepted the order, and is to start it by itself (one phase)")
    if not now.is_in_production:
        mode, expected = now.snapshot.numbers["mode"], now.tags.production_mode
        return now.wait(Wait.ADMIT, f"the order is stored, and the unit is in mode {mode}, not in {expected}")
    _stop_when_stored_anew(now)
    return now.command(Action.START, "start", "the echo is equal", Wait.START)


def _stop_when_stored_anew(now: Situation) -> None:
    """Stop when the order was about to be started before, under another number.

    A unit that has not lost its memory refuses it; what has lost it cannot say whether the order has run.
    """
    note = now.memory.note
    if note is None or note.stage is not NoteStage.STARTING or note.revision != now.order.revision:
        return
    if note.sequence not in {None, now.number}:
        raise now.unknown(
            f"was about to be started at {note.at} with number {note.sequence}, and the unit has stored it anew with "
            f"number {now.number}: its memory was lost or restored, and the order may have run"
        )


def _stored_differently(now: Situation, differences: Sequence[str]) -> Step:
    stored = now.snapshot.numbers.get("current_revision")
    if stored is not None and stored > now.order.revision:
        raise now.mismatch("stored in a newer revision", differences)
    if stored is not None and stored < now.order.revision and now.rules.may_update:
        return _update(now, differences)
    if now.memory.note is None and not now.memory.was_offered:
        # Nothing of ours can be in it, so it is somebody else's order under the same id.
        raise now.mismatch("stored with other content, and not by us", differences)
    if "cancel" not in now.tags.roles:
        raise now.mismatch("stored with other content, and the unit has no Cancel", differences)
    reason = f"what is stored differs ({'; '.join(differences)}), so it is never started"
    return now.command(Action.CANCEL, "cancel", reason, Wait.CANCEL)


def _update(now: Situation, differences: Sequence[str]) -> Step:
    codes, status = now.tags.return_codes, now.status
    if now.phase is CommitPhase.UNDER_WAY:
        return now.wait(Wait.ANSWER, "the unit has not answered the update yet")
    if now.answers_ours and not now.offer_differences and status is not None:
        is_refused = not codes.says_accepted(status) and not codes.says_unable_now(status)
        if is_refused:
            raise now.mismatch("stored in a lower revision, and the unit refused the update", differences)
    return offer_step(now, "a lower revision is stored and will be replaced")


def _final(now: Situation) -> Step:
    if now.doubtful_results:
        return now.wait(Wait.RESULT, f"results have no good quality: {', '.join(now.doubtful_results)}")
    if outcome_of(now.snapshot, now.tags, now.rules.success) is None:
        return now.wait(Wait.RESULT, "the unit does not say yet whether the order was successful")
    return Step(Action.TAKE_RESULT, f"the order is {now.state.words}")
