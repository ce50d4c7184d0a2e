"""What is particular to the other profiles of the simulated unit."""

from __future__ import annotations

import pytest
from unit_bench import NAME, UnitBench


def test_an_odd_number_gets_permission_when_the_unit_can_take_an_order() -> None:
    bench = UnitBench(profile="B")
    bench.write(Sequence=1)
    bench.step()

    assert bench.read("AckSequence", "ReturnStatus", "AckId", "State") == [1, 0, "", 0]
    assert bench.events == ["permitted"]


def test_permission_waits_until_the_unit_can_take_an_order() -> None:
    bench = UnitBench(profile="B")
    bench.offer("A")
    bench.write(Sequence=3)
    bench.step(60)
    unanswered = bench.shows("AckSequence")
    bench.finish()

    assert (unanswered, bench.shows("AckSequence")) == (2, 3)


def test_a_permission_stands_until_it_is_used() -> None:
    bench = UnitBench(profile="B")
    bench.write(Sequence=1)
    bench.step(3600)
    bench.payload("B")
    bench.write(Sequence=2)
    bench.step()

    assert bench.read("AckSequence", "AckId", "CurrentSequence") == [2, "B", 2]


def test_an_even_number_without_permission_is_no_commit() -> None:
    bench = UnitBench(profile="B")
    bench.payload("A")
    bench.write(Sequence=2)
    bench.step(5)

    assert bench.read("AckSequence", "State") == [0, 0]


def test_a_commit_after_the_unit_left_production_is_refused() -> None:
    bench = UnitBench(profile="B")
    bench.write(Sequence=1)
    bench.step()
    bench.unit.set_mode(2)
    bench.payload("A")
    bench.write(Sequence=2)
    bench.step()

    assert bench.read("AckSequence", "ReturnStatus", "State") == [2, 8, 0]


@pytest.mark.parametrize(
    ("profile", "offer", "rest", "answer"),
    [
        ("C", {"Request": True}, {"Request": False}, "Acknowledge"),
        ("D", {"ClientStatus": 1}, {"ClientStatus": 0}, "UnitStatus"),
    ],
)
def test_the_answer_stands_until_the_client_goes_to_rest_and_takes_one_order(
    profile: str, offer: dict[str, int], rest: dict[str, int], answer: str
) -> None:
    bench = UnitBench(profile=profile)
    bench.payload("A")
    bench.write(**offer)
    bench.step()
    answered = bench.shows(answer)
    bench.unit.abort()
    bench.step()
    bench.command("Clear")
    bench.payload("B")
    bench.step(5)
    still = bench.shows(answer)
    bench.write(**rest)
    bench.step()

    assert answered == still == {"C": True, "D": 2}[profile]
    assert bench.shows(answer) == 0
    assert bench.events.count("offered") == 1


def test_the_status_word_says_that_an_order_was_refused() -> None:
    bench = UnitBench(profile="D")
    bench.payload("A", quantity=5000.0)
    bench.commit()

    assert bench.read("UnitStatus", "ReturnStatus", "State") == [8, 32, 0]


def test_a_client_status_without_a_meaning_is_no_offer() -> None:
    bench = UnitBench(profile="D")
    bench.payload("A")
    bench.write(ClientStatus=2)
    bench.step(5)

    assert (bench.shows("UnitStatus"), bench.events) == (0, [])


@pytest.mark.parametrize("profile", ["C", "D"])
def test_the_unit_numbers_the_orders_that_it_accepts(profile: str) -> None:
    bench = UnitBench(profile=profile)
    numbers = []
    for order_id, quantity in (("A", 10.0), ("B", 5000.0), ("C", 10.0)):
        bench.offer(order_id, quantity=quantity)
        numbers.append(bench.shows("CurrentSequence"))
        bench.command("Cancel")

    assert numbers == [1, 0, 2]


@pytest.mark.parametrize("profile", ["B", "D"])
def test_a_unit_without_an_echo_has_none_of_its_tags(profile: str) -> None:
    bench = UnitBench(profile=profile, id_echo=False)
    bench.offer("A")
    bench.finish()
    missing = {"AckId", "CurrentId", "CurrentRevision", "CurrentWorkMaster", "CurrentQuantity"}
    names = {name.removeprefix(f"{NAME}.Order.") for name in bench.station.tag_names}

    assert bench.started_ids == ["A"]
    assert missing & names == set()
