"""The certificate authority of the simulated station, made anew at each start."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme

_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - recognised here, not bound


class Authority:
    """A CA with a certificate for the station, in a folder of its own that only its owner can read.

    :param host: what the station listens on; it is put into the certificate.
    :param hostname: make the certificate for this name alone.
    """

    def __init__(self, host: str, hostname: str | None = None) -> None:
        self._folder = TemporaryDirectory(prefix="wincc-simulator-")
        self._authority = trustme.CA(organization_name="WinCC simulator")
        self._clients = 0
        self.ca_file = self._path("ca.pem")
        self._authority.cert_pem.write_to_path(self.ca_file)
        self.certificate_file, self.key_file = self._issue("station", *_names(host, hostname))

    def issue_client_certificate(self) -> tuple[str, str]:
        """Issue a certificate for a client; returns the paths of certificate and key."""
        self._clients += 1
        return self._issue(f"client-{self._clients}", f"client-{self._clients}.example")

    def close(self) -> None:
        """Remove the folder with all its files."""
        self._folder.cleanup()

    def _issue(self, stem: str, *names: str) -> tuple[str, str]:
        certificate = self._authority.issue_cert(*names)
        certificate_file, key_file = self._path(f"{stem}.pem"), self._path(f"{stem}.key")
        certificate.private_key_pem.write_to_path(key_file)
        for place, blob in enumerate(certificate.cert_chain_pems):
            blob.write_to_path(certificate_file, append=place > 0)
        return certificate_file, key_file

    def _path(self, name: str) -> str:
        return str(Path(self._folder.name) / name)


def _names(host: str, hostname: str | None) -> tuple[str, ...]:
    if hostname is not None:
        return (hostname,)
    own = socket.gethostname() if host in _EVERYWHERE else host
    # A machine may have a name that no certificate can carry, such as one with an underscore.
    fitting = (own,) if re.fullmatch(r"[A-Za-z0-9.:-]+", own) else ()
    return tuple(dict.fromkeys(("localhost", "127.0.0.1", "::1", *fitting)))
