"""How the plant moves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from simulator_waiting import wait_until

from airflow_provider_wincc.simulator import Simulator, UnknownTagError, WrongValueError

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar


@pytest.fixture
def plant() -> Simulator:
    """A station that is not started: the plant needs no network."""
    return Simulator(plant="still")


def values(plant: Simulator, *names: str) -> list[object]:
    return [plant.get(name).value for name in names]


def test_a_tank_fills_from_40_to_80_percent_within_ten_seconds(plant: Simulator) -> None:
    plant.set("Tank1.Setpoint", 80.0)

    plant.step(1)
    filling = values(plant, "Tank1.Level", "Tank1.Inflow", "Tank1.ValveOpen")
    plant.step(9)

    assert filling == [46.0, 60.0, True]
    assert values(plant, "Tank1.Level", "Tank1.Inflow", "Tank1.ValveOpen") == [80.0, 0.0, False]
    assert plant.get("Tank2.Level").value == 40.0


def test_a_tank_drains_with_its_valve_closed(plant: Simulator) -> None:
    plant.set("Tank2.Setpoint", 10.0)

    plant.step(2)

    assert values(plant, "Tank2.Level", "Tank2.Inflow", "Tank2.ValveOpen") == [28.0, 0.0, False]


@pytest.mark.parametrize(("setpoint", "level"), [(150.0, 100.0), (-20.0, 0.0)])
def test_a_tank_neither_overflows_nor_goes_below_empty(plant: Simulator, setpoint: float, level: float) -> None:
    plant.set("Tank1.Setpoint", setpoint)

    plant.step(60)

    assert plant.get("Tank1.Level").value == level


def test_a_level_that_was_set_is_where_the_tank_goes_on(plant: Simulator) -> None:
    plant.set("Tank1.Level", 90.0)

    plant.step(1)

    assert plant.get("Tank1.Level").value == 84.0


def test_the_mixer_goes_once_through_its_cycle_and_resets_start(plant: Simulator) -> None:
    plant.set("Mixer1.Start", True)
    states = []
    for _ in range(24):
        plant.step(0.5)
        states.append(plant.get("Mixer1.State").value)

    assert list(dict.fromkeys(states)) == ["FILLING", "MIXING", "DRAINING", "IDLE"]
    assert values(plant, "Mixer1.Start", "Mixer1.Ready", "Mixer1.Cycles") == [False, True, 1]


def test_a_start_during_a_cycle_starts_nothing(plant: Simulator) -> None:
    plant.set("Mixer1.Start", True)
    plant.step(2)
    plant.set("Mixer1.Start", True)
    plant.step(30)

    assert values(plant, "Mixer1.Start", "Mixer1.State", "Mixer1.Cycles") == [False, "IDLE", 1]


def test_the_mixer_goes_on_from_a_state_that_was_set(plant: Simulator) -> None:
    plant.set("Mixer1.State", "DRAINING")
    plant.step(1)
    draining = values(plant, "Mixer1.State", "Mixer1.Ready")
    plant.step(3)

    assert draining == ["DRAINING", False]
    assert values(plant, "Mixer1.State", "Mixer1.Ready") == ["IDLE", True]


def test_the_stirrer_follows_its_setpoint_with_a_lag(plant: Simulator) -> None:
    plant.set("Mixer1.SpeedSetpoint", 1000.0)

    plant.step(1)
    soon = plant.get("Mixer1.Speed").value
    plant.step(20)

    assert isinstance(soon, float)
    assert 300 < soon < 700
    assert plant.get("Mixer1.Speed").value == 1000.0


def test_the_line_counts_while_it_runs(plant: Simulator) -> None:
    plant.step(10)
    at_speed = plant.get("Line3.Count").value
    plant.step(10)
    later = plant.get("Line3.Count").value
    plant.set("Line3.Running", False)
    plant.step(10)

    assert isinstance(at_speed, int)
    assert isinstance(later, int)
    assert later - at_speed == pytest.approx(20, abs=1)
    assert values(plant, "Line3.Count", "Line3.Speed") == [later, 0.0]


def test_the_status_word_has_its_bits(plant: Simulator) -> None:
    plant.step(20)
    running = plant.get("Line3.StatusWord").value
    plant.step(1)
    second_later = plant.get("Line3.StatusWord").value
    plant.set("Line3.Running", False)
    plant.step(1)
    stopped = plant.get("Line3.StatusWord").value

    assert isinstance(running, int)
    assert isinstance(second_later, int)
    assert isinstance(stopped, int)
    assert running & 0b11 == 0b11
    assert running ^ second_later == 1 << 8
    assert stopped & 0b11 == 0


def test_counters_start_again_at_the_end_of_their_type(plant: Simulator) -> None:
    plant.set("Unit.Heartbeat", 65535)
    plant.set("Line3.Count", 2**32 - 1)

    plant.step(5)

    assert plant.get("Unit.Heartbeat").value == 4
    assert int(plant.get("Line3.Count").value) < 100


def test_small_steps_come_to_the_same_as_one_large_step() -> None:
    coarse, fine = Simulator(plant="still"), Simulator(plant="still")
    for plant in (coarse, fine):
        plant.set("Tank1.Setpoint", 73.3)
        plant.set("Mixer1.Start", True)
        plant.set("Mixer1.SpeedSetpoint", 800.0)
    coarse.step(7)
    for _ in range(140):
        fine.step(0.05)

    assert values(coarse, *coarse.tag_names) == values(fine, *fine.tag_names)


def test_quality_and_error_that_were_set_stay_while_the_plant_moves(plant: Simulator) -> None:
    plant.set("Tank1.Level", 40.0, quality=24, error_code=1, error="connection not established")
    plant.set("Tank1.Setpoint", 80.0)

    plant.step(1)

    tag = plant.get("Tank1.Level")
    assert (tag.value, tag.quality, tag.error_code) == (46.0, 24, 1)


def test_a_part_without_one_of_its_tags_stands_still(plant: Simulator) -> None:
    plant.remove("Tank1.Setpoint")
    plant.set("Tank2.Setpoint", 80.0)

    plant.step(1)

    assert values(plant, "Tank1.Level", "Tank2.Level") == [40.0, 46.0]


def test_a_part_with_a_value_that_is_no_number_stands_still(plant: Simulator) -> None:
    plant.set("Tank1.Level", float("nan"))
    plant.set("Line3.SpeedSetpoint", float("inf"))
    plant.set("Tank2.Setpoint", 80.0)

    plant.step(1)

    assert values(plant, "Line3.Speed", "Tank2.Level") == [0.0, 46.0]


def test_a_moving_plant_cannot_be_stepped() -> None:
    plant = Simulator(plant="demo")

    with pytest.raises(RuntimeError, match=r"call freeze\(\) before step"):
        plant.step(1)


def test_the_demo_plant_moves_by_itself_until_it_is_frozen() -> None:
    with Simulator(tls=False) as station:
        station.set("Tank1.Setpoint", 80.0)
        wait_until(lambda: float(station.get("Tank1.Level").value) > 41, what="the tank to fill")
        station.freeze()
        frozen = values(station, *station.tag_names)
        station.step(0)
        assert values(station, *station.tag_names) == frozen

        station.thaw()
        wait_until(lambda: values(station, *station.tag_names) != frozen, what="the plant to move")


def test_a_new_tag_has_the_type_of_its_value_or_the_one_given(plant: Simulator) -> None:
    first_values: dict[str, Scalar] = {"B": True, "I": 1, "L": 2**40, "F": 1.5, "T": "x"}
    for name, value in first_values.items():
        plant.set(name, value)
    plant.set("W", 1, data_type="uint8")
    plant.set("N", 1, data_type=float)

    assert [plant.get(name).data_type.value for name in "BILFTWN"] == [
        "bool",
        "int32",
        "int64",
        "float64",
        "text",
        "uint8",
        "float64",
    ]


def test_what_does_not_fit_a_tag_is_refused_by_name(plant: Simulator) -> None:
    with pytest.raises(WrongValueError, match=r"tag 'Tank1.Level': Conversion error: 'full'.*float32"):
        plant.set("Tank1.Level", "full")
    with pytest.raises(ValueError, match=r"tag 'Tank1.Level' is already there with type float32"):
        plant.set("Tank1.Level", 1, data_type="int32")
    with pytest.raises(ValueError, match="needs a time zone"):
        plant.set("Tank1.Level", 1.0, timestamp=datetime(2026, 3, 2))  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="one byte"):
        plant.set("Tank1.Level", 1.0, quality=300)
    with pytest.raises(ValueError, match="unknown data type 'decimal'"):
        plant.set("New", 1.0, data_type="decimal")


def test_an_unknown_tag_is_named_with_what_there_is(plant: Simulator) -> None:
    with pytest.raises(UnknownTagError, match=r"no tag 'Tank9.Level'; it has \d+ tags, such as 'Tank1.Level'"):
        plant.get("Tank9.Level")
    with pytest.raises(UnknownTagError, match=r"no tag 'Tank9.Level'"):
        plant.remove("Tank9.Level")


def test_a_tag_is_found_in_any_case_and_keeps_its_spelling(plant: Simulator) -> None:
    plant.set("TANK1.LEVEL", 41.0, timestamp=datetime(2026, 3, 2, tzinfo=UTC))

    assert plant.get("tank1.level").name == "Tank1.Level"
    assert plant.tag_names.count("Tank1.Level") == 1
