"""The checks with an order that is stored and never started: a restart of the controller, and Cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.orders import JobState
from airflow_provider_wincc.unit_check.bench import held_part
from airflow_provider_wincc.unit_check.run_checks import (
    check_clear,
    check_executed_id,
    check_result,
    check_start,
    is_free,
)
from airflow_provider_wincc.unit_check.stored_checks import store
from airflow_provider_wincc.unit_check.verdicts import Outcome, failed, passed, skipped

if TYPE_CHECKING:
    from airflow_provider_wincc.orders import Snapshot
    from airflow_provider_wincc.unit_check.bench import Bench
    from airflow_provider_wincc.unit_check.verdicts import Verdict


def check_restart(bench: Bench) -> Verdict:
    """Check that a stored order outlives a restart, and waits on."""
    if bench.ask_restart is None:
        return skipped("no restart was asked for (--restart)")
    stored = store(bench, bench.last)
    if stored.outcome is not Outcome.PASSED:
        return failed(f"order {bench.last.order_id!r} could not be stored: {stored.seen}")
    before = bench.look_anew()
    bench.ask_restart()
    after = bench.look_anew()
    if _remembered_part(after) != _remembered_part(before) or not _is_number_known(before, after):
        return failed(f"the unit does not know what it knew before. {bench.shown(after)}")
    changed = bench.watch(after, held_part)
    if changed is not None:
        return failed(f"the unit went on by itself. {bench.shown(changed)}")
    if not bench.has("cancel") and not _run_to_the_end(bench):
        return failed(f"the order could not be run to its end. {bench.shown(bench.look_anew())}")
    return passed(f"the order is stored as before. {bench.shown(after)}")


def check_executed_id_after_restart(bench: Bench) -> Verdict:
    """Check that the list of executed ids outlives a restart."""
    if bench.ask_restart is None:
        return skipped("no restart was asked for (--restart)")
    return check_executed_id(bench)


def check_cancel(bench: Bench) -> Verdict:
    """Check that an order that was not started can be taken back."""
    if not bench.has("cancel"):
        return skipped("the tag map has no cancel")
    before = bench.look_anew()
    if not before.holds_an_order:
        stored = store(bench, bench.last)
        if stored.outcome is not Outcome.PASSED:
            return failed(f"order {bench.last.order_id!r} could not be stored: {stored.seen}")
        before = bench.look_anew()
    if before.state is not JobState.NOT_ALLOWED_TO_START:
        return failed(f"there is no stored order to cancel. {bench.shown(before)}")
    bench.write_roles({"cancel": before.current_sequence})
    after = bench.wait_until(is_free, bench.plan.answer_timeout)
    return passed(bench.shown(after)) if is_free(after) else failed(f"not free after Cancel. {bench.shown(after)}")


def _remembered_part(snapshot: Snapshot) -> object:
    return held_part(snapshot), snapshot.ack_id, snapshot.numbers.get("return_status")


def _is_number_known(before: Snapshot, after: Snapshot) -> bool:
    # A unit may adopt the client's number at every start, and that number need not be retained.
    numbers = after.numbers
    known = before.numbers.get("ack_sequence"), numbers.get("sequence")
    return numbers.get("ack_sequence") in known


def _run_to_the_end(bench: Bench) -> bool:
    # Without a Cancel this is the only way to leave the unit empty.
    return all(check(bench).outcome is Outcome.PASSED for check in (check_start, check_result, check_clear))
