"""Proxies with every fault: in each way of reading and waiting the same error, without the proxy's password."""

from __future__ import annotations

import base64
import re
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from connect_proxy import ConnectProxy
from hostile_server import HostileServer, Request, Wire
from wait_modes import WAYS, Ending, Target, ending, error_of_client

from airflow_provider_wincc.client import WinCCClient, WinCCConnectionError, WinCCError, WinCCTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from certificate_kit import CertificateKit
    from tls_front import TlsFront

    from airflow_provider_wincc.simulator import Simulator

USER, PROXY_PASSWORD = "anna", "Gate/way#9"
IN_URL = "Gate%2Fway%239"
BASIC = base64.b64encode(f"{USER}:{PROXY_PASSWORD}".encode()).decode()
SECRETS = (PROXY_PASSWORD, IN_URL, BASIC, "Gate")


def with_login(url: str, password: str = IN_URL) -> str:
    return url.replace("://", f"://{USER}:{password}@")


def listening(stack: ExitStack, answer: bytes | Callable[[Request, Wire], None]) -> str:
    return with_login(stack.enter_context(HostileServer(answer)).url)


def wrong_login(stack: ExitStack) -> str:
    proxy = stack.enter_context(ConnectProxy(login=f"{USER}:{PROXY_PASSWORD}"))
    return with_login(proxy.url, "Gate%2Fwrong")


def no_login(stack: ExitStack) -> str:
    return stack.enter_context(ConnectProxy(login=f"{USER}:{PROXY_PASSWORD}")).url


def nobody(_: ExitStack) -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return with_login(f"http://127.0.0.1:{server.getsockname()[1]}")


def refuses_with_an_echo(stack: ExitStack) -> str:
    def answer(request: Request, wire: Wire) -> None:
        shown = re.sub(rb"[\r\n]+", b" ", request.head)
        wire.send(b"HTTP/1.1 403 Forbidden \x1b[31m" + shown + b"\r\n\r\n")

    return listening(stack, answer)


def drips(stack: ExitStack) -> str:
    return listening(stack, lambda _, wire: wire.send_for_ever(b"H", every=0.02))


@dataclass(frozen=True)
class Fault:
    """A proxy that does not do its work.

    :param start: starts it; returns the URL for the connection.
    :param says: what the message has, as a regular expression.
    :param kind: class of the error.
    """

    start: Callable[[ExitStack], str]
    says: str
    kind: type[WinCCError] = WinCCConnectionError


FAULTS = {
    "wrong login": Fault(wrong_login, r"proxy http://127\.0\.0\.1:\d+ .*407"),
    "no login": Fault(no_login, r"proxy http://127\.0\.0\.1:\d+ .*407"),
    "down": Fault(nobody, r"proxy http://127\.0\.0\.1:\d+ .*refused"),
    "closes": Fault(lambda stack: listening(stack, b""), r"proxy http://127\.0\.0\.1:\d+"),
    "refuses and repeats the request": Fault(refuses_with_an_echo, r"proxy http://127\.0\.0\.1:\d+ .*403"),
    "speaks no HTTP": Fault(lambda stack: listening(stack, b"\x00\x01\x02\r\n" * 3), r"proxy http://127\.0\.0\.1:\d+"),
    "endless headers": Fault(
        lambda stack: listening(
            stack,
            lambda _, wire: (wire.send(b"HTTP/1.1 200 OK\r\n"), wire.send_for_ever(b"A: " + b"x" * 5000 + b"\r\n"))[0],
        ),
        r"larger than 1 MB|proxy http://127\.0\.0\.1:\d+\b",
        WinCCError,
    ),
    "byte by byte": Fault(drips, r"not complete within 1 s", WinCCTimeoutError),
}


