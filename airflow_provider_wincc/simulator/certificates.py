"""The certificate authority of the simulated station, made anew at each start or kept in a folder."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme

_EVERYWHERE = {"0.0.0.0", "::"}  # nosec B104 # noqa: S104 - recognised here, not bound


class Authority:
    """A CA with a certificate for the station, in a folder of its own that only its owner can read.

    :param host: what the station listens on; it is put into the certificate.
    :param hostname: make the certificate for this name alone.
    :param folder: keep the CA here, and use the one that is here already; the station's certificate is new each time.
    :raises ValueError: when the CA in the folder is damaged.
    """

    def __init__(self, host: str, hostname: str | None = None, *, folder: Path | None = None) -> None:
        self._temporary = TemporaryDirectory(prefix="wincc-simulator-") if folder is None else None
        self._folder = Path(self._temporary.name) if self._temporary is not None else Path(folder or "")
        self._clients = 0
        self.ca_file = self._path("ca.pem")
        self._authority = self._made() if folder is None else self._kept()
        self.certificate_file, self.key_file = self._issue("station", *_names(host, hostname))

    def issue_client_certificate(self) -> tuple[str, str]:
        """Issue a certificate for a client; returns the paths of certificate and key."""
        self._clients += 1
        return self._issue(f"client-{self._clients}", f"client-{self._clients}.example")

    def close(self) -> None:
        """Remove the folder with all its files, unless it is one to keep."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def _made(self) -> trustme.CA:
        authority = trustme.CA(organization_name="WinCC simulator")
        authority.cert_pem.write_to_path(self.ca_file)
        return authority

    def _kept(self) -> trustme.CA:
        certificate, key = Path(self.ca_file), Path(self._path("ca.key"))
        if certificate.exists() and key.exists():
            return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
        authority = self._made()
        self._write_key(authority.private_key_pem, str(key))
        return authority

    def _issue(self, stem: str, *names: str) -> tuple[str, str]:
        certificate = self._authority.issue_cert(*names)
        certificate_file, key_file = self._path(f"{stem}.pem"), self._path(f"{stem}.key")
        self._write_key(certificate.private_key_pem, key_file)
        for place, blob in enumerate(certificate.cert_chain_pems):
            blob.write_to_path(certificate_file, append=place > 0)
        return certificate_file, key_file

    def _write_key(self, key: trustme.Blob, path: str) -> None:
        Path(path).touch(mode=0o600)
        key.write_to_path(path)

    def _path(self, name: str) -> str:
        return str(self._folder / name)


def _names(host: str, hostname: str | None) -> tuple[str, ...]:
    if hostname is not None:
        return (hostname,)
    own = socket.gethostname() if host in _EVERYWHERE else host
    # A machine may have a name that no certificate can carry, such as one with an underscore.
    fitting = (own,) if re.fullmatch(r"[A-Za-z0-9.:-]+", own) else ()
    return tuple(dict.fromkeys(("localhost", "127.0.0.1", "::1", *fitting)))
