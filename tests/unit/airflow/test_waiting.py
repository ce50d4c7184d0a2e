"""How one wait judges readings, apart from who reads."""

from __future__ import annotations

import pytest

from airflow_provider_wincc.client import (
    FailureKind,
    Quality,
    TagFailure,
    TagValue,
    WinCCConnectionError,
    WinCCFailConditionMetError,
    WinCCTagNotFoundError,
)
from airflow_provider_wincc.client.error_json import error_from_json
from airflow_provider_wincc.client.models import read_value
from airflow_provider_wincc.conditions import WinCCConditionError, tag
from airflow_provider_wincc.waiting import TagWait

DONE = tag("A") == 1
ABORTED = tag("B") == 1


def readings(quality: int = 0x80, **texts: str) -> dict[str, TagValue | TagFailure]:
    return {name: TagValue(name, read_value(text), Quality(quality), None, text) for name, text in texts.items()}


def test_the_tags_of_a_wait_are_those_of_both_conditions_each_once() -> None:
    assert TagWait(DONE & (tag("C") > 0), fail_if=ABORTED | (tag("A") > 5)).tags == ("A", "B", "C")
    assert TagWait(DONE).tags == ("A",)


@pytest.mark.parametrize(
    ("a", "b", "ended"),
    [("1", "0", "met"), ("1", "1", "failed"), ("0", "1", "failed"), ("0", "0", None), ("nan", "1", "failed")],
)
def test_fail_if_is_judged_before_the_condition(a: str, b: str, ended: str | None) -> None:
    outcome = TagWait(DONE, fail_if=ABORTED).observe(readings(A=a, B=b), now=0.0)

    assert (outcome and outcome.to_json()["status"]) == ended


def test_a_met_fail_condition_is_an_error_without_retries_that_survives_the_way_from_the_triggerer() -> None:
    outcome = TagWait(DONE, fail_if=ABORTED).observe(readings(A="0", B="1"), now=0.0)

    assert outcome is not None
    error = error_from_json(outcome.to_json()["error"])
    assert isinstance(error, WinCCFailConditionMetError)
    assert not error.retryable
    assert "B = 1" in error.message
    assert "A = 0" not in error.message


def test_fail_if_ends_a_wait_whose_condition_cannot_be_compared() -> None:
    outcome = TagWait(tag("A") > 5, fail_if=ABORTED).observe(readings(A="text", B="1"), now=0.0)

    assert outcome is not None
    assert isinstance(outcome.error, WinCCFailConditionMetError)


def test_a_fail_condition_that_cannot_be_compared_is_an_error() -> None:
    outcome = TagWait(DONE, fail_if=tag("B") > 5).observe(readings(A="1", B="text"), now=0.0)

    assert outcome is not None
    assert isinstance(outcome.error, WinCCConditionError)


def test_a_tag_of_fail_if_that_the_station_does_not_know_ends_the_wait_even_if_the_condition_is_true() -> None:
    wait = TagWait(DONE, fail_if=ABORTED)

    outcome = wait.observe(readings(A="1") | {"B": TagFailure(FailureKind.NOT_FOUND, "unknown tag")}, now=0.0)

    assert outcome is not None
    assert isinstance(outcome.error, WinCCTagNotFoundError)
    assert list(outcome.error.errors) == ["B"]


def test_a_tag_of_fail_if_that_is_not_connected_is_waited_through() -> None:
    wait = TagWait(DONE, fail_if=ABORTED)

    assert wait.observe(readings(A="0") | {"B": TagFailure(FailureKind.NOT_CONNECTED, "away")}, now=0.0) is None
    assert "fail_if: " in wait.explain()
    assert "is unknown: B could not be read" in wait.explain()


