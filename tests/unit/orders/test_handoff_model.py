"""Random walks of several handoffs over one unit, with a fault between any two of their steps.

The invariant is checked after every step: each order is started at most once, and only with its own payload.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from model_unit import ModelUnit
from model_walk import Driver, Faults, Walk
from order_board import unit_tags

from airflow_provider_wincc.orders import HandoffRules, ProductionOrder

if TYPE_CHECKING:
    from collections.abc import Mapping

SEEDS = range(12)
STEPS = 600
ROUGH = {"sleep": 0.1, "late_write": 0.15, "torn_write": 0.15}
COLLECTS = HandoffRules(collects=True)
WITHOUT_ID_ECHO = {"without": ["ack_id", "current_id", "current_revision"], "echo": {}}

every_profile = pytest.mark.parametrize("profile", ["A", "B", "C", "D"])
every_unit = pytest.mark.parametrize("is_good", [True, False], ids=["refuses-duplicates", "takes-duplicates"])


def orders() -> list[ProductionOrder]:
    """Six orders, each with a payload of its own; the third one is not acceptable."""
    return [
        ProductionOrder(f"{number:06}", {"WorkMaster": f"R-{number:03}", "Quantity": 5000 if number == 3 else number})
        for number in range(1, 7)
    ]


def walk_of(
    seed: int,
    *,
    profile: str = "A",
    is_good: bool = True,
    rules: HandoffRules = COLLECTS,
    tags: dict[str, Any] | None = None,
    faults: Mapping[str, float] | None = None,
    **settings: Any,
) -> Walk:
    """Three writers at once, and rough faults, unless a test says otherwise."""
    unit = ModelUnit(unit_tags(profile, **(tags or {})), refuses_duplicates=is_good, one_phase=rules.one_phase)
    return Walk(
        unit,
        orders(),
        Random(seed),
        rules=rules,
        faults=Faults(**{**ROUGH, **(faults or {})}),
        **{"most_at_once": 3, **settings},
    )


def is_violated(**settings: Any) -> bool:
    """Whether the invariant is violated in any of sixty walks."""
    for seed in range(60):
        try:
            walk_of(seed, **settings).go(STEPS)
        except AssertionError:
            return True
    return False


@every_unit
@every_profile
def test_each_order_starts_at_most_once_and_with_its_own_payload(profile: str, is_good: bool) -> None:
    for seed in SEEDS:
        walk_of(seed, profile=profile, is_good=is_good).go(STEPS)


@every_unit
@every_profile
def test_so_it_does_when_the_unit_loses_its_memory_and_people_start_and_clear_orders(
    profile: str, is_good: bool
) -> None:
    faults = {"lost_memory": 0.01, "cleared_by_hand": 0.02}

    for seed in SEEDS:
        walk_of(seed, profile=profile, is_good=is_good, faults=faults).go(STEPS)


@every_profile
def test_every_order_comes_to_an_end_that_is_told_and_what_is_done_has_run_exactly_once(profile: str) -> None:
    ends: Counter[str] = Counter()

    for seed in SEEDS:
        walk = walk_of(seed, profile=profile)
        walk.go(STEPS)
        walk.settle()

        ended = {order_id: ledger.ended_as for order_id, ledger in walk.ledgers.items()}
        started = [start.order_id for start in walk.unit.starts]
        for order_id, end in ended.items():
            if end == "done":
                assert started.count(order_id) == 1
            elif end == "refused":
                assert order_id not in started
            elif not end:
                # It waits for a unit that holds an order of which a person decides.
                assert "a person decides" in ended.values()
        ends.update(ended.values())

    assert ends["done"] > 0.7 * ends.total()


def test_handoffs_without_faults_all_succeed_but_the_one_that_is_not_acceptable() -> None:
    walk = walk_of(1, faults={"sleep": 0, "late_write": 0, "torn_write": 0}, most_at_once=1)
    walk.settle()

    assert [ledger.ended_as for ledger in walk.ledgers.values()] == ["done", "done", "refused", "done", "done", "done"]
    assert [start.order_id for start in walk.unit.starts] == ["000001", "000002", "000004", "000005", "000006"]


def test_orders_that_somebody_else_starts_are_started_once_where_the_unit_refuses_duplicates() -> None:
    faults = {"torn_write": 0, "started_by_hand": 0.1, "cleared_by_hand": 0.1, "death": 0.05}

    for seed in SEEDS:
        walk_of(seed, rules=HandoffRules(wait_for="stored"), faults=faults).go(STEPS)


@pytest.mark.parametrize("profile", ["A", "B"])
def test_in_one_phase_orders_are_started_once_where_the_unit_refuses_duplicates(profile: str) -> None:
    rules = HandoffRules(one_phase=True, collects=True)

    for seed in SEEDS:
        walk_of(seed, profile=profile, rules=rules, faults={"torn_write": 0}).go(STEPS)


@pytest.mark.parametrize("profile", ["B", "D"])
def test_without_an_id_echo_one_writer_at_a_time_starts_each_order_once(profile: str) -> None:
    faults = {"sleep": 0, "late_write": 0, "torn_write": 0}

    for seed in SEEDS:
        walk_of(
            seed,
            profile=profile,
            tags=WITHOUT_ID_ECHO,
            rules=HandoffRules(),
            faults=faults,
            is_good=False,
            most_at_once=1,
        ).go(STEPS)


def test_the_walks_come_to_every_kind_of_step() -> None:
    told: Counter[str] = Counter()
    kinds = ("write the payload", "commit", "start", "cancel what is stored", "collect", "take the result", "clear")
    signals = ("ask for permission", "take the signal back", "arrives late", "is killed")

    for profile in ("B", "C"):
        for seed in SEEDS:
            walk = walk_of(seed, profile=profile)
            walk.go(STEPS)
            for line in walk.story:
                told.update(kind for kind in (*kinds, *signals) if kind in line)

    assert [kind for kind in (*kinds, *signals) if not told[kind]] == []


def test_without_the_note_an_order_is_started_twice() -> None:
    faults = {"lost_memory": 0.01}

    assert is_violated(faults=faults, driver=Driver(keeps_note=False))
    assert not is_violated(faults=faults)


def test_without_comparing_the_echo_an_order_is_started_with_a_foreign_payload() -> None:
    assert is_violated(driver=Driver(compares_echo=False))
    assert not is_violated()
