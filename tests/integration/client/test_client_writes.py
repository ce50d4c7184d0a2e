"""Writes over real HTTPS: each is sent once, and the error tells whether it took effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.client import (
    WinCCAuthenticationError,
    WinCCConnectionError,
    WinCCError,
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCResponseError,
    WinCCServiceUnavailableError,
    WinCCTagError,
    WinCCTagNotFoundError,
    WinCCTLSError,
    WinCCWriteOutcomeUnknownError,
    WinCCWriteRefusedError,
)
from airflow_provider_wincc.client import transport as transport_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.simulator import Simulator


def puts(station: Simulator) -> int:
    return sum(request.method == "PUT" for request in station.requests)


FAULTS = [
    ("drop_before", WinCCWriteOutcomeUnknownError, 1.0),
    ("drop_after", WinCCWriteOutcomeUnknownError, 9.0),
    ("stall", WinCCWriteOutcomeUnknownError, 1.0),
    ("server_error", WinCCWriteOutcomeUnknownError, 1.0),
    ("bad_gateway", WinCCWriteOutcomeUnknownError, 1.0),
    ("gateway_timeout", WinCCWriteOutcomeUnknownError, 1.0),
    ("empty_body", WinCCWriteOutcomeUnknownError, 9.0),
    ("html_body", WinCCWriteOutcomeUnknownError, 9.0),
    ("garbage", WinCCWriteOutcomeUnknownError, 9.0),
    ("unavailable", WinCCServiceUnavailableError, 1.0),
    ("unauthorized", WinCCAuthenticationError, 1.0),
    ("forbidden", WinCCPermissionError, 1.0),
    ("not_found", WinCCTagNotFoundError, 1.0),
    ("too_large", WinCCResponseError, 1.0),
]


@pytest.mark.parametrize(("fault", "kind", "value_after"), FAULTS)
@pytest.mark.parametrize("way", ["one", "many"])
@pytest.mark.parametrize("connection", ["new", "reused"])
def test_a_write_is_sent_once_and_its_error_tells_whether_it_may_have_taken_effect(
    station: Simulator,
    open_client: Callable[..., WinCCClient],
    fault: str,
    kind: type[WinCCError],
    value_after: float,
    way: str,
    connection: str,
) -> None:
    client = open_client(**({"read_timeout": 1} if fault == "stall" else {}))
    if connection == "reused":
        client.read_tag("T.A")
    station.fail_next(fault, 5, method="PUT")

    with pytest.raises(kind) as caught:
        client.write_tag("T.A", 9.0) if way == "one" else client.write_tags({"T.A": 9.0})

    error = caught.value
    assert type(error) is kind
    assert puts(station) == 1
    assert station.get("T.A").value == value_after
    assert (error.method, error.station) == ("PUT", station.url)
    assert getattr(error, "unknown", ()) == (("T.A",) if kind is WinCCWriteOutcomeUnknownError else ())


def test_a_write_in_doubt_tells_to_read_back(station: Simulator, client: WinCCClient) -> None:
    station.fail_next("drop_after", method="PUT")

    with pytest.raises(WinCCWriteOutcomeUnknownError) as caught:
        client.write_tags({"T.A": 9.0})

    assert "may or may not have taken" in caught.value.message
    assert "'T.A'" in caught.value.message
    assert "Read the tags back" in caught.value.hint
    assert isinstance(caught.value.__cause__, WinCCConnectionError)


def test_a_write_made_while_another_error_is_handled_is_judged_by_itself(
    station: Simulator, client: WinCCClient, open_client: Callable[..., WinCCClient]
) -> None:
    away = open_client(proxy="http://127.0.0.1:1")
    station.fail_next("drop_after", method="PUT")

    try:
        away.check_login()
    except WinCCConnectionError:
        with pytest.raises(WinCCWriteOutcomeUnknownError):
            client.write_tags({"T.A": 9.0})

    assert station.get("T.A").value == 9.0


def test_a_write_after_a_pause_does_not_use_a_connection_that_may_be_dropped(
    station: Simulator, client: WinCCClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.read_tag("T.A")
    now = transport_module.time.monotonic()
    monkeypatch.setattr(transport_module.time, "monotonic", lambda: now + 3)

    client.write_tag("T.A", 9.0)

    assert len({request.connection for request in station.requests}) == 2


def test_a_write_that_cannot_be_sent_is_not_in_doubt(
    station: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    with pytest.raises(WinCCTLSError):
        open_client(verify=True).write_tags({"T.A": 9.0})
    with pytest.raises(WinCCConnectionError):
        open_client(proxy="http://127.0.0.1:1").write_tags({"T.A": 9.0})

    assert puts(station) == 0


def test_writes_take_effect_and_are_confirmed_by_name(station: Simulator, client: WinCCClient) -> None:
    assert client.write_tags({"T.A": 5.5, "T.B": "6.5"}) == ("T.A", "T.B")

    assert (station.get("T.A").value, station.get("T.B").value) == (5.5, 6.5)
    assert puts(station) == 1


def test_a_refused_item_leaves_the_others_written(station: Simulator, client: WinCCClient) -> None:
    with pytest.raises(WinCCTagError) as caught:
        client.write_tags({"T.A": 5.0, "T.B": "full", "T.Typo": 1})

    assert caught.value.written == ("T.A",)
    assert set(caught.value.errors) == {"T.B", "T.Typo"}
    assert station.get("T.A").value == 5.0


@pytest.mark.parametrize("form", ["error", "error_code", "not_found_json", "not_found_html"])
@pytest.mark.parametrize("way", ["one", "many"])
def test_the_write_of_an_unknown_tag_is_the_same_error_in_every_dialect_that_says_so(
    station: Simulator, client: WinCCClient, form: str, way: str
) -> None:
    station.set_dialect(unknown_tag=form)

    with pytest.raises(WinCCTagNotFoundError) as caught:
        client.write_tag("T.Typo", 1) if way == "one" else client.write_tags({"T.Typo": 1})

    assert isinstance(caught.value, WinCCNotFoundError)
    assert set(caught.value.errors) == {"T.Typo"}


@pytest.mark.parametrize("form", ["missing", "empty"])
def test_a_write_that_the_station_is_silent_about_is_in_doubt(
    station: Simulator, client: WinCCClient, form: str
) -> None:
    station.set_dialect(unknown_tag=form)

    with pytest.raises(WinCCWriteOutcomeUnknownError) as caught:
        client.write_tags({"T.A": 5.0, "T.Typo": 1})

    assert (caught.value.written, caught.value.unknown) == (("T.A",), ("T.Typo",))


def test_several_batches_stop_at_the_first_that_is_in_doubt(
    station: Simulator, open_client: Callable[..., WinCCClient]
) -> None:
    client = open_client(batch_size=1)
    station.fail_next("drop_after", path="/tagManagement/Values")
    station.set("T.C", 3.0)

    with pytest.raises(WinCCWriteOutcomeUnknownError) as caught:
        client.write_tags({"T.A": 5.0, "T.B": 5.0, "T.C": 5.0})

    assert (caught.value.unknown, caught.value.not_sent) == (("T.A",), ("T.B", "T.C"))
    assert puts(station) == 1


def test_nothing_is_sent_when_the_policy_says_no(station: Simulator, open_client: Callable[..., WinCCClient]) -> None:
    clients = [
        open_client(read_only=True),
        open_client(writable_tags=["T.B"]),
        open_client(tag_limits={"t.a": [0, 5]}),
    ]

    for client in clients:
        with pytest.raises(WinCCWriteRefusedError):
            client.write_tags({"T.A": 9.0, "T.B": 1.0})
        with pytest.raises(WinCCWriteRefusedError):
            client.write_tag("T.A", 9.0)

    assert puts(station) == 0
    assert station.get("T.A").value == 1.0


def test_a_user_who_may_only_read_cannot_write(station: Simulator, open_client: Callable[..., WinCCClient]) -> None:
    with pytest.raises(WinCCPermissionError) as caught:
        open_client("viewer").write_tags({"T.A": 9.0})

    assert "remote read (or write) permission" in caught.value.hint
    assert puts(station) == 1
