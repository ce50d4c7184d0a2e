"""The checks of one run: started once, brought to its end, its result kept until it is cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.orders import JobState
from airflow_provider_wincc.orders.results import order_result
from airflow_provider_wincc.orders.states import FINAL_STATES, STARTED_STATES, SUCCESSFUL, UNSUCCESSFUL
from airflow_provider_wincc.unit_check.bench import result_part
from airflow_provider_wincc.unit_check.offers import judge_refusal, offer
from airflow_provider_wincc.unit_check.stored_checks import wrong_numbers
from airflow_provider_wincc.unit_check.verdicts import failed, passed, skipped

if TYPE_CHECKING:
    from airflow_provider_wincc.orders import Snapshot
    from airflow_provider_wincc.unit_check.bench import Bench
    from airflow_provider_wincc.unit_check.verdicts import Verdict


def check_start(bench: Bench) -> Verdict:
    """Check that the right number starts the order."""
    number = bench.look_anew().current_sequence
    bench.write_roles({"start": number})
    after = bench.wait_until(has_started, bench.plan.answer_timeout)
    if not has_started(after):
        return failed(f"Start {number} had no effect in {bench.plan.answer_timeout:g} s. {bench.shown(after)}")
    return passed(bench.shown(after))


def check_result(bench: Bench) -> Verdict:
    """Check that the order comes to its end and tells how it came out."""
    after = bench.wait_until(_has_ended, bench.plan.run_timeout)
    if not _has_ended(after):
        return failed(f"not ended after {bench.plan.run_timeout:g} s. {bench.shown(after)}")
    told = _results_in_words(bench, after)
    if after.state is JobState.ABORTED:
        return failed(f"the order was aborted. {told}", goes_on=True)
    if after.result is None:
        return passed(f"the unit has no job result, so judge success by a condition over its results. {told}")
    is_told = after.result in {SUCCESSFUL, UNSUCCESSFUL}
    return passed(told) if is_told else failed(f"the job result is not told. {told}", goes_on=True)


def check_result_kept(bench: Bench) -> Verdict:
    """Check that nothing of the result changes by itself."""
    before = bench.look_anew()
    changed = bench.watch(before, result_part)
    if changed is not None:
        return failed(f"it changed by itself. {_results_in_words(bench, changed)}")
    return passed(f"nothing changed in {bench.plan.watch_seconds:g} s")


def check_not_ready_before_clear(bench: Bench) -> Verdict:
    """Check that the place is taken until the result is cleared."""
    if not bench.has("ready"):
        return skipped("the tag map has no ready")
    snapshot = bench.look_anew()
    seen = f"ready is {snapshot.numbers['ready']}"
    return failed(seen, goes_on=True) if snapshot.numbers["ready"] else passed(seen)


def check_second_start(bench: Bench) -> Verdict:
    """Check that an order that ended is not started again."""
    before = bench.look_anew()
    bench.write_roles({"start": 0})
    bench.look_anew()
    bench.write_roles({"start": before.current_sequence})
    changed = bench.watch(before, result_part)
    if changed is not None:
        return failed(f"the unit acted on a second Start. {bench.shown(changed)}")
    return passed(f"nothing happened on a second Start {before.current_sequence}")


def check_clear_wrong_number(bench: Bench) -> Verdict:
    """Check that Clear with another number is ignored."""
    before = bench.look_anew()
    wrong = wrong_numbers(before)
    for number in wrong:
        bench.write_roles({"clear": number})
        changed = bench.watch(before, result_part)
        if changed is not None:
            return failed(f"the unit acted on Clear {number}. {bench.shown(changed)}")
    return passed(f"nothing happened on Clear {', '.join(map(str, wrong))}")


def check_clear(bench: Bench) -> Verdict:
    """Check that the right number clears the result and makes room."""
    number = bench.look_anew().current_sequence
    bench.write_roles({"clear": number})
    after = bench.wait_until(is_free, bench.plan.answer_timeout)
    return passed(bench.shown(after)) if is_free(after) else failed(f"not free after Clear. {bench.shown(after)}")


def check_executed_id(bench: Bench) -> Verdict:
    """Check that what was executed is not taken again."""
    return judge_refusal(bench, bench.first, offer(bench, bench.first), fitting=["taken"])


def has_started(snapshot: Snapshot) -> bool:
    """Whether the order is started, or has come to its end already."""
    return snapshot.state in STARTED_STATES | FINAL_STATES


def is_free(snapshot: Snapshot) -> bool:
    """Whether the unit holds no order and can take one."""
    return not snapshot.holds_an_order and bool(snapshot.numbers.get("ready", 1))


def _has_ended(snapshot: Snapshot) -> bool:
    return snapshot.state in FINAL_STATES


def _results_in_words(bench: Bench, snapshot: Snapshot) -> str:
    result = order_result(bench.first, snapshot, bench.tags, outcome=None, times={})
    values = ", ".join(f"{name} = {reading['value']!r}" for name, reading in result["results"].items()) or "none"
    return f"State {snapshot.state.words}, job result {result['job_result_name']}, results: {values}."
