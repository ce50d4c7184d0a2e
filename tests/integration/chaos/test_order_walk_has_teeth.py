"""The proof by faults would notice: without one of the three safeguards, the same walk finds violations.

Each walk has one kind of trouble only, the one that the safeguard is there for, so that nothing else can be the cause;
and with the safeguard in place the same walk finds nothing.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from chaos_airflow import Habits, calm
from chaos_machine import LOST_WHILE_RUNNING
from chaos_station import CALM
from chaos_verdict import DOUBLED, FOREIGN, LOST, WRONG_HUMAN, WRONG_WORD
from chaos_walk import WalkPlan, walk

pytestmark = pytest.mark.usefixtures("airflow_that_keeps_notes")

UNTOUCHED = calm(Habits())
SKEWED = WalkPlan(orders=36, seed=5, odds=CALM, habits=replace(UNTOUCHED, settle=0.2), skew=0.15, kinds=(), refused=0.3)
TORN = WalkPlan(orders=24, seed=5, odds=replace(CALM, torn=0.5), habits=UNTOUCHED, kinds=())
FORGETFUL = WalkPlan(
    orders=24, seed=5, odds=CALM, habits=UNTOUCHED, kinds=(LOST_WHILE_RUNNING,), trouble_every=1.0, refused=0.0
)


def test_without_the_settle_window_image_skew_makes_the_handoff_report_what_did_not_happen():
    hasty = replace(SKEWED, habits=replace(SKEWED.habits, settle=0.0))

    report = walk(hasty)

    assert report.violations.keys() & {LOST, WRONG_WORD, WRONG_HUMAN}, report.table()


def test_without_the_echo_a_torn_payload_is_started():
    careless = replace(TORN, habits=replace(TORN.habits, without="echo"))

    report = walk(careless)

    assert report.violations[FOREIGN] > 0, report.table()


def test_without_the_durable_note_an_order_is_started_again_after_the_unit_has_lost_its_memory():
    forgetful = replace(FORGETFUL, habits=replace(FORGETFUL.habits, without="note"))

    report = walk(forgetful)

    assert report.violations[DOUBLED] > 0, report.table()


@pytest.mark.parametrize("plan", [SKEWED, TORN, FORGETFUL], ids=["image skew", "torn payloads", "lost memory"])
def test_with_all_safeguards_the_same_walk_finds_nothing(plan):
    report = walk(plan)

    assert not report.violations, report.full_text()
