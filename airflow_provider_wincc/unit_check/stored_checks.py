"""The checks around a stored order: it is copied, waits for its start, and nothing else comes in its way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_wincc.orders import JobState
from airflow_provider_wincc.orders.commits import next_number
from airflow_provider_wincc.orders.differences import echo_differences
from airflow_provider_wincc.unit_check.bench import answered_part, held_part
from airflow_provider_wincc.unit_check.offers import AnswerKind, judge_refusal, offer, payload_writes, release
from airflow_provider_wincc.unit_check.verdicts import failed, passed, skipped

if TYPE_CHECKING:
    from airflow_provider_wincc.orders import ProductionOrder, Snapshot
    from airflow_provider_wincc.unit_check.bench import Bench
    from airflow_provider_wincc.unit_check.verdicts import Verdict


def check_store(bench: Bench) -> Verdict:
    """Check that a good order is accepted and echoed."""
    return store(bench, bench.first)


def check_no_start_by_itself(bench: Bench) -> Verdict:
    """Check that what is stored waits."""
    before = bench.look_anew()
    if before.state is not JobState.NOT_ALLOWED_TO_START:
        return failed(f"the order did not stay stored. {bench.shown(before)}")
    return _unchanged(bench, before, "the order did not stay stored")


def check_signal_held(bench: Bench) -> Verdict:
    """Check that a signal that stays does not commit a second order."""
    if not bench.tags.commit_profile.release():
        return skipped(f"profile {bench.tags.profile} has numbers, not signals; see stale-number")
    answer = offer(bench, bench.first, releases=False)
    if answer.kind is not AnswerKind.REFUSED:
        return failed(answer.words(bench))
    bench.write(payload_writes(bench, bench.foreign))
    changed = bench.watch(answer.snapshot, answered_part)
    if changed is not None:
        return failed(f"the unit answered once more. {bench.shown(changed)}")
    release(bench)
    return passed("no second answer")


def check_duplicate_stored(bench: Bench) -> Verdict:
    """Check that the id that is stored is not taken again."""
    answer = offer(bench, bench.first, is_free=False)
    return judge_refusal(bench, bench.first, answer, fitting=["taken", "not now"])


def check_foreign_order(bench: Bench) -> Verdict:
    """Check that another order has to wait until the unit is free."""
    answer = offer(bench, bench.foreign, is_free=False)
    return judge_refusal(bench, bench.foreign, answer, fitting=["not now"])


def check_update(bench: Bench) -> Verdict:
    """Check that a higher revision replaces what is stored, and starts nothing."""
    if not bench.has("revision"):
        return skipped("the tag map has no revision")
    updated = replace(bench.first, revision=1)
    answer = offer(bench, updated, is_free=False)
    if answer.kind is AnswerKind.NO_PERMISSION:
        return skipped(f"profile {bench.tags.profile}: {answer.kind.value} while it holds one")
    if answer.kind is AnswerKind.REFUSED:
        verdict = judge_refusal(bench, updated, answer, fitting=[])
        return replace(verdict, is_safe_to_go_on=_holds(bench.first, bench.look_anew()))
    after = bench.look_anew()
    if after.state is not JobState.NOT_ALLOWED_TO_START:
        return failed(f"the order did not stay stored. {bench.shown(after)}")
    return _judge_stored(updated, answer.kind, after, answer.words(bench))


def check_start_wrong_number(bench: Bench) -> Verdict:
    """Check that Start with another number is ignored."""
    before = bench.look_anew()
    wrong = wrong_numbers(before)
    for number in wrong:
        bench.write_roles({"start": number})
        changed = bench.watch(before, held_part)
        if changed is not None:
            return failed(f"the unit acted on Start {number}. {bench.shown(changed)}")
    return passed(f"nothing happened on Start {', '.join(map(str, wrong))}")


def store(bench: Bench, order: ProductionOrder) -> Verdict:
    """Offer an order that the unit must accept, and compare the echo."""
    answer = offer(bench, order)
    return _judge_stored(order, answer.kind, answer.snapshot, answer.words(bench))


def wrong_numbers(snapshot: Snapshot) -> list[int]:
    """Return numbers that a command of the stored order must not have."""
    number = snapshot.current_sequence
    return [next_number(number), *([number - 1] if number > 1 else [])]


def _judge_stored(order: ProductionOrder, kind: AnswerKind, snapshot: Snapshot, words: str) -> Verdict:
    if kind is not AnswerKind.ACCEPTED:
        return failed(words)
    problems = echo_differences(order, snapshot)
    if snapshot.ack_id not in {None, order.order_id}:
        problems.append(f"the answer is to {snapshot.ack_id!r}, not to {order.order_id!r}")
    if snapshot.current_id not in {None, order.order_id}:
        problems.append(f"the current order is {snapshot.current_id!r}, not {order.order_id!r}")
    if not snapshot.current_sequence:
        problems.append("the stored order has no number")
    return failed(f"{'; '.join(problems)}. {words}") if problems else passed(words)


def _holds(order: ProductionOrder, snapshot: Snapshot) -> bool:
    return snapshot.state is JobState.NOT_ALLOWED_TO_START and not echo_differences(order, snapshot)


def _unchanged(bench: Bench, before: Snapshot, otherwise: str) -> Verdict:
    changed = bench.watch(before, held_part)
    if changed is not None:
        return failed(f"{otherwise}. {bench.shown(changed)}")
    return passed(f"nothing changed in {bench.plan.watch_seconds:g} s. {bench.shown(before)}")
