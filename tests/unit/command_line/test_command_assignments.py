"""Arguments of the form ``NAME=SOMETHING``."""

from __future__ import annotations

import pytest

from airflow_provider_wincc.client import DataType, TagLimits, WinCCConfigurationError
from airflow_provider_wincc.command_line.assignments import read_limits, read_types, read_values


def test_values_are_cut_at_the_first_equals_sign_and_may_be_empty() -> None:
    assert read_values(["Tank1.Setpoint=60", "Plant.BatchId=", "Plant.Note=a=b"]) == {
        "Tank1.Setpoint": "60",
        "Plant.BatchId": "",
        "Plant.Note": "a=b",
    }


@pytest.mark.parametrize("texts", [["Tank1.Setpoint"], ["=60"], [""], ["A=1", "A=2"]])
def test_what_is_no_pair_is_named(texts: list[str]) -> None:
    with pytest.raises(WinCCConfigurationError, match=r"cannot be read|stands twice"):
        read_values(texts)


def test_types_are_read_by_their_names() -> None:
    assert read_types(["Plant.BatchId=text", "A=INT16"]) == {"Plant.BatchId": DataType.TEXT, "A": DataType.INT16}


def test_an_unknown_type_names_the_known_ones() -> None:
    with pytest.raises(WinCCConfigurationError, match="known are bool, int8"):
        read_types(["Plant.BatchId=varchar"])


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("Tank?.Setpoint=0:90", TagLimits("Tank?.Setpoint", 0.0, 90.0)),
        ("A=-1.5:", TagLimits("A", -1.5, None)),
        ("A=:2e3", TagLimits("A", None, 2000.0)),
    ],
)
def test_limits_have_two_sides_either_of_which_may_be_open(text: str, limits: TagLimits) -> None:
    assert read_limits([text]) == (limits,)


@pytest.mark.parametrize("text", ["A", "A=", "A=5", "=0:5", "A=low:high", "A=5:0", "A=nan:1", "A=0:inf"])
def test_what_is_no_limit_is_named(text: str) -> None:
    with pytest.raises(WinCCConfigurationError):
        read_limits([text])