@pytest.fixture
def secured(
    kit: CertificateKit, plain_station: Simulator, fronts: list[TlsFront], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str | bool | None], Target]:
    """Put TLS in front of the station; return what makes a connection to it through a proxy."""
    from tls_front import TlsFront

    plain_station.clear_requests()
    fronts.append(TlsFront(plain_station.port, kit.good()))

    def through(proxy: str | bool | None) -> Target:
        extra: dict[str, Any] = {"verify": kit.plant_ca, "read_timeout": 0.2, "max_answer_mb": 1}
        if proxy is None or isinstance(proxy, bool):
            extra["read_timeout"] = 10
        if proxy is not None:
            extra["proxy"] = proxy
        target = Target(fronts[0].url, extra, plain_station.users["engineer"].password)
        target.connect(monkeypatch)
        return target

    return through


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def without_port_of_proxy(text: str) -> str:
    return re.sub(r"proxy http://127\.0\.0\.1:\d+", "proxy", text)


@pytest.mark.parametrize("case", FAULTS)
def test_the_error_names_the_proxy_and_the_option_and_no_password(
    secured: Callable[..., Target], stack: ExitStack, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    fault = FAULTS[case]

    error = error_of_client(secured(fault.start(stack)))

    assert isinstance(error, fault.kind)
    assert re.search(fault.says, error.message)
    assert str(error).isprintable()
    assert not any(secret in str(error) + caplog.text for secret in SECRETS)


@pytest.mark.parametrize("case", FAULTS)
def test_every_way_of_waiting_ends_with_the_error_of_the_client(
    secured: Callable[..., Target], plain_station: Simulator, stack: ExitStack, caplog: Any, case: str
) -> None:
    target = secured(FAULTS[case].start(stack))
    expected = Ending("retried", str(error_of_client(target)))

    endings = {way: ending(way, target) for way in WAYS}

    assert endings == dict.fromkeys(WAYS, expected)
    assert plain_station.requests == []
    assert not any(secret in caplog.text for secret in SECRETS)


@pytest.mark.parametrize("case", ["wrong login", "down"])
def test_a_write_that_the_proxy_let_not_through_is_certainly_not_written(
    secured: Callable[..., Target], plain_station: Simulator, stack: ExitStack, case: str
) -> None:
    with (
        WinCCClient(secured(FAULTS[case].start(stack)).settings()) as client,
        pytest.raises(WinCCConnectionError, match="proxy"),
    ):
        client.write_tag("Tank1.Setpoint", 50.0)

    assert plain_station.requests == []


@pytest.mark.parametrize("way", WAYS)
def test_a_proxy_with_the_right_login_is_gone_through_in_every_way(
    secured: Callable[..., Target], fronts: list[TlsFront], stack: ExitStack, way: str
) -> None:
    proxy = stack.enter_context(ConnectProxy(login=f"{USER}:{PROXY_PASSWORD}"))
    target = secured(None)
    target = Target(target.url, {**target.extra, "proxy": with_login(proxy.url)}, target.password)

    with pytest.MonkeyPatch.context() as patch:
        target.connect(patch)
        ended = ending(way, target)

    assert ended == Ending("read")
    assert proxy.targets
    assert set(proxy.targets) == {fronts[0].url.removeprefix("https://")}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("exempt", ["connection", "NO_PROXY"])
def test_a_proxy_of_the_environment_is_not_used_where_it_is_switched_off(
    secured: Callable[..., Target], monkeypatch: pytest.MonkeyPatch, stack: ExitStack, exempt: str, way: str
) -> None:
    proxy = stack.enter_context(ConnectProxy())
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    if exempt == "NO_PROXY":
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert ending(way, secured(False if exempt == "connection" else None)) == Ending("read")
    assert proxy.targets == []


@pytest.mark.parametrize("way", WAYS)
def test_a_proxy_of_the_environment_is_used_in_every_way_where_nothing_is_said(
    secured: Callable[..., Target], monkeypatch: pytest.MonkeyPatch, stack: ExitStack, way: str
) -> None:
    proxy = stack.enter_context(ConnectProxy())
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)

    assert ending(way, secured(None)) == Ending("read")
    assert len(proxy.targets) >= 1
