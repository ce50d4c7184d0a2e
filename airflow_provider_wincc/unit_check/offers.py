"""Offering an order to a unit under check, by the steps of its profile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from airflow_provider_wincc.orders.commits import CommitPhase
from airflow_provider_wincc.orders.tags import METHOD_ROLES
from airflow_provider_wincc.unit_check.bench import held_part
from airflow_provider_wincc.unit_check.verdicts import failed, passed
from airflow_provider_wincc.value_types import shows_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.orders import ProductionOrder, Snapshot
    from airflow_provider_wincc.unit_check.bench import Bench
    from airflow_provider_wincc.unit_check.verdicts import Verdict


class AnswerKind(Enum):
    """How far an offer came."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NO_PERMISSION = "the unit gives no permission to write an order"
    NOT_SHOWN = "the tags do not show the order that was written"
    NO_ANSWER = "the unit does not answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an offer.

    :param before: the unit before the offer.
    :param snapshot: the unit with its answer, before the client's signal was taken back.
    """

    kind: AnswerKind
    before: Snapshot
    snapshot: Snapshot

    def words(self, bench: Bench) -> str:
        """Say what came of the offer and what the unit shows."""
        status = self.snapshot.numbers.get("return_status")
        is_answer = self.kind in {AnswerKind.ACCEPTED, AnswerKind.REFUSED}
        told = "" if status is None or not is_answer else f", return status {bench.tags.return_codes.words(status)}"
        return f"{self.kind.value}{told}. {bench.shown(self.snapshot)}"


def offer(bench: Bench, order: ProductionOrder, *, is_free: bool = True, releases: bool = True) -> Answer:
    """Offer an order: ask where the profile asks, write it, see it in the tags, commit it, wait for the answer.

    :param is_free: the unit can take an order now; otherwise it need not give permission, and is not waited for.
    :param releases: take the signal of the client back after the answer, where the profile has one.
    """
    profile = bench.tags.commit_profile
    before = bench.look_anew()
    if not _has_permission(bench, before, bench.plan.answer_timeout if is_free else bench.plan.watch_seconds):
        return Answer(AnswerKind.NO_PERMISSION, before, bench.look_anew())
    bench.write(payload_writes(bench, order))
    shown = bench.wait_until(lambda snapshot: _stands(bench, order, snapshot), bench.plan.answer_timeout)
    if not _stands(bench, order, shown):
        return Answer(AnswerKind.NOT_SHOWN, before, shown)
    bench.write_roles(profile.commit(shown.numbers))
    phase = CommitPhase.UNDER_WAY
    answered = bench.wait_until(
        lambda snapshot: profile.phase(snapshot.numbers) is not phase, bench.plan.answer_timeout
    )
    if profile.phase(answered.numbers) is phase:
        return Answer(AnswerKind.NO_ANSWER, before, answered)
    kind = AnswerKind.ACCEPTED if _is_accepted(bench, answered) else AnswerKind.REFUSED
    if releases:
        release(bench)
    return Answer(kind, before, answered)


def release(bench: Bench) -> None:
    """Take the client's signal back, where the profile has one, and wait until the unit's is back too."""
    profile = bench.tags.commit_profile
    signal = profile.release()
    if signal:
        bench.write_roles(signal)
        bench.wait_until(
            lambda snapshot: profile.phase(snapshot.numbers) is CommitPhase.IDLE, bench.plan.answer_timeout
        )


def payload_writes(bench: Bench, order: ProductionOrder) -> dict[str, Scalar]:
    """Return all that is written with an order, but for the commit: tag → value."""
    roles = bench.tags.roles
    values: dict[str, Scalar] = {tag: order.payload[name] for name, tag in bench.tags.payload_tags.items()}
    values[roles["id"]] = order.order_id
    if "revision" in roles:
        values[roles["revision"]] = order.revision
    return values | {roles[role]: 0 for role in METHOD_ROLES if role in roles}


def judge_refusal(bench: Bench, order: ProductionOrder, answer: Answer, *, fitting: Sequence[str]) -> Verdict:
    """Judge an offer that the unit must refuse, without touching what it holds.

    :param fitting: the reasons that fit: ``content``, ``not now`` or ``taken``.
    """
    if answer.kind not in {AnswerKind.REFUSED, AnswerKind.NO_PERMISSION}:
        return failed(answer.words(bench))
    after = bench.look_anew()
    if held_part(after) != held_part(answer.before):
        return failed(f"{answer.kind.value}, and what the unit holds has changed. {bench.shown(after)}")
    if answer.kind is AnswerKind.NO_PERMISSION:
        is_fitting = "not now" in fitting
        return passed(f"{answer.kind.value}.") if is_fitting else failed(answer.words(bench), goes_on=True)
    if answer.snapshot.ack_id not in {None, order.order_id}:
        return failed(f"the answer does not name order {order.order_id!r}. {answer.words(bench)}", goes_on=True)
    reason = _reason(bench, answer.snapshot)
    if reason is not None and reason not in fitting:
        return failed(f"{answer.words(bench)} That status means {reason!r}.", goes_on=True)
    return passed(answer.words(bench))


def _has_permission(bench: Bench, before: Snapshot, seconds: float) -> bool:
    profile = bench.tags.commit_profile
    phase = profile.phase(before.numbers)
    is_asked = phase is CommitPhase.UNDER_WAY and not profile.is_commit(before.numbers)
    if phase is CommitPhase.NEEDS_PERMISSION:
        bench.write_roles(profile.permission(before.numbers))
    elif not is_asked:
        return True
    after = bench.wait_until(lambda snapshot: profile.phase(snapshot.numbers) is CommitPhase.IDLE, seconds)
    return profile.phase(after.numbers) is CommitPhase.IDLE


def _stands(bench: Bench, order: ProductionOrder, snapshot: Snapshot) -> bool:
    methods = [role for role in METHOD_ROLES if bench.has(role)]
    return (
        snapshot.order_id == order.order_id
        and snapshot.numbers.get("revision", order.revision) == order.revision
        and all(shows_value(reading, order.payload[name], 0.0) for name, reading in snapshot.payload.items())
        and not any(snapshot.numbers[role] for role in methods)
    )


def _is_accepted(bench: Bench, answered: Snapshot) -> bool:
    refuses = bench.tags.commit_profile.refuses(answered.numbers)
    if refuses is not None:
        return not refuses
    return bench.tags.return_codes.says_accepted(answered.numbers["return_status"])


def _reason(bench: Bench, answered: Snapshot) -> str | None:
    status, codes = answered.numbers.get("return_status"), bench.tags.return_codes
    if status is None:
        return None
    if codes.says_already_taken(status):
        return "taken"
    return "not now" if codes.says_unable_now(status) else "content"
