"""How long a soak lasts, as people write it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from soak_length import seconds_of
from soak_plan import SoakPlan


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), (" 1.5 m ", 90), ("0.5h", 1800), ("45s", 45)]
)
def test_a_duration_is_a_number_with_its_unit(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "m", "ten minutes", "10 d", "-5m", "1e3s", "10m30s", "nan s", "1 0m"])
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="such as 90s, 10m or 2h"):
        seconds_of(text)


@pytest.mark.parametrize("text", ["0s", "44.9s", "0.1m"])
def test_a_duration_in_which_nothing_can_be_told_is_refused(text):
    with pytest.raises(ValueError, match="too short: a soak takes 45s or longer"):
        seconds_of(text)


def test_the_command_says_in_one_line_what_is_wrong_with_its_duration():
    command = [sys.executable, str(Path(__file__).with_name("run_soak.py")), "--duration", "soon"]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 2
    assert "'soon' is no duration: expected a number with s, m or h behind it" in ended.stderr.splitlines()[-1]


def test_a_plan_goes_through_a_line_of_text_and_back():
    plan = SoakPlan.for_length(600.0, seed=7)

    assert SoakPlan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize(("seconds", "load"), [(45.0, 4.0), (600.0, 24.0), (7200.0, 30.0)])
def test_a_longer_soak_has_longer_loads_up_to_half_a_minute(seconds, load):
    assert SoakPlan.for_length(seconds, seed=1).load == load
