"""A unit that keeps its promises passes, whatever its handshake."""

from __future__ import annotations

from typing import Any

import pytest
from unit_on_trial import on_trial

from airflow_provider_wincc.unit_check import CHECKLIST, Outcome

NO_ECHO = {"without": ["ack_id", "current_id", "revision"], "echo": {}}


@pytest.mark.parametrize(
    ("settings", "tags", "skipped"),
    [
        ({"profile": "A"}, {}, {"signal-held"}),
        ({"profile": "B"}, {}, {"signal-held", "update"}),
        ({"profile": "C"}, {}, {"stale-number"}),
        ({"profile": "D"}, {}, {"stale-number"}),
        ({"profile": "B", "id_echo": False}, NO_ECHO, {"signal-held", "update"}),
        ({"profile": "D", "id_echo": False}, NO_ECHO, {"stale-number", "update"}),
        ({"states": "packml"}, {"states": "packml"}, {"signal-held"}),
    ],
)
def test_a_good_unit_passes_every_check_that_its_handshake_has(
    settings: dict[str, Any], tags: dict[str, Any], skipped: set[str]
) -> None:
    with on_trial(**settings) as trial:
        report = trial.check(tags=trial.tags(**tags), ask_restart=lambda: trial.unit.restart(seconds=0.05))

        assert report.named(Outcome.FAILED) == []
        assert set(report.named(Outcome.SKIPPED)) == skipped
        assert report.ok
        assert [start.order_id for start in trial.unit.starts] == [report.order_ids[0]]
        assert trial.unit.state == "none"


def test_image_skew_below_the_settle_window_does_not_matter() -> None:
    with on_trial(skew=0.02) as trial:
        report = trial.check(settle=0.05, watch=0.1)

        assert report.ok, report.summary
        assert len(trial.unit.starts) == 1


def test_a_unit_with_the_fewest_tags_passes_and_is_left_empty() -> None:
    few = ["return_status", "cancel", "stop", "abort", "result", "ready", "mode", "heartbeat", "revision"]
    with on_trial(profile="D") as trial:
        tags = trial.tags(without=few)
        report = trial.check(tags=tags, ask_restart=lambda: trial.unit.restart(seconds=0.05))

        assert report.ok, report.summary
        assert set(report.named(Outcome.SKIPPED)) == {
            "heartbeat", "stale-number", "update", "not-ready-before-clear", "cancel",
        }  # fmt: skip
        assert trial.unit.state == "none"


def test_without_a_bad_value_and_without_a_restart_these_checks_are_skipped_with_the_reason() -> None:
    with on_trial() as trial:
        report = trial.check(bad={})

    reasons = {result.check.name: result.verdict.seen for result in report.results}
    assert report.ok
    assert "--bad" not in reasons["store"]
    assert "--restart" in reasons["restart"]
    assert {"restart", "executed-id-after-restart"} <= set(report.named(Outcome.SKIPPED))


def test_the_length_of_the_id_is_measured_when_nobody_says_it() -> None:
    with on_trial(id_length=24) as trial:
        report = trial.check(tags=trial.tags(id_length=254), knows_id_length=False)

    found = next(result.verdict for result in report.results if result.check.name == "id-length")
    assert report.ok, report.summary
    assert "id_length=24" in found.seen


def test_short_ids_are_used_where_the_tag_is_short() -> None:
    with on_trial(id_length=12) as trial:
        report = trial.check(tags=trial.tags(id_length=12))

    assert report.ok, report.summary
    assert {len(order_id) for order_id in report.order_ids} == {12}
    assert len(set(report.order_ids)) == len(report.order_ids)


def test_each_result_is_told_as_it_is_found() -> None:
    told: list[str] = []
    with on_trial() as trial:
        report = trial.check(tell=lambda result: told.append(result.check.name))

    assert told == [check.name for check in CHECKLIST]
    assert [entry["name"] for entry in report.to_json()["checks"]] == told
