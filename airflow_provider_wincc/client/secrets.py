"""Keeps the secrets of a connection out of messages."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote

from airflow_provider_wincc.client.proxies import login_in, proxies_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.client.settings import StationSettings

_SHOWN_INSTEAD = "***"


def secrets_of(settings: StationSettings) -> tuple[str, ...]:
    """Return every form in which a secret of the settings could come back in a text, longest first.

    The proxies of the environment count as settings.
    """
    forms: set[str] = set()
    for secret in _plain_secrets(settings):
        forms.update(_forms(secret))
    return tuple(sorted(forms, key=len, reverse=True))


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """Return the text with every secret replaced by ``***``."""
    for secret in secrets:
        text = text.replace(secret, _SHOWN_INSTEAD)
    return text


def _plain_secrets(settings: StationSettings) -> Iterator[str]:
    if settings.bearer_token:
        yield settings.bearer_token
    if settings.password:
        yield settings.password
        yield _basic(settings.username or "", settings.password)
    for url in proxies_of(settings).values():
        user, password = login_in(url)
        if password:
            yield password
            yield unquote(password)
            yield _basic(unquote(user), unquote(password))


def _basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode(errors="surrogatepass")).decode()


def _forms(secret: str) -> Iterator[str]:
    quoted = quote(secret, safe="", errors="surrogatepass")
    yield secret
    yield quoted
    yield re.sub("%..", lambda escape: escape[0].lower(), quoted)
    yield quote_plus(secret, errors="surrogatepass")
    yield html.escape(secret)
    for ascii_only in (True, False):
        yield json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
