"""The connection test names the step that failed."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.client import (
    StationSettings,
    WinCCAuthenticationError,
    WinCCConfigurationError,
    WinCCConnectionError,
    WinCCError,
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCResponseError,
    WinCCRuntimeError,
    WinCCServiceUnavailableError,
    WinCCTimeoutError,
    WinCCTLSError,
)
from airflow_provider_wincc.client.check import Step, check_station

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.simulator import Simulator


def test_all_steps_pass_with_two_requests(station: Simulator, settings_of: Callable[..., StationSettings]) -> None:
    check = check_station(settings_of())

    assert check.ok
    assert check.passed == tuple(Step)
    assert str(check).startswith("All steps passed: address, TCP, TLS, login")
    assert len(station.requests) == 2


@pytest.mark.parametrize("form", ["error", "missing", "not_found_json", "not_found_html", "error_code", "empty"])
def test_a_station_without_the_tag_that_is_asked_for_passes(
    station: Simulator, settings_of: Callable[..., StationSettings], form: str
) -> None:
    station.set_dialect(unknown_tag=form)

    assert check_station(settings_of()).ok


def test_an_unknown_host_fails_at_the_address() -> None:
    check = check_station(StationSettings.from_url("https://wincc01.invalid"))

    assert (check.failed, check.passed) == (Step.ADDRESS, ())
    assert isinstance(check.error, WinCCConnectionError)
    assert "'wincc01.invalid'" in str(check)


def test_a_file_that_is_not_there_fails_at_the_address(settings_of: Callable[..., StationSettings]) -> None:
    check = check_station(settings_of(verify="/nowhere/ca.pem"))

    assert check.failed is Step.ADDRESS
    assert isinstance(check.error, WinCCConfigurationError)


def test_a_closed_port_fails_at_tcp() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]

    check = check_station(StationSettings.from_url(f"https://127.0.0.1:{port}"))

    assert (check.failed, check.passed) == (Step.TCP, (Step.ADDRESS,))
    assert "Step 'TCP' failed" in str(check)
    assert "Passed before: address" in str(check)


def test_an_untrusted_certificate_fails_at_tls(station: Simulator, settings_of: Callable[..., StationSettings]) -> None:
    check = check_station(settings_of(verify=True))

    assert (check.failed, check.passed) == (Step.TLS, (Step.ADDRESS, Step.TCP))
    assert isinstance(check.error, WinCCTLSError)
    assert station.requests == []


def test_a_port_that_never_answers_fails_at_tls(settings_of: Callable[..., StationSettings]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"

        check = check_station(StationSettings.from_url(url, read_timeout=0.2, connect_timeout=0.2))

    assert check.failed is Step.TLS
    assert isinstance(check.error, WinCCTimeoutError)


def test_a_wrong_password_fails_at_the_login_and_is_sent_once(
    station: Simulator, settings_of: Callable[..., StationSettings]
) -> None:
    check = check_station(replace(settings_of(), password="wrong"))

    assert (check.failed, check.passed) == (Step.LOGIN, (Step.ADDRESS, Step.TCP, Step.TLS))
    assert isinstance(check.error, WinCCAuthenticationError)
    assert len(station.requests) == 1


def test_a_user_without_rights_fails_at_the_permission(
    station: Simulator, settings_of: Callable[..., StationSettings]
) -> None:
    check = check_station(settings_of("guest"))

    assert (check.failed, check.passed) == (Step.PERMISSION, (Step.ADDRESS, Step.TCP, Step.TLS, Step.LOGIN))
    assert isinstance(check.error, WinCCPermissionError)
    assert len(station.requests) == 1


def test_a_wrong_base_path_fails_at_the_address(settings_of: Callable[..., StationSettings]) -> None:
    check = check_station(settings_of(base_path="/WinCCRestService/wrong"))

    assert check.failed is Step.ADDRESS
    assert isinstance(check.error, WinCCNotFoundError)
    assert "base path" in str(check)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("unavailable", WinCCServiceUnavailableError),
        ("server_error", WinCCRuntimeError),
        ("html_body", WinCCResponseError),
    ],
)
def test_a_service_that_does_not_work_fails_before_the_permission_and_is_asked_once(
    station: Simulator, settings_of: Callable[..., StationSettings], fault: str, kind: type[WinCCError]
) -> None:
    station.fail_next(fault)

    check = check_station(settings_of())

    assert (check.failed, type(check.error)) == (Step.LOGIN, kind)
    assert len(station.requests) == 1


@pytest.mark.parametrize(
    ("fault", "kind"), [("unavailable", WinCCServiceUnavailableError), ("server_error", WinCCRuntimeError)]
)
def test_a_runtime_that_does_not_answer_fails_at_the_first_read_and_is_asked_once(
    station: Simulator, settings_of: Callable[..., StationSettings], fault: str, kind: type[WinCCError]
) -> None:
    station.fail_next(fault, path="/tagManagement/Values")

    check = check_station(settings_of())

    assert (check.failed, type(check.error)) == (Step.FIRST_READ, kind)
    assert Step.PERMISSION in check.passed
    assert len(station.requests) == 2