def test_the_time_to_judge_again_is_the_earlier_one_of_both_conditions() -> None:
    wait = TagWait(DONE.held_for(seconds=30), fail_if=ABORTED.held_for(seconds=10))
    assert wait.recheck_at is None

    wait.observe(readings(A="1", B="0"), now=100.0)
    assert wait.recheck_at == 130.0

    wait.observe(readings(A="1", B="1"), now=105.0)
    assert wait.recheck_at == 115.0


def test_a_failed_reading_restarts_the_hold_time_of_fail_if() -> None:
    wait = TagWait(DONE, fail_if=ABORTED.held_for(seconds=10))
    wait.observe(readings(A="0", B="1"), now=0.0)
    wait.observe_failure(WinCCConnectionError("Away."), now=5.0)

    assert wait.observe(readings(A="0", B="1"), now=11.0) is None
    assert wait.observe(readings(A="0", B="1"), now=21.0) is not None


def test_what_a_trigger_takes_over_are_both_baselines_and_the_failures() -> None:
    first = TagWait(tag("A").changed(), fail_if=tag("B").changed())
    first.observe(readings(A="0", B="0"), now=0.0)
    first.observe_failure(WinCCConnectionError("Away."), now=1.0)

    second = TagWait(tag("A").changed(), fail_if=tag("B").changed())
    second.resume(first.to_json())

    assert second.failures == 1
    outcome = second.observe(readings(A="0", B="1"), now=0.0)
    assert outcome is not None
    assert isinstance(outcome.error, WinCCFailConditionMetError)


LOST = {"A": TagFailure(FailureKind.NOT_FOUND, "unknown tag")}


def test_a_tag_that_was_there_before_may_be_missing_so_many_times_in_a_row() -> None:
    wait = TagWait(DONE, max_consecutive_failures=2)
    wait.observe(readings(A="0"), now=0.0)

    assert wait.observe(LOST, now=1.0) is None
    assert wait.observe(LOST, now=2.0) is None
    assert "is unknown: A could not be read" in wait.explain()
    wait.observe(readings(A="0"), now=3.0)
    assert [wait.observe(LOST, now=4.0), wait.observe(LOST, now=5.0)] == [None, None]

    outcome = wait.observe(LOST, now=6.0)
    assert outcome is not None
    assert isinstance(outcome.error, WinCCTagNotFoundError)


def test_without_a_bound_it_may_be_missing_any_number_of_times() -> None:
    wait = TagWait(DONE)
    wait.observe(readings(A="0"), now=0.0)

    assert all(wait.observe(LOST, now=float(moment)) is None for moment in range(1, 100))
    assert wait.observe(readings(A="1"), now=100.0) is not None


def test_a_tag_is_known_only_when_all_of_them_have_been_read() -> None:
    wait = TagWait(DONE, fail_if=ABORTED)
    wait.observe(readings(A="0") | {"B": TagFailure(FailureKind.NOT_CONNECTED, "away")}, now=0.0)

    outcome = wait.observe(readings(A="0") | {"B": TagFailure(FailureKind.NOT_FOUND, "unknown tag")}, now=1.0)
    assert outcome is not None
    assert isinstance(outcome.error, WinCCTagNotFoundError)


def test_while_a_tag_is_missing_the_same_answer_once_more_is_to_be_told() -> None:
    wait = TagWait(DONE, max_consecutive_failures=2)
    wait.observe(readings(A="0"), now=0.0)
    assert wait.recheck_at is None

    wait.observe(LOST, now=1.0)
    assert wait.recheck_at == 1.0

    wait.observe(readings(A="0"), now=2.0)
    assert wait.recheck_at is None


def test_a_trigger_takes_over_which_tags_are_known_and_how_often_one_was_missing() -> None:
    first = TagWait(DONE, max_consecutive_failures=2)
    first.observe(readings(A="0"), now=0.0)
    first.observe(LOST, now=1.0)

    second = TagWait(DONE, max_consecutive_failures=2)
    second.resume(first.to_json())

    assert second.observe(LOST, now=0.0) is None
    assert second.observe(LOST, now=1.0) is not None
