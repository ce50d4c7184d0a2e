"""What the note and the unit's last answer say of an order that the unit does not hold.

Each check raises when the order must not be offered, and returns when it may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.orders.errors import OrderUnitError
from airflow_provider_wincc.orders.memory import NoteStage

if TYPE_CHECKING:
    from airflow_provider_wincc.orders.situation import Situation


def alarm_about_restored_memory(now: Situation) -> None:
    """Stop when an order that is done is being handed over once more.

    :raises OrderUnitError: the unit's memory was probably restored; a person looks at the unit.
    """
    if not now.commit_is_under_way or now.snapshot.order_id not in now.memory.known_done:
        return
    raise OrderUnitError(
        f"Unit {now.tags.unit!r} shows order {now.snapshot.order_id!r} as just being handed over, and that order is "
        "done and confirmed: the unit's memory was probably restored from a back-up, and it may run the order again. "
        f"{now.shows}",
        hint="Look at the unit now. Nothing of our own order was sent; clear the task when the unit is in order.",
    )


def stop_when_it_may_have_run(now: Situation) -> None:
    """Stop when the note says that the order may have run.

    :raises OrderOutcomeUnknownError: a person decides.
    """
    note = now.memory.note
    if note is None:
        return
    if note.stage is NoteStage.STARTING and not _has_refused_the_one_phase_commit(now):
        raise now.unknown(
            f"was about to be started at {note.at}, and the unit does not know it: its memory was lost, or somebody "
            "has cleared the order"
        )
    if now.memory.committed:
        return
    if not now.tags.has_id_echo:
        raise now.unknown(
            f"was about to be committed at {note.at} by an earlier attempt, and the unit does not say which order it "
            "has taken"
        )
    if now.rules.wait_for == "stored" and not now.answers_ours and not _was_never_accepted(now):
        raise now.unknown(
            f"was about to be committed at {note.at} by an earlier attempt, and the unit has answered other commits "
            "since: it may have been accepted, started by somebody and cleared"
        )


def judge_answer(now: Situation) -> None:
    """Judge the last answer, when it was to our order.

    :raises OrderRefusedError: the unit does not accept the content.
    :raises OrderOutcomeUnknownError: the unit has taken an order of this id before.
    """
    status, codes = now.status, now.tags.return_codes
    if not now.answers_ours:
        _judge_answer_without_id(now)
    elif status is None:
        # Only the status words of the client and the unit tell, while they stand.
        return
    elif codes.says_accepted(status):
        _judge_gone(now)
    elif codes.says_already_taken(status):
        raise now.unknown(
            "was refused because the unit holds or has executed an order of this id, and the ledger has no result"
        )
    elif not codes.says_unable_now(status) and not now.offer_differences and not _is_of_an_earlier_offer(now):
        raise now.refused(codes.words(status))


def judge_refusing_signal(now: Situation) -> None:
    """Judge an answer that is lost once our signal is taken back.

    :raises OrderRefusedError: the unit does not accept the content.
    """
    codes, status = now.tags.return_codes, now.status
    if status is not None and now.snapshot.ack_id is not None:
        # These two stay, and are judged afterwards.
        return
    is_ours = now.memory.committed if now.snapshot.ack_id is None else now.answers_ours and not now.offer_differences
    if not is_ours or now.holds_ours or not now.profile.refuses(now.snapshot.numbers):
        return
    if status is None or not codes.says_unable_now(status):
        raise now.refused("no reason given" if status is None else codes.words(status))


def _has_refused_the_one_phase_commit(now: Situation) -> bool:
    status, codes = now.status, now.tags.return_codes
    if not now.rules.one_phase or not now.answers_ours or status is None:
        return False
    answers_it = now.noted_number in {None, now.snapshot.numbers.get("ack_sequence")}
    return answers_it and not codes.says_accepted(status) and not codes.says_already_taken(status)


def _was_never_accepted(now: Situation) -> bool:
    """Whether the unit still shows that an earlier attempt's commit was not accepted, its last answer not being ours.

    A unit that names nobody in its last answer has lost its memory, and shows nothing.
    """
    if not now.snapshot.ack_id:
        return False
    number = now.noted_number
    if number is None:
        # Whoever commits after us writes an id of their own first.
        return now.names_ours
    is_next = now.profile.commit(now.snapshot.numbers) == {"sequence": number}
    return is_next or now.snapshot.numbers["ack_sequence"] == number


def _is_of_an_earlier_offer(now: Situation) -> bool:
    """Whether the last answer was to another offer of our order than the one that stands in the tags."""
    note = now.memory.note
    if note is None:
        # None of our attempts has committed it since its payload was written.
        return now.memory.was_offered and not now.memory.committed
    if note.revision != now.order.revision:
        return True
    return now.noted_number is not None and now.noted_number != now.snapshot.numbers["ack_sequence"]


def _judge_answer_without_id(now: Situation) -> None:
    status, number, codes = now.status, now.noted_number, now.tags.return_codes
    if now.tags.has_id_echo or status is None or number is None:
        return
    is_answered = now.snapshot.numbers["ack_sequence"] == number
    if is_answered and not codes.says_accepted(status) and not codes.says_unable_now(status):
        raise now.refused(codes.words(status))


def _judge_gone(now: Situation) -> None:
    if now.rules.one_phase:
        raise now.unknown("was accepted, and the unit holds it no longer: it may have run and been cleared")
    if _was_cancelled(now):
        return
    if now.rules.wait_for == "stored":
        raise now.unknown("was accepted, and the unit holds it no longer: somebody may have started and cleared it")
    if now.memory.note is None and not now.memory.committed:
        raise now.unknown("was accepted before, not by this handoff, and the unit holds it no longer: it may have run")


def _was_cancelled(now: Situation) -> bool:
    """Whether Cancel stands as it was given to the order of the last answer; each offer sets it back to 0."""
    cancelled = now.snapshot.numbers.get("cancel", 0)
    return bool(cancelled) and cancelled == now.snapshot.numbers.get("ack_sequence", cancelled)
