"""The page on testing names what the pytest plugin has; that its tests pass is checked with its command."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from documentation import table
from tested_project import PAGE

from airflow_provider_wincc import pytest_plugin
from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable


def words(cells: list[str]) -> set[str]:
    return {word for cell in cells for word in re.findall(r"`(\w+)`", cell)}


def test_the_page_names_every_fixture() -> None:
    fixtures = {name for name in vars(pytest_plugin) if name.startswith("wincc_")}

    assert {"wincc_station", "wincc_connection"} <= fixtures
    assert words([row[0] for row in table(PAGE, "Fixture")]) == fixtures


def test_the_page_names_every_argument_of_the_marker() -> None:
    described = words([row[0] for row in table(PAGE, "Argument of the marker")])

    assert described == set(inspect.signature(Simulator).parameters) - {"port", "host", "state", "reset"}


def test_the_page_names_every_argument_of_the_function_and_every_user(
    wincc_connect: Callable[..., str], wincc_station: Simulator
) -> None:
    rows = table(PAGE, "Argument of `wincc_connect`")
    taken = {name for name in inspect.signature(wincc_connect).parameters if name != "extra"}

    assert words([row[0] for row in rows]) == taken
    assert words([row[1] for row in rows if row[0] == "`login`"]) == set(wincc_station.users)
