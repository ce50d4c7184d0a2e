"""Reads over real HTTPS: what is tried again, what is not, and how many requests it costs."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.client import (
    WinCCAuthenticationError,
    WinCCClient,
    WinCCConnectionError,
    WinCCError,
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCResponseError,
    WinCCRuntimeError,
    WinCCServiceUnavailableError,
    WinCCTagNotFoundError,
    WinCCTimeoutError,
)
from airflow_provider_wincc.client import transport as transport_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.simulator import Simulator


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses before each retry, in seconds, instead of the pauses themselves."""
    taken: list[float] = []
    monkeypatch.setattr(transport_module.time, "sleep", taken.append)
    return taken


def wait_for_a_request(station: Simulator) -> None:
    """Wait until the station has noted a request; it may do so when its client has given up already."""
    deadline = time.monotonic() + 10
    while not station.requests:
        assert time.monotonic() < deadline, "no request came"
        time.sleep(0.01)


@pytest.mark.parametrize("fault", ["unavailable", "bad_gateway", "gateway_timeout", "drop_before", "drop_after"])
def test_a_read_survives_three_failures_that_pass(station: Simulator, client: WinCCClient, fault: str) -> None:
    station.fail_next(fault, 3)

    value = client.read_tags(["T.A"])["T.A"].value

    assert value == 1.0
    assert len(station.requests) == 4


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("unavailable", WinCCServiceUnavailableError),
        ("bad_gateway", WinCCServiceUnavailableError),
        ("gateway_timeout", WinCCServiceUnavailableError),
        ("drop_before", WinCCConnectionError),
    ],
)
def test_a_read_gives_up_after_the_fourth_failure(
    station: Simulator, client: WinCCClient, fault: str, kind: type[WinCCError]
) -> None:
    station.fail_next(fault, 10)

    with pytest.raises(kind) as caught:
        client.read_tag("T.A")

    assert len(station.requests) == 4
    assert (caught.value.method, caught.value.station) == ("GET", station.url)
    assert caught.value.path == "/WinCCRestService/tagManagement/Value/T.A"
    assert caught.value.retryable


def test_retries_wait_longer_each_time(
    station: Simulator, open_client: Callable[..., WinCCClient], pauses: list[float]
) -> None:
    station.fail_next("unavailable", 3)
    client = open_client()

    client.read_tag("T.A")

    base = client.settings.retry_wait
    assert all(
        low * base <= pause <= high * base
        for pause, (low, high) in zip(pauses, [(0.5, 1.5), (1, 3), (2, 6)], strict=True)
    )


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("unauthorized", WinCCAuthenticationError),
        ("forbidden", WinCCPermissionError),
        ("not_found", WinCCNotFoundError),
        ("server_error", WinCCRuntimeError),
        ("html_body", WinCCResponseError),
        ("garbage", WinCCResponseError),
    ],
)
@pytest.mark.parametrize("way", ["one", "many"])
def test_a_read_is_not_tried_again_when_that_cannot_help(
    station: Simulator, client: WinCCClient, fault: str, kind: type[WinCCError], way: str
) -> None:
    station.fail_next(fault, 5)

    with pytest.raises(kind):
        client.read_tag("T.A") if way == "one" else client.read_tags(["T.A"])

    assert len(station.requests) == 1


