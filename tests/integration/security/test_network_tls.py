"""TLS with every fault: in each way of reading and waiting the same error, which names the fault and its remedy."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from certificate_kit import CertificateKit
from connect_proxy import ConnectProxy
from tls_front import TlsFront, client_certificate_required, only_tls_1_1, only_tls_1_2
from wait_modes import PASSWORD, WAYS, Ending, Target, ending, error_of_client

from airflow_provider_wincc.client import (
    WinCCClient,
    WinCCError,
    WinCCTLSError,
    WinCCWriteOutcomeUnknownError,
)
from airflow_provider_wincc.client.check import Step, check_station

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator

Prepare = Callable[[ssl.SSLContext], None]


@dataclass(frozen=True)
class Gateway:
    """A gateway in front of the station, and a connection to it.

    :param certificate: of the gateway.
    :param prepare: its TLS versions, and whether it asks for a certificate.
    :param verify: the connection's; the CA of the plant when left out.
    :param client: our certificate.
    :param says: what the message has, as a regular expression.
    :param says_behind_proxy: the same where nobody can look at the certificate once more; like ``says`` when left out.
    :param advises: what the hint has.
    """

    certificate: Callable[[CertificateKit], str] = CertificateKit.good
    prepare: Callable[[CertificateKit], Prepare] = field(default=lambda _: lambda _: None)
    verify: Callable[[CertificateKit], Any] = field(default=lambda kit: kit.plant_ca)
    client: Callable[[CertificateKit], str] | None = None
    says: str = ""
    says_behind_proxy: str = ""
    advises: str = ""

    def told(self, target: Target) -> str:
        return self.says_behind_proxy or self.says if "proxy" in target.extra else self.says

    def open(self, kit: CertificateKit, port: int) -> TlsFront:
        return TlsFront(port, self.certificate(kit), prepare=self.prepare(kit))

    def target(self, kit: CertificateKit, url: str, password: str, proxy: str | None = None) -> Target:
        extra = {"verify": self.verify(kit)}
        if proxy is not None:
            extra["proxy"] = proxy
        if self.client is not None:
            extra["client_cert"] = self.client(kit)
        return Target(url, extra, password)


def both(*preparations: Prepare) -> Prepare:
    def prepare(context: ssl.SSLContext) -> None:
        for each in preparations:
            each(context)

    return prepare


def of_plant(kit: CertificateKit) -> Prepare:
    return client_certificate_required(kit.plant_ca)


REFUSED = {
    "CA not named": Gateway(
        verify=lambda _: True,
        says=r"not trusted: its issuer is not in the CAs of the Python package certifi",
        advises="'verify'",
    ),
    "another CA named": Gateway(
        verify=lambda kit: kit.stranger_ca,
        says=r"not trusted: its issuer is not in the CA file '.*stranger-ca\.pem'",
        advises="'verify'",
    ),
    "another host": Gateway(
        certificate=CertificateKit.for_another_host,
        says=r"it is for 'wincc01\.plant\.example', 'wincc01', not for '127\.0\.0\.1'",
        says_behind_proxy=r"is not trusted: it is not for '127\.0\.0\.1'",
        advises="host name that stands in its certificate",
    ),
    "expired": Gateway(
        certificate=CertificateKit.expired,
        says=r"certificate has expired on 2024-03-01 12:30 UTC",
        says_behind_proxy=r"The station's certificate has expired\.",
        advises="renewed",
    ),
    "not yet valid": Gateway(
        certificate=CertificateKit.not_yet_valid,
        says=r"not yet valid: it begins on 2098-05-04 06:00 UTC",
        says_behind_proxy=r"The station's certificate, or one of its CA, is not yet valid\.",
        advises="clock",
    ),
    "self-signed": Gateway(
        certificate=CertificateKit.self_signed,
        says=r"it is self-signed, and it is not in the CA file '.*plant-ca\.pem'",
        advises="fingerprint",
    ),
    "client certificate missing": Gateway(
        prepare=lambda kit: both(of_plant(kit), only_tls_1_2),
        says=r"TLS with the station failed: .*HANDSHAKE_FAILURE",
        advises="'client_cert'",
    ),
    "client certificate of another CA": Gateway(
        prepare=lambda kit: both(of_plant(kit), only_tls_1_2),
        client=CertificateKit.for_client_of_stranger,
        says=r"TLS with the station failed: .*UNKNOWN_CA",
        advises="of a CA that the station trusts",
    ),
    "TLS 1.1": Gateway(
        prepare=lambda _: only_tls_1_1,
        says=r"TLS with the station failed: .*PROTOCOL",
        advises="TLS 1.2",
    ),
}
ACCEPTED = {
    "CA named": Gateway(),
    "self-signed and named": Gateway(certificate=CertificateKit.self_signed, verify=lambda kit: kit.self_signed()),
    "client certificate": Gateway(prepare=of_plant, client=CertificateKit.for_client),
    "client certificate, TLS 1.2": Gateway(
        prepare=lambda kit: both(of_plant(kit), only_tls_1_2), client=CertificateKit.for_client
    ),
    "TLS 1.2": Gateway(prepare=lambda _: only_tls_1_2),
}


@pytest.fixture(params=["straight", "through a proxy with a login"])
def proxy(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """URL of the proxy between us and the gateway; None for no proxy."""
    if request.param == "straight":
        yield None
        return
    with ConnectProxy(login="anna:way-9") as proxy:
        yield proxy.url.replace("://", "://anna:way-9@")
        assert proxy.targets


@pytest.fixture
def behind(
    kit: CertificateKit,
    plain_station: Simulator,
    fronts: list[TlsFront],
    proxy: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Gateway], Target]:
    """Put a gateway in front of the station, define the Airflow connection to it; return what it connects to."""
    plain_station.clear_requests()

    def stand(gateway: Gateway) -> Target:
        fronts.append(gateway.open(kit, plain_station.port))
        target = gateway.target(kit, fronts[-1].url, plain_station.users["engineer"].password, proxy)
        target.connect(monkeypatch)
        return target

    return stand


@pytest.mark.parametrize("case", REFUSED)
def test_the_error_names_the_fault_and_the_remedy(behind: Callable[[Gateway], Target], case: str) -> None:
    gateway = REFUSED[case]
    target = behind(gateway)

    error = error_of_client(target)

    assert type(error) is WinCCTLSError
    assert re.search(gateway.told(target), error.message)
    assert gateway.advises in error.hint
    assert not error.retryable


@pytest.mark.parametrize("case", REFUSED)
def test_every_way_of_waiting_ends_with_the_error_of_the_client_and_sends_nothing(
    behind: Callable[[Gateway], Target], plain_station: Simulator, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    target = behind(REFUSED[case])
    expected = Ending("failed", str(error_of_client(target)))

    endings = {way: ending(way, target) for way in WAYS}

    assert endings == dict.fromkeys(WAYS, expected)
    assert plain_station.requests == []
    assert target.password not in caplog.text + expected.text


@pytest.mark.parametrize("case", REFUSED)
def test_a_write_is_refused_before_it_is_sent(
    behind: Callable[[Gateway], Target], plain_station: Simulator, case: str
) -> None:
    with WinCCClient(behind(REFUSED[case]).settings()) as client, pytest.raises(WinCCError) as caught:
        client.write_tag("Tank1.Setpoint", 50.0)

    assert plain_station.requests == []
    # Of an alert nobody knows here when it was sent; the station's own word that it took nothing is not proof enough.
    is_alert = "ALERT" in str(caught.value)
    assert isinstance(caught.value, WinCCWriteOutcomeUnknownError if is_alert else WinCCTLSError)


@pytest.mark.parametrize("case", REFUSED)
def test_a_check_of_the_station_stops_at_tls(behind: Callable[[Gateway], Target], case: str) -> None:
    target = behind(REFUSED[case])

    check = check_station(target.settings())

    assert check.failed is Step.TLS
    assert re.search(REFUSED[case].told(target), str(check))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_in_order_is_read_in_every_way(
    behind: Callable[[Gateway], Target], plain_station: Simulator, case: str, way: str
) -> None:
    target = behind(ACCEPTED[case])

    assert ending(way, target) == Ending("read")
    assert plain_station.requests[-1].status == 200


def test_tls_1_3_is_used_where_both_speak_it_and_1_2_otherwise(
    behind: Callable[[Gateway], Target], fronts: list[TlsFront]
) -> None:
    for case in ("CA named", "TLS 1.2"):
        with WinCCClient(behind(ACCEPTED[case]).settings()) as client:
            client.read_tags(["Tank1.Level"])

    assert [front.tls_versions for front in fronts] == [["TLSv1.3"], ["TLSv1.2"]]


@pytest.mark.parametrize("way", WAYS)
def test_a_station_that_asks_for_a_certificate_after_the_handshake_of_tls_1_3_names_the_option(
    behind: Callable[[Gateway], Target], plain_station: Simulator, way: str
) -> None:
    target = behind(Gateway(prepare=of_plant))

    ended = ending(way, target)

    assert "'client_cert'" in ended.text
    assert plain_station.requests == []


@pytest.mark.parametrize("proxy", ["straight"], indirect=True)
@pytest.mark.parametrize("wrong", ["missing", "without key"])
def test_a_client_certificate_that_cannot_be_used_is_an_error_before_anything_is_sent(
    behind: Callable[[Gateway], Target], kit: CertificateKit, fronts: list[TlsFront], monkeypatch: Any, wrong: str
) -> None:
    target = behind(ACCEPTED["client certificate"])
    file = kit.plant_ca if wrong == "without key" else "/etc/ssl/vanished.pem"
    target = Target(target.url, {**target.extra, "client_cert": file}, target.password)
    target.connect(monkeypatch)

    texts = {ending(way, target).text for way in WAYS}

    assert len(texts) == 1
    assert file in texts.pop()
    assert fronts[-1].tls_versions == []


def test_a_password_of_the_station_is_in_no_error(behind: Callable[[Gateway], Target]) -> None:
    target = behind(REFUSED["expired"])

    text = str(error_of_client(Target(target.url.replace("://", f"://engineer:{PASSWORD}@"), target.extra, "")))

    assert PASSWORD not in text
