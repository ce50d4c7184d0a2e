"""Between the simulated unit and the image of the station values take their time."""

from __future__ import annotations

import pytest
from unit_bench import UnitBench

SCAN = 0.05


def pictures_of(bench: UnitBench, *names: str, steps: int = 60) -> list[list[object]]:
    pictures = []
    for _ in range(steps):
        bench.step(SCAN)
        pictures.append(list(bench.read(*names)))
    return pictures


def test_without_skew_an_answer_is_shown_as_a_whole() -> None:
    bench = UnitBench(answer_seconds=0.0)
    bench.payload("A")
    bench.step()
    bench.write(Sequence=1)
    bench.step(SCAN)

    assert bench.read("AckSequence", "AckId", "CurrentId", "State") == [1, "A", "A", 1]


def test_with_skew_the_number_may_be_shown_before_the_id_and_the_other_way_round() -> None:
    mixed = set()
    for seed in range(20):
        bench = UnitBench(skew=0.5, seed=seed)
        bench.payload("A")
        bench.step(2)
        bench.write(Sequence=1)
        mixed |= {tuple(picture) for picture in pictures_of(bench, "AckSequence", "AckId")}

    assert mixed == {(0, ""), (1, ""), (0, "A"), (1, "A")}


def test_with_skew_the_image_is_right_in_the_end() -> None:
    bench = UnitBench(skew=0.5)
    bench.unit.stop_heartbeat()
    bench.payload("A")
    bench.step(2)
    bench.write(Sequence=1)
    settled_at_once = bench.unit.is_settled
    bench.step(2)

    assert (settled_at_once, bench.unit.is_settled) == (False, True)
    assert bench.shown_wrongly() == {}


@pytest.mark.parametrize("scan", [0.01, 0.05, 0.3])
def test_no_answer_is_shown_in_parts_for_longer_than_the_skew(scan: float) -> None:
    for seed in range(20):
        bench = UnitBench(skew=0.5, scan_seconds=scan, answer_seconds=0.0, seed=seed)
        bench.payload("A")
        bench.step(2)
        bench.write(Sequence=1)
        pictures = []
        for _ in range(200):
            bench.step(0.01)
            pictures.append(bench.read("AckSequence", "AckId", "CurrentId", "CurrentQuantity", "State", "ReturnStatus"))
        in_parts = [picture for picture in pictures if picture not in (pictures[0], pictures[-1])]

        assert pictures[0] != pictures[-1]
        assert len(in_parts) * 0.01 <= 0.5


def test_values_of_one_tag_keep_their_order() -> None:
    bench = UnitBench(skew=1.0, run_seconds=5.0)
    bench.payload("A", quantity=100.0)
    bench.step(3)
    bench.write(Sequence=1)
    bench.step(3)
    bench.write(Start=1)
    counts = [picture[0] for picture in pictures_of(bench, "ActualQuantity", steps=200)]

    assert counts == sorted(counts)  # type: ignore[type-var]
    assert counts[-1] == 100.0


def test_a_written_value_is_shown_at_once_and_reaches_the_unit_within_the_skew() -> None:
    bench = UnitBench(skew=1.0)
    bench.write(Quantity=55.0)
    shown = bench.shows("Quantity")
    bench.step(1.1)

    assert (shown, bench.unit.inputs["Order.Quantity"]) == (55.0, 55.0)


def test_requests_reach_the_unit_in_their_order() -> None:
    for seed in range(20):
        bench = UnitBench(skew=0.5, seed=seed)
        for quantity in range(1, 6):
            bench.write(Quantity=float(quantity))
            bench.write(Revision=quantity)
        while not bench.unit.is_settled:
            bench.step(SCAN)
            inputs = bench.unit.inputs
            assert 0 <= float(inputs["Order.Quantity"]) - int(inputs["Order.Revision"]) <= 1


def test_the_items_of_one_request_arrive_in_any_order() -> None:
    first = set()
    for seed in range(20):
        bench = UnitBench(skew=2.0, seed=seed)
        bench.write(Id="A", Quantity=55.0)
        while bench.unit.inputs["Order.Id"] == "" and bench.unit.inputs["Order.Quantity"] == 0.0:
            bench.step(SCAN)
        first.add((bench.unit.inputs["Order.Id"], bench.unit.inputs["Order.Quantity"]))

    assert {("A", 0.0), ("", 55.0)} <= first


def test_a_payload_and_its_number_in_one_request_can_be_torn() -> None:
    torn = 0
    for seed in range(30):
        bench = UnitBench(skew=2.0, seed=seed)
        bench.write(Id="A", WorkMaster="R-001", Quantity=55.0, Sequence=1)
        bench.step(10)
        torn += bench.read("CurrentId", "CurrentQuantity") != ["A", 55.0]

    assert torn > 0


def test_the_same_seed_gives_the_same_pictures_and_another_one_does_not() -> None:
    def run(seed: int) -> list[list[object]]:
        bench = UnitBench(skew=0.5, seed=seed)
        bench.payload("A")
        bench.write(Sequence=1)
        return pictures_of(bench, "AckSequence", "AckId", "CurrentId", "State")

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_an_id_that_was_cut_does_not_hide_a_newer_one() -> None:
    bench = UnitBench(id_length=4, skew=1.0)
    bench.write(Id="long id")
    bench.write(Id="new")
    seen = {picture[0] for picture in pictures_of(bench, "Id")}

    assert seen == {"new"}


def test_what_a_client_writes_to_a_tag_of_the_unit_is_written_over() -> None:
    bench = UnitBench()
    bench.write(State=5, AckSequence=9)
    bench.step()

    assert bench.read("State", "AckSequence") == [0, 0]


def test_what_a_test_sets_in_the_image_stays_until_the_unit_changes_it() -> None:
    bench = UnitBench()
    bench.station.set("Unit1.Order.State", 3)
    bench.station.set("Unit1.Order.AckId", "X", quality=0x18)
    bench.step(5)
    set_by_hand = bench.read("State", "AckId")
    bench.offer("A")

    assert set_by_hand == [3, "X"]
    assert bench.read("State", "AckId") == [1, "A"]
    assert bench.quality("Order.AckId") == 0x18


def test_a_value_that_a_test_sets_in_a_tag_of_the_client_reaches_the_unit_unless_it_is_bad() -> None:
    bench = UnitBench()
    bench.station.set("Unit1.Order.Quantity", 55.0)
    bench.station.set("Unit1.Order.Revision", 7, quality=0x18)
    bench.step()

    assert bench.unit.inputs["Order.Quantity"] == 55.0
    assert bench.unit.inputs["Order.Revision"] == 0


def test_a_tag_that_was_taken_out_or_has_another_type_leaves_the_unit_running() -> None:
    bench = UnitBench()
    bench.station.remove("Unit1.Order.State")
    bench.station.remove("Unit1.Order.Revision")
    bench.station.set("Unit1.Order.Revision", "none")
    bench.station.remove("Unit1.Order.Ready")
    bench.station.set("Unit1.Order.Ready", 7)
    bench.offer("A")

    assert bench.unit.state == "stored"


@pytest.mark.parametrize("scan", [0.01, 0.2])
def test_the_length_of_a_scan_changes_nothing_but_the_grain(scan: float) -> None:
    bench = UnitBench(scan_seconds=scan)
    bench.offer("A")
    bench.command("Start")
    bench.step(12)

    assert bench.read("State", "ActualDuration") == [5, 10.0]
