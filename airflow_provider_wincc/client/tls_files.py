"""The certificate files of a connection, looked at before anything is sent."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from airflow_provider_wincc.client.settings import StationSettings

_OF_THE_ENVIRONMENT = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def certificate_authorities(settings: StationSettings) -> bool | str:
    """Return whom we trust: a file or folder of CAs, True for those of the package certifi, False for everybody.

    :raises WinCCConfigurationError: when the file cannot be used.
    """
    if isinstance(settings.verify, str):
        return _ca_path(settings.verify, where="The connection's extra 'verify'")
    if settings.verify is False:
        return False
    for variable in _OF_THE_ENVIRONMENT:
        bundle = os.environ.get(variable)
        if bundle:
            return _ca_path(bundle, where=f"The environment variable {variable}")
    return True


def client_certificate(settings: StationSettings) -> str | tuple[str, str] | None:
    """Return our own certificate: one file, or one with its key; None for none.

    :raises WinCCConfigurationError: when the files cannot be used.
    """
    certificate, key = settings.client_certificate, settings.client_key
    if certificate is None:
        return None
    for name, file in (("client_cert", certificate), ("client_key", key)):
        if file is not None and not Path(file).is_file():
            raise WinCCConfigurationError(
                f"The connection's extra {name!r} names {file!r}, and there is no such file here.",
                hint="The file must be on the machine that runs the task (or the triggerer).",
            )
    try:
        # The password callback keeps OpenSSL from asking for one on the terminal.
        ssl.create_default_context().load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise WinCCConfigurationError(
            f"The client certificate {certificate!r} and its key cannot be used together: "
            f"{getattr(error, 'strerror', None) or error}.",
            hint="Expected PEM files with a certificate and its unencrypted key, readable by Airflow only.",
        ) from None
    return certificate if key is None else (certificate, key)


def _ca_path(name: str, *, where: str) -> str:
    path = Path(name)
    expected = "Expected true, false or the path of a file with CA certificates in PEM form."
    if path.is_dir():
        return name
    if not path.is_file():
        raise WinCCConfigurationError(
            f"{where} names {name!r}, and there is no such file here.",
            hint=f"{expected} The file must be on the machine that runs the task (or the triggerer).",
        )
    try:
        ssl.create_default_context(cafile=name)
    except (ssl.SSLError, OSError) as error:
        raise WinCCConfigurationError(
            f"{where} names {name!r}, which cannot be read: {error.strerror or error}.", hint=expected
        ) from None
    return name