def test_a_read_without_an_answer_in_time_is_not_tried_again(
    station: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    station.fail_next("stall", seconds=5)

    with pytest.raises(WinCCTimeoutError, match=r"within 0\.2 s") as caught:
        open_client(read_timeout=0.2).read_tag("T.A")

    wait_for_a_request(station)
    assert len(station.requests) == 1
    assert "read_timeout" in caught.value.hint


def test_a_connection_that_the_station_dropped_while_idle_costs_no_pause(
    station: Simulator, client: WinCCClient, pauses: list[float]
) -> None:
    client.read_tag("T.A")
    station.fail_next("drop_before")

    value = client.read_tag("T.A").value

    assert value == 1.0
    assert pauses == []
    assert len(station.requests) == 3


def test_a_dropped_idle_connection_is_replaced_even_where_reads_are_not_tried_again(
    station: Simulator, open_client: Callable[..., WinCCClient], pauses: list[float]
) -> None:
    settings = replace(open_client().settings, read_retries=0)
    with WinCCClient(settings) as client:
        client.read_tag("T.A")
        station.fail_next("drop_before", count=2)

        with pytest.raises(WinCCConnectionError):
            client.read_tag("T.A")
        value = client.read_tag("T.A").value

    assert value == 1.0
    assert pauses == []
    # One read before; the dropped one and its replacement, which was dropped too and not tried again; one read after.
    assert len(station.requests) == 4


def test_idle_connections_closed_by_the_station_are_replaced(station: Simulator, client: WinCCClient) -> None:
    client.read_tag("T.A")
    station.drop_idle_connections()

    client.read_tag("T.A")

    assert len({request.connection for request in station.requests}) == 2


def test_an_empty_answer_is_asked_for_once_more(station: Simulator, client: WinCCClient) -> None:
    station.fail_next("empty_body")

    assert client.read_tags(["T.A", "T.B"])["T.B"].value == 2.0
    assert len(station.requests) == 2


def test_a_missing_row_is_asked_for_once_more_and_only_that(station: Simulator, client: WinCCClient) -> None:
    station.fail_next("missing_rows")

    assert len(client.read_tags(["T.A", "T.B"])) == 2
    assert [request.body["variableNames"] for request in station.requests] == [["T.A", "T.B"], ["T.B"]]


def test_bad_quality_is_a_reading_and_not_an_error(station: Simulator, client: WinCCClient) -> None:
    station.set("T.A", 5.0, quality=24)

    reading = client.read_tag("T.A")

    assert (reading.value, reading.quality.is_bad) == (5.0, True)


def test_ten_thousand_tags_cost_one_request_for_each_batch_one_after_the_other_on_one_connection(
    station: Simulator, client: WinCCClient
) -> None:
    names = ["T.A" if number == 0 else f"T.{number}" for number in range(10_000)]
    for name in names:
        station.set(name, 1.0)

    values = client.read_tags(names)

    requests = station.requests
    assert list(values) == names
    assert len(requests) == 67
    assert max(len(request.body["variableNames"]) for request in requests) == 150
    assert {request.in_flight for request in requests} == {1}
    assert len({request.connection for request in requests}) == 1


def test_a_batch_too_large_for_the_station_is_halved(station: Simulator, client: WinCCClient) -> None:
    station.fail_next("too_large")

    assert len(client.read_tags(["T.A", "T.B"])) == 2
    assert [len(request.body["variableNames"]) for request in station.requests] == [2, 1, 1]


UNKNOWN = ["error", "missing", "not_found_json", "not_found_html", "error_code", "empty"]


@pytest.mark.parametrize("form", UNKNOWN)
@pytest.mark.parametrize("names", [["T.Typo"], ["T.A", "T.Typo"]])
def test_an_unknown_tag_is_the_same_error_in_every_dialect(
    station: Simulator, client: WinCCClient, form: str, names: list[str]
) -> None:
    station.set_dialect(unknown_tag=form)

    with pytest.raises(WinCCTagNotFoundError) as many:
        client.read_tags(names)
    with pytest.raises(WinCCTagNotFoundError) as one:
        client.read_tag("T.Typo")

    assert set(many.value.errors) == set(one.value.errors) == {"T.Typo"}
    assert len(many.value.values) == len(names) - 1


@pytest.mark.parametrize("quality", ["text", "int", "hex"])
@pytest.mark.parametrize("envelope", ["bare", "wrapped"])
@pytest.mark.parametrize("key_case", ["lower", "camel"])
@pytest.mark.parametrize("value_typing", ["text", "json"])
@pytest.mark.parametrize("timestamps", ["z", "offset", "no_zone", "no_fraction", "seven_digits"])
def test_every_dialect_gives_the_same_reading(
    station: Simulator,
    client: WinCCClient,
    quality: str,
    envelope: str,
    key_case: str,
    value_typing: str,
    timestamps: str,
) -> None:
    station.set_dialect(
        quality=quality, envelope=envelope, key_case=key_case, value_typing=value_typing, timestamps=timestamps
    )
    station.set("T.A", 71.25, quality=0x4D)

    one, many = client.read_tag("T.A"), client.read_tags(["T.A"])["T.A"]

    moment = station.get("T.A").timestamp
    assert one == many
    assert (one.value, one.quality.code, one.quality.limit) == (71.25, 0x4D, "low")
    assert one.timestamp is not None
    assert abs(one.timestamp - moment).total_seconds() < 1


def test_a_user_without_rights_gets_a_permission_error(open_client: Callable[..., WinCCClient]) -> None:
    with pytest.raises(WinCCPermissionError):
        open_client("guest").read_tag("T.A")


def test_a_user_who_may_only_read_reads(open_client: Callable[..., WinCCClient]) -> None:
    assert open_client("viewer").read_tag("T.A").value == 1.0
