"""``check_unit``: carries the checklist out, one check after the other, and stops where going on is unsafe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCError, WinCCTagError
from airflow_provider_wincc.orders import OrderUnitError
from airflow_provider_wincc.unit_check.bench import Bench, UnclearUnitError
from airflow_provider_wincc.unit_check.checklist import CHECKLIST
from airflow_provider_wincc.unit_check.report import CheckResult, UnitReport
from airflow_provider_wincc.unit_check.verdicts import Check, Outcome, Verdict, failed, skipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.unit_check.plan import CheckPlan


def check_unit(
    client: WinCCClient,
    plan: CheckPlan,
    *,
    ask_restart: Callable[[], None] | None = None,
    tell: Callable[[CheckResult], None] | None = None,
) -> UnitReport:
    """Check whether a unit keeps its promises. It writes to the unit, and has it execute one order for real.

    After a finding that makes going on unsafe, nothing more is written, and the other checks are reported as skipped.

    :param client: client of the station; used from one thread.
    :param plan: what is checked.
    :param ask_restart: asks a person to restart the controller and returns when that is done; None leaves that
        check out.
    :param tell: gets each result as it is found.
    """
    bench = Bench(client, plan, ask_restart=ask_restart)
    results: list[CheckResult] = []
    interrupted = stopped_by = None
    for check in CHECKLIST:
        if interrupted is not None:
            verdict = skipped("not carried out: the checks were interrupted")
        elif stopped_by is not None:
            verdict = skipped(f"not carried out: going on after {stopped_by} is not safe")
        else:
            try:
                verdict = _carry_out(check, bench)
            except WinCCError as error:
                interrupted = str(error)
                verdict = skipped(f"interrupted: {error.message}")
            if not verdict.is_safe_to_go_on:
                stopped_by = check.name
        result = CheckResult(check, verdict)
        results.append(result)
        if tell is not None:
            tell(result)
    return UnitReport(plan.tags.unit, plan.order_ids, results, interrupted)


def _carry_out(check: Check, bench: Bench) -> Verdict:
    try:
        return check.run(bench)
    except UnclearUnitError as error:
        return failed(f"the unit cannot be judged: {error}")
    except (OrderUnitError, WinCCTagError) as error:
        # What single tags show or refuse is a finding about the unit; any other error is about the way to it.
        return failed(error.message)


def has_written(report: UnitReport) -> bool:
    """Whether a check that writes was begun, so that the unit may hold an order."""
    return any(
        result.verdict.outcome is not Outcome.SKIPPED
        for result in report.results
        if result.check.name not in _READING_CHECKS
    )


_READING_CHECKS = frozenset({"tags", "unit-free", "heartbeat"})
