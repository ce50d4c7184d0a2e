"""Whatever is written and pressed: no id starts twice, and only what was accepted starts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit_bench import UnitBench

IDS = st.sampled_from(["A", "B", "C", ""])
NUMBERS = st.integers(0, 9)
# A payload says of itself whose it is, so that a foreign one is seen.
QUANTITIES = {"A": 10.0, "B": 20.0, "C": 30.0, "": 40.0}
PAYLOADS = st.tuples(st.just("payload"), IDS, st.integers(0, 2))
COMMITS = st.just(("commit",))
RESTS = st.just(("rest",))
COMMANDS = st.tuples(st.just("command"), st.sampled_from(["Start", "Start", "Clear", "Stop", "Abort", "Cancel"]))
WILD_WRITES = st.tuples(
    st.just("write"), st.sampled_from(["Sequence", "Start", "Clear", "Stop", "Abort", "Cancel"]), NUMBERS
)
BUTTONS = st.tuples(st.just("press"), st.sampled_from(["hold", "unhold", "stop", "abort", "fail_next_order"]))
MODES = st.tuples(st.just("mode"), st.integers(1, 3))
RESTARTS = st.tuples(st.just("restart"), st.floats(0, 1))
STEPS = st.tuples(st.just("step"), st.sampled_from([0.05, 0.3, 2.0, 12.0]))
ACTIONS = st.lists(
    st.one_of(PAYLOADS, COMMITS, COMMITS, RESTS, COMMANDS, COMMANDS, WILD_WRITES, BUTTONS, MODES, RESTARTS, STEPS),
    max_size=40,
)


def act(bench: UnitBench, action: tuple[Any, ...]) -> None:
    kind, *words = action
    if kind == "payload":
        bench.write(Id=words[0], Revision=words[1], WorkMaster="R-001", Quantity=QUANTITIES[words[0]])
    elif kind == "write":
        bench.write(**{words[0]: words[1]})
    elif kind == "press":
        getattr(bench.unit, words[0])()
    elif kind == "mode":
        bench.unit.set_mode(words[0])
    elif kind == "restart":
        bench.unit.restart(memory="kept", seconds=words[0])
    else:
        getattr(bench, kind)(*words)


@pytest.mark.parametrize("profile", ["A", "B", "C", "D"])
@given(actions=ACTIONS, skew=st.sampled_from([0.0, 0.4]), one_phase=st.booleans(), seed=st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_no_id_ever_starts_twice(
    profile: str, actions: list[tuple[Any, ...]], skew: float, one_phase: bool, seed: int
) -> None:
    bench = UnitBench(profile=profile, skew=skew, store_and_start=one_phase, seed=seed)

    for action in actions:
        act(bench, action)
    bench.step(30)

    assert len(set(bench.started_ids)) == len(bench.started_ids)
    assert "" not in bench.started_ids


@pytest.mark.parametrize("profile", ["A", "B", "C", "D"])
@given(actions=ACTIONS, one_phase=st.booleans())
@settings(max_examples=100, deadline=None)
def test_an_order_starts_only_after_it_was_accepted_and_with_its_own_payload(
    profile: str, actions: list[tuple[Any, ...]], one_phase: bool
) -> None:
    bench = UnitBench(profile=profile, store_and_start=one_phase)

    for action in actions:
        act(bench, action)
    bench.step(30)

    accepted = {event.order_id for event in bench.unit.timeline if event.event == "accepted"}
    assert set(bench.started_ids) <= accepted
    assert all(start.payload["Quantity"] == QUANTITIES[start.order_id] for start in bench.unit.starts)


@given(actions=ACTIONS)
@settings(max_examples=100, deadline=None)
def test_the_image_comes_to_show_what_the_unit_has(actions: list[tuple[Any, ...]]) -> None:
    bench = UnitBench(skew=0.5)

    for action in actions:
        act(bench, action)
    bench.unit.hold()
    bench.unit.stop_heartbeat()
    bench.step(30)

    assert bench.unit.is_settled
    assert bench.shown_wrongly() == {}
