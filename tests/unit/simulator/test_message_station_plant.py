"""What the plant has to say, with a plant that moves by steps."""

from __future__ import annotations

import pytest

from airflow_provider_wincc.simulator import MessageRecord, Simulator

CAME_IN, WENT_OUT, ACKNOWLEDGED = 1, 2, 3


@pytest.fixture
def station() -> Simulator:
    return Simulator(plant="still")


def rows(station: Simulator, number: int) -> list[MessageRecord]:
    return [record for record in station.message_archive if record.number == number]


def history(station: Simulator, number: int) -> list[int]:
    return [int(record.state) for record in rows(station, number)]


def test_a_tank_that_fills_raises_its_message_at_the_limit(station: Simulator) -> None:
    station.set("Tank2.Setpoint", 89.0)
    station.step(20)
    below = history(station, 1002)
    station.set("Tank2.Setpoint", 95.0)
    station.step(20)

    assert below == []
    (record,) = rows(station, 1002)
    level, limit = record.process_values
    assert isinstance(level, float)
    assert 90 <= level < 90.6
    assert limit == 90.0
    assert record.texts()[2] == f"Level {level:.1f} %, limit 90.0 %"
    assert rows(station, 1001) == []


def test_the_message_goes_out_only_below_its_hysteresis(station: Simulator) -> None:
    for level in (89.9, 90.0, 86.0, 91.0, 85.0, 84.9, 89.0, 90.1):
        station.set("Tank1.Level", level)

    assert history(station, 1001) == [CAME_IN, WENT_OUT, CAME_IN]
    assert [record.process_values[0] for record in rows(station, 1001)] == [90.0, 90.0, 90.1]


def test_the_mixer_waits_while_it_is_at_rest(station: Simulator) -> None:
    station.set("Mixer1.Start", True)
    station.step(1)
    mixing = history(station, 2001)
    station.step(11)

    assert mixing == [CAME_IN, WENT_OUT]
    assert history(station, 2001) == [CAME_IN, WENT_OUT, CAME_IN]


def test_the_line_says_that_it_runs(station: Simulator) -> None:
    station.set("Line3.Running", False)
    station.set("Line3.Running", True)

    assert history(station, 3001) == [CAME_IN, WENT_OUT, CAME_IN]


def test_a_long_step_raises_the_same_as_many_short_ones() -> None:
    coarse, fine = Simulator(plant="still"), Simulator(plant="still")
    for station in (coarse, fine):
        station.set("Mixer1.Start", True)
        station.set("Tank1.Setpoint", 99.0)
    coarse.step(15)
    for _ in range(150):
        fine.step(0.1)

    told = [
        [(record.number, record.state, record.process_values) for record in station.message_archive]
        for station in (coarse, fine)
    ]
    assert told[0] == told[1]
    assert [number for number, _, _ in told[0]] == [2001, 3001, 2001, 1001, 2001]


@pytest.mark.parametrize(
    "value", [{"value": 95.0, "quality": 24}, {"value": 95.0, "error_code": 1}, {"value": float("inf")}]
)
def test_a_level_that_is_not_good_raises_nothing(station: Simulator, value: dict[str, float]) -> None:
    station.set("Tank1.Level", **value)  # type: ignore[arg-type]
    station.set("Tank1.Setpoint", 95.0)
    station.step(0.1)

    assert history(station, 1001) == []


def test_a_tag_that_was_removed_or_has_another_type_changes_nothing(station: Simulator) -> None:
    station.remove("Line3.Running")
    station.remove("Mixer1.State")
    station.set("Mixer1.State", 5)
    station.remove("Tank1.Level")
    station.remove("Messages.Pending")
    station.remove("Messages.Acknowledge")
    station.set("Messages.Acknowledge", "1002")
    station.step(2)
    station.raise_message(1002)

    assert [record.number for record in station.message_archive] == [2001, 3001, 1002]


def test_a_message_that_was_raised_or_cleared_by_hand_stays_so(station: Simulator) -> None:
    station.raise_message(1001)
    station.clear_message(3001)
    station.step(5)

    assert [record.number for record in station.pending_messages] == [2001, 1001]


def test_writing_its_number_acknowledges_a_message_with_all_its_instances(station: Simulator) -> None:
    station.raise_message(1001)
    station.raise_message(1001, instance="Pump1")
    station.set("Messages.Acknowledge", 1001)

    assert history(station, 1001) == [CAME_IN, CAME_IN, ACKNOWLEDGED, ACKNOWLEDGED]
    assert rows(station, 1001)[-1].user == "operator"


def test_the_plant_sets_the_tag_for_acknowledging_back_after_a_second(station: Simulator) -> None:
    station.step(30)
    station.set("Messages.Acknowledge", 1001)
    station.step(0.9)
    soon = station.get("Messages.Acknowledge").value
    station.step(0.1)

    assert soon == 1001
    assert station.get("Messages.Acknowledge").value == 0


def test_writing_a_number_that_there_is_not_changes_nothing(station: Simulator) -> None:
    station.set("Messages.Acknowledge", 4711)
    station.step(1)

    assert len(station.message_archive) == 2
    assert station.get("Messages.Acknowledge").value == 0


def test_the_count_of_pending_messages_moves_with_the_plant(station: Simulator) -> None:
    station.set("Tank1.Level", 95.0)
    high = station.get("Messages.Pending").value
    station.step(10)
    low_but_not_acknowledged = station.get("Messages.Pending").value
    station.set("Messages.Acknowledge", 1001)

    assert (high, low_but_not_acknowledged, station.get("Messages.Pending").value) == (3, 3, 2)
