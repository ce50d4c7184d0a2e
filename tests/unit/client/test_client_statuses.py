"""What each HTTP status of a station means, and what its error tells the user to do."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import msgspec
import pytest
from mocked_station import BASE, HOST, VALUE, VALUES

from airflow_provider_wincc.client import (
    WinCCAuthenticationError,
    WinCCConnectionError,
    WinCCError,
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCResponseError,
    WinCCRuntimeError,
    WinCCServiceUnavailableError,
    WinCCTagError,
    WinCCTagNotFoundError,
    WinCCTimeoutError,
    WinCCTLSError,
    WinCCWriteOutcomeUnknownError,
)
from airflow_provider_wincc.client.error_json import error_from_json, error_to_json
from airflow_provider_wincc.client.models import FailureKind, TagFailure

if TYPE_CHECKING:
    from responses import RequestsMock

    from airflow_provider_wincc.client import WinCCClient

HINTS = {
    401: ["check user name and password", "remote/rest authorisation"],
    403: ["logged in but not authorised", "remote read (or write) permission"],
    404: ["check the spelling of the tag", "released for web access"],
    405: ["is this address a wincc rest service"],
    407: ["extra 'proxy'"],
    408: ["read_timeout"],
    429: ["read less often"],
    500: ["runtime problem", "wincc event log", "busy"],
    502: ["gateway", "rest api enabled"],
    503: ["rest service is not started", "rest api enabled", "runtime active"],
    504: ["gateway", "runtime active"],
    507: ["wincc event log"],
}
CLASSES: dict[int, type[WinCCError]] = {
    401: WinCCAuthenticationError,
    403: WinCCPermissionError,
    404: WinCCNotFoundError,
    405: WinCCResponseError,
    407: WinCCResponseError,
    408: WinCCTimeoutError,
    429: WinCCServiceUnavailableError,
    500: WinCCRuntimeError,
    502: WinCCServiceUnavailableError,
    503: WinCCServiceUnavailableError,
    504: WinCCServiceUnavailableError,
    507: WinCCRuntimeError,
}
RETRYABLE = {408, 429, 500, 502, 503, 504, 507}


@pytest.mark.parametrize("status", CLASSES)
def test_a_status_becomes_an_error_that_says_where_it_happened_and_what_to_do(
    client: WinCCClient, answers: RequestsMock, status: int
) -> None:
    answers.get(f"{BASE}/tagManagement/Connections", status=status)

    with pytest.raises(WinCCError) as caught:
        client.check_login()

    error = caught.value
    assert type(error) is CLASSES[status]
    assert (error.method, error.path) == ("GET", "/WinCCRestService/tagManagement/Connections")
    assert (error.station, error.status) == (HOST, status)
    assert error.retryable is (status in RETRYABLE)
    assert str(status) in error.message
    assert all(hint in str(error).lower() for hint in HINTS[status])


@pytest.mark.parametrize(
    ("status", "requests"),
    [(400, 1), (401, 1), (403, 1), (408, 1), (429, 1), (500, 1), (501, 1), (502, 4), (503, 4), (504, 4)],
)
def test_a_read_is_tried_again_only_after_a_failure_of_a_gateway_or_service(
    client: WinCCClient, answers: RequestsMock, status: int, requests: int
) -> None:
    for _ in range(requests):
        answers.get(f"{VALUE}/Level", status=status)

    with pytest.raises(WinCCError):
        client.read_tag("Level")

    assert len(answers.calls) == requests


def test_a_read_that_works_the_second_time_raises_nothing(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(f"{VALUE}/Level", status=503, body="<h2>Service Unavailable</h2>")
    answers.get(f"{VALUE}/Level", json={"variableName": "Level", "value": "1"})

    assert client.read_tag("Level").value == 1


@pytest.mark.parametrize("status", [408, 500, 502, 504, 507, 520])
def test_a_write_answered_by_a_status_that_leaves_it_open_is_of_unknown_outcome(
    client: WinCCClient, answers: RequestsMock, status: int
) -> None:
    answers.put(VALUES, status=status)

    with pytest.raises(WinCCWriteOutcomeUnknownError) as caught:
        client.write_tags({"A": 1, "B": 2})

    assert caught.value.unknown == ("A", "B")
    assert caught.value.status == status
    assert len(answers.calls) == 1


@pytest.mark.parametrize(
    ("server", "may_have_arrived"),
    [({"Server": "Microsoft-HTTPAPI/2.0"}, False), ({"Server": "envoy"}, True), ({}, True)],
    ids=["Windows", "a gateway", "nobody knows"],
)
def test_a_write_answered_by_503_took_no_effect_only_if_windows_says_it(
    client: WinCCClient, answers: RequestsMock, server: dict[str, str], may_have_arrived: bool
) -> None:
    answers.put(VALUES, status=503, headers=server)

    with pytest.raises(WinCCError) as caught:
        client.write_tags({"A": 1})

    assert isinstance(caught.value, WinCCWriteOutcomeUnknownError) is may_have_arrived
    assert caught.value.status == 503
    assert len(answers.calls) == 1


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 405, 413, 429, 501, 505])
def test_a_write_answered_by_a_status_that_refuses_it_took_no_effect(
    client: WinCCClient, answers: RequestsMock, status: int
) -> None:
    answers.put(VALUES, status=status)

    with pytest.raises(WinCCError) as caught:
        client.write_tags({"A": 1, "B": 2})

    assert not isinstance(caught.value, WinCCWriteOutcomeUnknownError)
    assert len(answers.calls) == 1


@pytest.mark.parametrize("status", [201, 202])
def test_a_write_confirmed_with_another_success_status_counts_as_confirmed(
    client: WinCCClient, answers: RequestsMock, status: int
) -> None:
    answers.put(VALUES, status=status, json=[{"variableName": "A", "errorcode": 0}])

    assert client.write_tags({"A": 1}) == ("A",)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"null", b"<html>", b'[{"variableName": "X", "errorcode": 0}]' * 2]
)
@pytest.mark.parametrize("status", [200, 204])
def test_a_write_that_is_not_confirmed_is_of_unknown_outcome(
    client: WinCCClient, answers: RequestsMock, body: bytes, status: int
) -> None:
    answers.put(VALUES, status=status, body=body)

    with pytest.raises(WinCCWriteOutcomeUnknownError) as caught:
        client.write_tags({"A": 1, "B": 2})

    assert caught.value.unknown == ("A", "B")
    assert caught.value.retryable


def test_the_body_of_an_error_is_quoted_without_its_markup(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(f"{VALUE}/Level", status=500, body="<html><title>t</title><h2>Runtime\n  restarts</h2></html>")

    with pytest.raises(WinCCRuntimeError, match="Runtime restarts") as caught:
        client.read_tag("Level")

    assert "<" not in caught.value.message


def test_a_redirect_is_an_error_that_names_the_address_and_is_not_followed(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.get(f"{VALUE}/Level", status=302, headers={"Location": "https://sso.plant.example/login?token=abc"})

    with pytest.raises(WinCCResponseError) as caught:
        client.read_tag("Level")

    assert "https://sso.plant.example/login" in caught.value.hint
    assert "token" not in str(caught.value)
    assert not caught.value.retryable
    assert len(answers.calls) == 1


FAILURE = TagFailure(FailureKind.NOT_FOUND, "Not Found", 2048)
WHERE = {"method": "GET", "path": "/x", "station": HOST}
EVERY_KIND: list[WinCCError] = [
    *(kind("It failed.", status=500, **WHERE) for kind in (WinCCRuntimeError, WinCCConnectionError, WinCCTLSError)),
    WinCCTagNotFoundError("No tag.", errors={"Typo": FAILURE}, **WHERE),
    WinCCWriteOutcomeUnknownError("In doubt.", unknown=["A"], written=["B"], not_sent=["C"], **WHERE),
]


@pytest.mark.parametrize("error", EVERY_KIND, ids=lambda error: type(error).__name__)
def test_an_error_survives_json_and_pickle(error: WinCCError) -> None:
    copies = [error_from_json(error_to_json(error)), pickle.loads(pickle.dumps(error))]

    for copy in copies:
        assert type(copy) is type(error)
        assert str(copy) == str(error)
        assert (copy.status, copy.retryable, copy.hint) == (error.status, error.retryable, error.hint)
        assert getattr(copy, "errors", None) == getattr(error, "errors", None)
        assert getattr(copy, "unknown", None) == getattr(error, "unknown", None)
        assert (copy.written, copy.not_sent) == (error.written, error.not_sent)


def test_an_error_with_half_a_character_in_the_words_of_the_station_is_one_that_airflow_can_pass_on() -> None:
    failure = TagFailure(FailureKind.FAILED, "half \ud800", 2**64 - 1)
    error = WinCCTagError("half \ud800", errors={"A": failure}, **WHERE)

    data = error_to_json(error)

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(data)) == data
    copy = error_from_json(data)
    assert (copy.message, copy.errors["A"].reason) == ("half \ufffd", "half \ufffd")


def test_an_error_of_an_unknown_class_comes_back_as_a_plain_one() -> None:
    copy = error_from_json({**error_to_json(WinCCRuntimeError("It failed.")), "kind": "OfAnotherVersion"})

    assert (type(copy), copy.message, copy.retryable) == (WinCCError, "It failed.", True)
