"""What the simulated unit does when its controller restarts."""

from __future__ import annotations

import pytest
from unit_bench import UnitBench

PROFILES = ["A", "B", "C", "D"]


@pytest.mark.parametrize("profile", PROFILES)
def test_with_its_memory_kept_the_picture_is_the_same(profile: str) -> None:
    bench = UnitBench(profile=profile)
    bench.offer("A")
    bench.finish()
    bench.offer("B", revision=2)
    before = {name: value for name, value in bench.unit.picture.items() if name != "Unit.Heartbeat"}

    bench.unit.restart(memory="kept", seconds=1)
    bench.step(600)

    assert {name: value for name, value in bench.unit.picture.items() if name != "Unit.Heartbeat"} == before
    assert bench.started_ids == ["A"]
    bench.finish()
    assert bench.offer("A") == 16


def test_with_its_memory_kept_a_running_order_goes_on_where_it_was() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.command("Start")
    bench.step(5)
    bench.unit.restart(memory="kept", seconds=100)
    bench.step(99)
    away = bench.unit.state
    bench.step(10)

    assert (away, bench.read("State", "Result", "ActualDuration")) == ("running", [5, 1, 10.0])
    assert bench.started_ids == ["A"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("state", [1, 3, 5])
def test_with_its_memory_lost_it_knows_nothing_and_does_nothing(profile: str, state: int) -> None:
    bench = UnitBench(profile=profile)
    bench.offer("A")
    if state > 1:
        bench.command("Start")
        bench.step({3: 2, 5: 15}[state])
    starts = len(bench.unit.starts)

    bench.unit.restart(memory="lost", seconds=1)
    bench.step(60)

    assert bench.read("State", "CurrentId", "CurrentSequence", "AckId", "ReturnStatus", "Result") == [
        0,
        "",
        0,
        "",
        0,
        0,
    ]
    assert len(bench.unit.starts) == starts
    assert bench.shows("Ready") is True
    if profile in {"A", "B"}:
        assert bench.shows("AckSequence") == bench.shows("Sequence") != 0


def test_client_tags_can_be_lost_as_well() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.unit.restart(memory="lost", seconds=1, client_tags="reset")
    bench.step(5)

    assert bench.read("Id", "Quantity", "Sequence", "AckSequence") == ["", 0.0, 0, 0]


@pytest.mark.parametrize("memory", ["lost", "one_order_old"])
@pytest.mark.parametrize(
    ("profile", "offer", "rest"),
    [("C", {"Request": True}, {"Request": False}), ("D", {"ClientStatus": 1}, {"ClientStatus": 0})],
)
def test_an_offer_that_stands_at_a_restart_is_not_taken_until_it_has_fallen(
    profile: str, offer: dict[str, int], rest: dict[str, int], memory: str
) -> None:
    bench = UnitBench(profile=profile)
    bench.payload("A")
    bench.commit()
    bench.unit.restart(memory=memory, seconds=1)
    bench.step(60)
    state, events = bench.unit.state, bench.events.count("offered")
    bench.write(**rest)
    bench.step()
    bench.write(**offer)
    bench.step()

    assert (state, events) == ("none", 1)
    assert bench.read("State", "CurrentId") == [1, "A"]


@pytest.mark.parametrize("profile", PROFILES)
def test_with_a_memory_one_order_old_it_takes_nothing_by_itself(profile: str) -> None:
    bench = UnitBench(profile=profile)
    bench.offer("A")
    bench.finish()
    bench.offer("B")
    bench.command("Start")
    bench.step(2)

    bench.unit.restart(memory="one_order_old", seconds=1)
    bench.step(60)

    assert bench.read("State", "CurrentId", "CurrentSequence", "AckId") == [0, "", 0, "A"]
    assert bench.started_ids == ["A", "B"]
    if profile in {"A", "B"}:
        assert bench.shows("AckSequence") == bench.shows("Sequence")


def test_with_a_memory_one_order_old_it_knows_the_ids_before() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.finish()
    bench.offer("B")
    bench.finish()
    bench.unit.restart(memory="one_order_old", seconds=1)
    bench.step(5)

    assert bench.offer("A") == 16
    assert bench.offer("B") == 1


def test_the_unit_that_does_not_notice_an_old_memory_runs_an_order_twice() -> None:
    bench = UnitBench(adopts_after_restore=False)
    bench.offer("A")
    bench.command("Start")
    bench.step(2)

    bench.unit.restart(memory="one_order_old", seconds=1)
    bench.step(5)

    assert bench.started_ids == ["A", "A"]


def test_a_restore_before_any_order_leaves_an_empty_unit() -> None:
    bench = UnitBench()
    bench.unit.restart(memory="one_order_old", seconds=1)
    bench.step(5)

    assert bench.offer("A") == 1


def test_a_commit_that_waits_for_its_answer_is_answered_after_a_restart_with_memory() -> None:
    bench = UnitBench(answer_seconds=5.0)
    bench.payload("A")
    bench.write(Sequence=1)
    bench.step(1)
    bench.unit.restart(memory="kept", seconds=1)
    bench.step(10)

    assert bench.read("AckSequence", "CurrentId") == [1, "A"]


def test_while_it_is_away_all_its_tags_are_bad_and_a_person_can_do_nothing() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.unit.restart(memory="kept", seconds=2)
    at_once = {bench.station.get(name).quality for name in bench.station.tag_names if name.startswith("Unit1.")}
    bench.step(1)

    assert at_once == {0x18}
    assert bench.quality("Order.State") == 0x18
    assert (bench.unit.abort(), bench.unit.is_settled) == (False, False)


def test_what_was_on_its_way_to_the_image_does_not_make_a_unit_that_is_away_look_well() -> None:
    bench = UnitBench(skew=1.0)
    bench.unit.set_local(True)
    bench.step(0.05)
    bench.unit.restart(memory="kept", seconds=5)
    bench.step(4)

    own_tags = [bench.quality(name) for name in bench.unit.picture]
    assert set(own_tags) == {0x18}


def test_tags_come_back_one_after_the_other_by_way_of_their_last_value() -> None:
    bench = UnitBench(skew=1.0)
    names = [name for name in bench.station.tag_names if name.startswith("Unit1.")]
    bench.unit.restart(memory="kept", seconds=1)
    pictures = []
    for _ in range(100):
        bench.step(0.05)
        pictures.append([bench.station.get(name).quality for name in names])
    stages = [len(set(picture)) for picture in pictures]
    histories = [list(dict.fromkeys(history)) for history in zip(*pictures, strict=True)]

    assert max(stages) == 3
    assert all(history[-1] == 0x80 and set(history) <= {0x18, 0x44, 0x80} for history in histories)
    assert all(0x44 in history for history in histories)


def test_a_write_to_a_unit_that_is_away_is_shown_but_does_not_reach_it() -> None:
    bench = UnitBench()
    bench.payload("A")
    bench.step()
    bench.unit.restart(memory="kept", seconds=1)
    bench.write(Sequence=1)
    shown = bench.shows("Sequence")
    bench.step(5)

    assert (shown, bench.read("Sequence", "AckSequence")) == (1, [0, 0])


def test_a_write_on_its_way_at_a_restart_is_lost() -> None:
    bench = UnitBench(skew=3.0)
    bench.write(Quantity=55.0)
    bench.unit.restart(memory="kept", seconds=1)
    bench.step(20)

    assert (bench.shows("Quantity"), bench.unit.inputs["Order.Quantity"]) == (0.0, 0.0)


def test_a_write_while_the_tags_come_back_is_kept() -> None:
    bench = UnitBench(skew=2.0)
    bench.unit.restart(memory="kept", seconds=1)
    bench.step(1.1)
    bench.write(Quantity=55.0)
    bench.step(20)

    assert (bench.shows("Quantity"), bench.unit.inputs["Order.Quantity"]) == (55.0, 55.0)
    assert bench.unit.is_settled


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"memory": "half"}, "memory is kept, lost or one_order_old, not 'half'"),
        ({"client_tags": "half"}, "client_tags is kept or reset, not 'half'"),
        ({"client_tags": "reset"}, "goes with memory='lost' only"),
        ({"seconds": -1}, "seconds is a number from 0, not -1"),
        ({"seconds": float("inf")}, "seconds is a number from 0"),
    ],
)
def test_a_restart_that_there_is_not_is_refused(words: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        UnitBench().unit.restart(**words)  # type: ignore[arg-type]
