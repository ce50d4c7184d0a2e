"""Certificates with every fault that one can have."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HERE = "127.0.0.1"
EXPIRED_ON = datetime(2024, 3, 1, 12, 30, tzinfo=UTC)
BEGINS_ON = datetime(2098, 5, 4, 6, 0, tzinfo=UTC)


class CertificateKit:
    """Issues certificates into files of a folder, each as the path of a PEM file with certificate and key in it.

    ``plant_ca`` and ``stranger_ca`` are the paths of two CAs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._plant = trustme.CA(organization_name="Plant")
        self._stranger = trustme.CA(organization_name="Stranger")
        self.plant_ca = self._ca_file("plant-ca", self._plant)
        self.stranger_ca = self._ca_file("stranger-ca", self._stranger)
        self._issued: dict[str, str] = {}

    def good(self) -> str:
        return self._once("good", lambda: self._of_plant(HERE))

    def for_another_host(self) -> str:
        return self._once("another-host", lambda: self._of_plant("wincc01.plant.example", "wincc01"))

    def expired(self) -> str:
        begin = EXPIRED_ON - timedelta(days=365)
        return self._once("expired", lambda: self._of_plant(HERE, not_before=begin, not_after=EXPIRED_ON))

    def not_yet_valid(self) -> str:
        end = BEGINS_ON + timedelta(days=365)
        return self._once("not-yet-valid", lambda: self._of_plant(HERE, not_before=BEGINS_ON, not_after=end))

    def self_signed(self) -> str:
        return self._once("self-signed", _self_signed)

    def for_client(self) -> str:
        return self._once("client", lambda: self._of_plant("airflow.plant.example"))

    def for_client_of_stranger(self) -> str:
        return self._once("stranger", lambda: _pem(self._stranger.issue_cert("airflow.plant.example")))

    def _of_plant(self, *names: str, **dates: datetime) -> bytes:
        return _pem(self._plant.issue_cert(*names, **dates))

    def _ca_file(self, stem: str, authority: trustme.CA) -> str:
        path = self._folder / f"{stem}.pem"
        authority.cert_pem.write_to_path(str(path))
        return str(path)

    def _once(self, stem: str, issue: Callable[[], bytes]) -> str:
        if stem not in self._issued:
            path = self._folder / f"{stem}.pem"
            path.write_bytes(issue())
            self._issued[stem] = str(path)
        return self._issued[stem]


def _pem(certificate: trustme.LeafCert) -> bytes:
    return certificate.private_key_and_cert_chain_pem.bytes()


def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "WinCC")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HERE))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return b"".join(
        [
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            certificate.public_bytes(serialization.Encoding.PEM),
        ]
    )
