"""A unit that breaks one promise fails in the check that is there for it, and in no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import broken_programs as broken
import pytest
from unit_on_trial import on_trial

from airflow_provider_wincc.unit_check import CHECKLIST, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit_on_trial import Trial

    from airflow_provider_wincc.simulator.unit_program import UnitProgram
    from airflow_provider_wincc.unit_check import CheckResult

LOCAL_OVERRIDE = 0xD8
NAMES = [check.name for check in CHECKLIST]


@pytest.mark.parametrize(
    ("program", "profile", "check"),
    [
        (broken.TakesAnyNewNumber, "A", "stale-number"),
        (broken.ChecksNothing, "A", "bad-order"),
        (broken.RefusesEverything, "A", "store"),
        (broken.StoresAnotherQuantity, "A", "store"),
        (broken.NeverAnswers, "A", "bad-order"),
        (broken.TakesWhileTheSignalStays, "C", "signal-held"),
        (broken.ReplacesWhatIsStored, "A", "foreign-order"),
        (broken.StartsOnAnyNumber, "A", "start-wrong-number"),
        (broken.NeverStarts, "A", "start"),
        (broken.StartsAgainOnEachEdge, "A", "second-start"),
        (broken.ClearsOnAnyNumber, "A", "clear-wrong-number"),
        (broken.NeverClears, "A", "clear"),
        (broken.NeverCancels, "A", "cancel"),
    ],
)
def test_a_finding_that_makes_going_on_unsafe_ends_the_writing(
    program: type[UnitProgram], profile: str, check: str
) -> None:
    with on_trial(program, profile=profile) as trial:
        report = trial.check()

    after = NAMES[NAMES.index(check) + 1 :]
    told = {result.check.name: result.verdict for result in report.results}
    assert report.named(Outcome.FAILED) == [check], report.to_json()
    assert {told[name].outcome for name in after} <= {Outcome.SKIPPED}
    assert all(f"going on after {check} is not safe" in told[name].seen for name in after)


@pytest.mark.parametrize(
    ("program", "check"),
    [
        (broken.SaysNotNowForBadContent, "bad-order"),
        (broken.AnswersWithTheOldId, "foreign-order"),
        (broken.RefusesUpdates, "update"),
        (broken.TellsNoResult, "result"),
        (broken.IsAlwaysReady, "not-ready-before-clear"),
        (broken.SaysContentForExecutedIds, "executed-id"),
    ],
)
def test_a_finding_that_harms_nothing_lets_the_other_checks_go_on(program: type[UnitProgram], check: str) -> None:
    with on_trial(program) as trial:
        report = trial.check()

        assert report.named(Outcome.FAILED) == [check], report.to_json()
        assert set(report.named(Outcome.SKIPPED)) == {"signal-held", "restart", "executed-id-after-restart"}
        assert trial.unit.state == "none"


@pytest.mark.parametrize(
    ("settings", "check"),
    [
        ({"refuses_duplicates": False}, "executed-id"),
        ({"store_and_start": True}, "no-start-by-itself"),
        ({"id_length": 10}, "id-length"),
        ({"remembered_ids": 0}, "executed-id"),
    ],
)
def test_a_simulated_fault_is_found_by_its_check(settings: dict[str, Any], check: str) -> None:
    with on_trial(**settings) as trial:
        report = trial.check()

    assert report.named(Outcome.FAILED) == [check], report.to_json()


def lose_a_tag(trial: Trial) -> None:
    trial.station.remove("U1.Order.CurrentId")


def make_an_id_numeric(trial: Trial) -> None:
    trial.station.remove("U1.Order.AckId")
    trial.station.set("U1.Order.AckId", 42, data_type="uint32")


def show_an_unknown_state(trial: Trial) -> None:
    trial.unit.show_state(99)
    trial.wait_until(lambda: trial.station.get("U1.Order.State").value == 99)


def go_to_local(trial: Trial) -> None:
    trial.unit.set_local(True)
    trial.wait_until(lambda: trial.station.get("U1.Order.State").quality == LOCAL_OVERRIDE)


@pytest.mark.parametrize(
    ("prepare", "word"),
    [
        (lose_a_tag, "'U1.Order.CurrentId' (role current_id)"),
        (make_an_id_numeric, "numeric tag"),
        (show_an_unknown_state, "99 is no state"),
        (go_to_local, "local override"),
    ],
)
def test_unusable_tags_are_named_and_nothing_is_written(prepare: Callable[[Trial], None], word: str) -> None:
    with on_trial() as trial:
        prepare(trial)
        report = trial.check(answer_timeout=0.1)

        assert report.named(Outcome.FAILED) == ["tags"], report.to_json()
        assert word in report.results[0].verdict.seen
        assert trial.station.writes == []


def test_a_parameter_that_its_tag_cannot_hold_is_found_before_anything_is_written() -> None:
    with on_trial() as trial:
        report = trial.check(bad={"Quantity": "much"})

        assert report.named(Outcome.FAILED) == ["tags"]
        assert "'much' does not fit tag 'U1.Order.Quantity'" in report.results[0].verdict.seen
        assert trial.station.writes == []


def test_a_unit_that_is_not_in_production_is_not_written_to() -> None:
    with on_trial() as trial:
        trial.unit.set_mode(2)
        trial.wait_until(lambda: trial.station.get("U1.Unit.Mode").value == 2)
        report = trial.check()

        assert report.named(Outcome.FAILED) == ["unit-free"]
        assert "its mode is 2" in report.results[1].verdict.seen
        assert trial.station.writes == []


def test_a_unit_that_holds_an_order_is_left_alone() -> None:
    with on_trial(broken.NeverCancels) as trial:
        first = trial.check()
        written = len(trial.station.writes)
        second = trial.check()

        assert first.named(Outcome.FAILED) == ["cancel"]
        assert second.named(Outcome.FAILED) == ["unit-free"]
        assert "it holds an order" in second.results[1].verdict.seen
        assert len(trial.station.writes) == written


def test_a_heartbeat_that_stands_still_is_a_finding_and_the_rest_goes_on() -> None:
    with on_trial() as trial:
        trial.unit.stop_heartbeat()
        report = trial.check()

    assert report.named(Outcome.FAILED) == ["heartbeat"]
    assert "cancel" in report.named(Outcome.PASSED)


@pytest.mark.parametrize("memory", ["lost", "one_order_old"])
def test_a_unit_that_forgets_over_a_restart_fails_the_restart(memory: Any) -> None:
    with on_trial() as trial:
        report = trial.check(ask_restart=lambda: trial.unit.restart(memory=memory, seconds=0.05))

    assert report.named(Outcome.FAILED) == ["restart"], report.to_json()


def test_a_station_that_goes_away_interrupts_and_is_no_finding_about_the_unit() -> None:
    with on_trial() as trial:

        def go_away(result: Any) -> None:
            if result.check.name == "stale-number":
                trial.station.fail_next("unauthorized", count=1000)

        report = trial.check(tell=go_away)

    assert report.interrupted is not None
    assert not report.ok
    assert report.named(Outcome.FAILED) == []
    assert "cancel" in report.named(Outcome.SKIPPED)


def test_a_unit_that_drops_its_result_by_itself_is_found_by_whichever_check_looks_next() -> None:
    with on_trial(broken.DropsTheResultWhenTold) as trial:

        def drop(result: CheckResult) -> None:
            if result.check.name == "result":
                trial.unit._program.is_told = True

        report = trial.check(tell=drop)

    assert report.named(Outcome.FAILED) in (["result-kept"], ["not-ready-before-clear"]), report.to_json()
