"""What the connection test tells of each step."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.client import StationSettings
from airflow_provider_wincc.client.check import Step, StepState, check_station
from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable


def test_each_step_says_what_was_found(station: Simulator, settings_of: Callable[..., StationSettings]) -> None:
    settings = settings_of()

    details = {result.step: result.detail for result in check_station(settings).steps}

    assert details == {
        Step.ADDRESS: "127.0.0.1",
        Step.TCP: f"127.0.0.1 port {station.port}",
        Step.TLS: f"the certificate is trusted (verify: {settings.verify})",
        Step.LOGIN: "as 'engineer'",
        Step.PERMISSION: "reading is allowed",
        Step.FIRST_READ: "@LocalMachineName is 'SIMULATOR'",
    }


def test_steps_with_a_part_of_their_own_say_how_long_they_took(settings_of: Callable[..., StationSettings]) -> None:
    timed = [result.step for result in check_station(settings_of()).steps if result.seconds is not None]

    assert timed == [Step.ADDRESS, Step.TCP, Step.PERMISSION, Step.FIRST_READ]


def test_the_time_of_a_slow_answer_stands_at_its_step(
    station: Simulator, settings_of: Callable[..., StationSettings]
) -> None:
    station.fail_next("delay", seconds=0.5, path="/tagManagement/Values")

    seconds = {result.step: result.seconds for result in check_station(settings_of()).steps}

    assert (seconds[Step.FIRST_READ] or 0) >= 0.5


def test_what_comes_after_a_failed_step_was_not_reached(settings_of: Callable[..., StationSettings]) -> None:
    check = check_station(replace(settings_of(), password="wrong-secret"))

    states = [result.state for result in check.steps]
    failed = check.steps[3]
    assert states == [*[StepState.PASSED] * 3, StepState.FAILED, *[StepState.NOT_REACHED] * 2]
    assert check.error is not None
    assert failed.detail == check.error.message
    assert failed.seconds is not None
    assert [(result.detail, result.seconds) for result in check.steps[4:]] == [("", None)] * 2


@pytest.mark.parametrize(
    ("fields", "login"),
    [
        ({"login": "anna", "password": "secret-4711"}, "as 'anna'"),
        ({"extra": {"bearer_token": "secret-4711"}}, "with a bearer token"),
        ({}, "none is sent"),
    ],
)
def test_the_login_is_told_without_its_secret(fields: dict[str, object], login: str) -> None:
    with Simulator(plant="still", tls=False) as station:
        station.fail_next("forbidden")
        check = check_station(StationSettings.from_fields(host=station.url, **fields))  # type: ignore[arg-type]

    assert check.failed is Step.PERMISSION
    assert [result.detail for result in check.steps[2:4]] == ["not used: the scheme is http", login]
    assert "secret-4711" not in json.dumps([result.to_json() for result in check.steps]) + str(check) + repr(check)


def test_a_result_is_plain_json(settings_of: Callable[..., StationSettings]) -> None:
    results = [result.to_json() for result in check_station(settings_of()).steps]

    assert json.loads(json.dumps(results, allow_nan=False)) == results
    assert [result["step"] for result in results] == [step.value for step in Step]
    assert {result["result"] for result in results} == {"passed"}
