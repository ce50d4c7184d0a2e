"""Settings of a simulated unit that make no sense are refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator import SimulatedUnit, Simulator, UnknownUnitError


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"name": ""}, "name of a unit is a word"),
        ({"name": "Mixer 1"}, "not 'Mixer 1'"),
        ({"profile": "E"}, "profile is one of A, B, C, D, not 'E'"),
        ({"states": "s88"}, "states is one of isa95, packml, packml_tmc, not 's88'"),
        ({"id_echo": False}, "id_echo=False is for profiles B and D"),
        ({"id_echo": False, "profile": "C"}, "a unit of profile C answers with the id"),
        ({"speed": 0}, "speed is a number above 0, not 0"),
        ({"scan_seconds": float("nan")}, "scan_seconds is a number above 0"),
        ({"skew": -1}, "skew is a number from 0, not -1"),
        ({"run_seconds": "long"}, "run_seconds is a number from 0, not 'long'"),
        ({"id_length": 0}, "id_length is a whole number from 1, not 0"),
        ({"remembered_ids": -1}, "remembered_ids is a whole number from 0, not -1"),
        ({"quantity_limits": (10, 1)}, "quantity_limits is"),
        ({"parameters": {"Quantity": DataType.TEXT}}, "'Quantity' is a number, not text"),
        ({"parameters": {"Speed": "decimal"}}, "unknown data type 'decimal'"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        SimulatedUnit(**{"name": "U", **settings})


def test_a_parameter_with_the_name_of_another_tag_is_named() -> None:
    unit = SimulatedUnit(name="U", parameters={"sequence": DataType.INT32})

    with pytest.raises(ValueError, match=r"unit 'U' has two tags Order\.Sequence"):
        Simulator(plant="still", units=[unit])


def test_two_units_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two units have the name 'u'"):
        Simulator(plant="still", units=[SimulatedUnit(name="U"), SimulatedUnit(name="u")])


def test_an_unknown_unit_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UnknownUnitError, match="no unit 'Mixer9'; it has 'Mixer1'"):
        Simulator(plant="still").unit("Mixer9")
    with pytest.raises(UnknownUnitError, match="it has none"):
        Simulator(plant="still", units=[]).unit("Mixer1")


def test_every_station_has_a_mixer_that_takes_orders_beside_its_other_tags() -> None:
    station = Simulator(plant="still")

    assert station.unit("mixer1").settings == SimulatedUnit(name="Mixer1")
    assert {"Mixer1.State", "Mixer1.Order.State", "Mixer1.Unit.Heartbeat", "Unit.Heartbeat"} <= set(station.tag_names)


def test_a_unit_has_the_parameters_it_is_given() -> None:
    parameters = {"Colour": DataType.TEXT, "Weight": DataType.FLOAT}
    station = Simulator(plant="still", units=[SimulatedUnit(name="Line1.Packer", parameters=parameters)])

    assert station.get("Line1.Packer.Order.Weight").data_type is DataType.FLOAT64
    assert station.get("Line1.Packer.Order.CurrentColour").data_type is DataType.TEXT


@pytest.mark.parametrize("mode", [0, 4, "production", [1]])
def test_a_mode_that_there_is_not_is_refused(mode: Any) -> None:
    with pytest.raises(ValueError, match=r"mode is 1 \(production\), 2 \(maintenance\) or 3 \(manual\), not"):
        Simulator(plant="still").unit("Mixer1").set_mode(mode)


@pytest.mark.parametrize("number", [40000, "Held", 1.5])
def test_a_state_that_the_tag_cannot_hold_is_refused(number: Any) -> None:
    with pytest.raises(ValueError, match="a state is a whole number from -32768 to 32767, or None"):
        Simulator(plant="still").unit("Mixer1").show_state(number)


def test_local_is_a_truth_value() -> None:
    with pytest.raises(ValueError, match="local is True or False, not 'yes'"):
        Simulator(plant="still").unit("Mixer1").set_local("yes")  # type: ignore[arg-type]
