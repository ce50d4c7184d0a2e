"""What the page on security promises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from airflow.providers.common.compat.sdk import ParamValidationError
from documentation import REPOSITORY, blocks, links, table

from airflow_provider_wincc.client import (
    StationSettings,
    WinCCClient,
    WinCCPermissionError,
    WinCCWriteRefusedError,
    quotations,
    wire,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import PageRun

    from airflow_provider_wincc.simulator import Simulator

PAGE = "docs/security.md"


@pytest.fixture
def as_in_the_page(station: Simulator) -> Callable[[str], WinCCClient]:
    """Open the station by a connection of the page, whose users are those of the simulated station."""
    shown = {each["login"]: each["extra"] for each in (json.loads(block.code) for block in blocks("json", PAGE))}

    def open_as(login: str, user: str = "engineer") -> WinCCClient:
        extra: dict[str, Any] = {**shown[login], "verify": station.ca_file}
        return WinCCClient(
            StationSettings.from_url(station.url, username=user, password=station.users[user].password, **extra)
        )

    return open_as


def test_the_reading_connection_of_the_page_writes_nothing(as_in_the_page: Callable[[str], WinCCClient]) -> None:
    with as_in_the_page("airflow_read") as client, pytest.raises(WinCCWriteRefusedError):
        client.write_tag("Tank1.Setpoint", 50.0)


@pytest.mark.parametrize(("tag", "value"), [("Line3.SpeedSetpoint", 1.0), ("Tank1.Setpoint", 101.0)])
def test_the_writing_connection_of_the_page_writes_nothing_else(
    as_in_the_page: Callable[[str], WinCCClient], tag: str, value: float
) -> None:
    with as_in_the_page("airflow_write") as client, pytest.raises(WinCCWriteRefusedError):
        client.write_tag(tag, value)


def test_the_writing_connection_of_the_page_writes_what_it_may(
    as_in_the_page: Callable[[str], WinCCClient], station: Simulator
) -> None:
    with as_in_the_page("airflow_write") as client:
        client.write_tag("Tank1.Setpoint", 55.0)

    assert station.get("Tank1.Setpoint").value == 55.0


def test_a_user_without_the_right_is_refused_by_the_station(
    as_in_the_page: Callable[..., WinCCClient],
) -> None:
    with as_in_the_page("airflow_write", user="viewer") as client, pytest.raises(WinCCPermissionError):
        client.write_tag("Tank1.Setpoint", 55.0)


@pytest.mark.parametrize(("param", "value"), [("tank", "Tank9"), ("tank", "Tank1.Setpoint; x"), ("level", 91)])
def test_a_run_of_the_page_takes_no_other_input(param: str, value: object, run_page: Callable[[str], PageRun]) -> None:
    params = run_page(PAGE).dags["fill_chosen_tank"].params
    params.validate()

    with pytest.raises(ParamValidationError):
        params[param] = value


def test_the_bounds_of_answers_are_those_of_the_code() -> None:
    settings = StationSettings.from_url("https://wincc01.plant.example")

    bounds = {row[0]: row[1] for row in table(PAGE, "what")}

    assert bounds["size of an answer, packed and unpacked"] == f"`max_answer_mb`, {settings.max_answer_mb} MB"
    whole = f"{settings.answer_timeout / settings.read_timeout:g} times `read_timeout`, {settings.answer_timeout:g} s"
    assert bounds["time from a request to the end of its answer"].startswith(whole)
    assert bounds["time without a byte; for TCP and TLS to stand"] == (
        f"`read_timeout`, {settings.read_timeout:g} s; `connect_timeout`, {settings.connect_timeout:g} s each"
    )
    assert bounds["nesting"] == f"{wire._DEEPEST} levels"
    assert bounds["text of the station in an error"] == (
        f"{quotations._LONGEST_START} characters of an answer, {quotations._LONGEST_REASON} of the reason of a tag"
    )


def test_the_links_of_the_policy_lead_somewhere() -> None:
    assert links("SECURITY.md")
    for target in links("SECURITY.md"):
        assert (REPOSITORY / target).is_file()
