"""The proof by faults, short: orders of several units through everything that can go wrong, and the invariant after."""

from __future__ import annotations

import os
from dataclasses import replace

from chaos_airflow import Habits
from chaos_machine import KEPT, LOSSES
from chaos_walk import WalkPlan, walk

ORDERS = 120
SEED = int(os.environ.get("CHAOS_SEED", "7"))


def test_under_faults_no_order_is_started_twice_lost_or_run_with_a_foreign_payload():
    report = walk(WalkPlan(orders=ORDERS, seed=SEED))

    assert not report.violations, report.full_text()
    assert sum(report.ends.values()) == ORDERS
    # A walk in which nothing went wrong would prove nothing.
    assert report.counts["killed"] > ORDERS / 20, report.table()
    assert report.counts["woken after another order"] > 0, report.table()
    assert report.counts["task executed twice"] > 0, report.table()
    assert report.faults.total() > ORDERS, report.table()
    assert report.troubles[KEPT] > 0, report.table()
    assert sum(report.troubles[kind] for kind in LOSSES) > 0, report.table()
    # On a slow machine the plant has the time to abort or spoil more of them.
    assert sum(report.ends[end] for end in ("done", "unsuccessful", "aborted")) > ORDERS / 2, report.table()


def test_orders_that_the_erp_corrects_while_they_are_under_way_are_made_once_and_told_as_what_was_made():
    often = replace(Habits(), revised=0.5, twice=0.5)

    report = walk(WalkPlan(orders=ORDERS // 2, seed=SEED, habits=often))

    assert not report.violations, report.full_text()
    assert report.counts["revision raised"] > 0, report.table()
    assert report.counts["claimed again in a higher revision"] > 0, report.table()
    assert report.ends["done"] > 0, report.table()
