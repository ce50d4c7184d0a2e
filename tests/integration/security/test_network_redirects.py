"""Redirects: nothing is sent to where they point, in whichever way is read, waited or written."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
from client_operations import OPERATIONS, WRITES
from hostile_server import HostileServer, with_status
from wait_modes import WAYS, Target, ending

from airflow_provider_wincc.client import WinCCClient, WinCCError, WinCCResponseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from certificate_kit import CertificateKit

PASSWORD = "Kiln-7-secret"
STATUSES = ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
SECRETS = "session=hidden-1"
# By where they point, seen from https://127.0.0.1.
TARGETS = {
    "another port": "https://127.0.0.1:{secured}/WinCCRestService",
    "another host": "https://localhost:{secured}/WinCCRestService",
    "plain http": "http://127.0.0.1:{plain}/WinCCRestService",
    "plain http of another host": "http://localhost:{plain}/WinCCRestService",
    "without a scheme": "//localhost:{secured}/WinCCRestService",
}


@pytest.fixture
def tls(kit: CertificateKit) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kit.good())
    return context


@pytest.fixture
def elsewhere(tls: ssl.SSLContext) -> Iterator[dict[str, HostileServer]]:
    """Two servers that a redirect may point to; they would answer like a station."""
    with HostileServer(b"") as plain, HostileServer(b"", tls=tls) as secured:
        yield {"plain": plain, "secured": secured}


def location(case: str, elsewhere: dict[str, HostileServer], *, secrets: str = "") -> str:
    target = TARGETS[case].format(**{name: server.port for name, server in elsewhere.items()})
    scheme, _, rest = target.partition("//")
    return f"{scheme}//engineer:hidden-0@{rest}?{secrets}#{secrets}" if secrets else target


def redirecting(status: str, where: str, tls: ssl.SSLContext | None) -> HostileServer:
    return HostileServer(with_status(status, b"<a href='/'>moved</a>", f"Location: {where}"), tls=tls)


@pytest.mark.parametrize("case", TARGETS)
@pytest.mark.parametrize("status", STATUSES)
def test_no_way_of_waiting_follows_a_redirect(
    kit: CertificateKit,
    tls: ssl.SSLContext,
    elsewhere: dict[str, HostileServer],
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    case: str,
) -> None:
    with redirecting(status, location(case, elsewhere), tls) as station:
        target = Target(station.url, {"verify": kit.plant_ca}, PASSWORD)
        target.connect(monkeypatch)

        endings = {ending(way, target) for way in WAYS}

    assert len(endings) == 1
    (ended,) = endings
    assert ended.kind == "failed"
    assert status.split(maxsplit=1)[0] in ended.text
    assert TARGETS[case].split("{")[0] in ended.text
    assert [server.connections for server in elsewhere.values()] == [0, 0]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", STATUSES)
def test_no_operation_follows_a_redirect(
    kit: CertificateKit, tls: ssl.SSLContext, elsewhere: dict[str, HostileServer], status: str, operation: str
) -> None:
    with redirecting(status, location("plain http", elsewhere), tls) as station:
        settings = Target(station.url, {"verify": kit.plant_ca}, PASSWORD).settings()
        with WinCCClient(settings) as client, pytest.raises(WinCCError):
            OPERATIONS[operation](client)

    assert [server.connections for server in elsewhere.values()] == [0, 0]


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("status", STATUSES)
def test_a_redirected_write_is_not_written_and_says_so(
    kit: CertificateKit, tls: ssl.SSLContext, elsewhere: dict[str, HostileServer], status: str, operation: str
) -> None:
    with redirecting(status, location("another port", elsewhere), tls) as station:
        settings = Target(station.url, {"verify": kit.plant_ca}, PASSWORD).settings()
        with WinCCClient(settings) as client, pytest.raises(WinCCResponseError) as caught:
            WRITES[operation](client)

    assert not caught.value.retryable
    assert len(station.requests) == 1
    assert [server.connections for server in elsewhere.values()] == [0, 0]


@pytest.mark.parametrize("case", TARGETS)
def test_the_error_says_where_it_points_without_login_query_and_fragment(
    kit: CertificateKit, tls: ssl.SSLContext, elsewhere: dict[str, HostileServer], case: str
) -> None:
    with redirecting(STATUSES[1], location(case, elsewhere, secrets=SECRETS), tls) as station:
        settings = Target(station.url, {"verify": kit.plant_ca}, PASSWORD).settings()
        with WinCCClient(settings) as client, pytest.raises(WinCCResponseError) as caught:
            client.read_tags(["Tank1.Level"])

    assert repr(location(case, elsewhere)) in caught.value.hint
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("where", ["", "relative/path", "https://[", "https://a:b@c:d@e/", "javascript:x", "\x00"])
def test_a_redirect_to_nowhere_is_an_error_like_any_other(where: str) -> None:
    with redirecting(STATUSES[1], where, None) as station:
        settings = Target(station.url, {}, PASSWORD).settings()
        with WinCCClient(settings) as client, pytest.raises(WinCCResponseError, match="302"):
            client.read_tags(["Tank1.Level"])
