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


def redacted_start(text: str, secrets: tuple[str, ...], most: int) -> str:
    """Return the start of a text, about so many characters, in the same way; no half of a secret stands at its end."""
    if len(text) <= most:
        return redact(text, secrets)
    longest = len(secrets[0]) if secrets else 0
    redacted = redact(text[: most + longest], secrets)
    return redacted[: len(redacted) - longest]


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
    yield secret
    for safe in _NOT_QUOTED:
        quoted = quote(secret, safe=safe, errors="surrogatepass")
        yield quoted
        yield re.sub("%..", lambda escape: escape[0].lower(), quoted)
    yield quote_plus(secret, errors="surrogatepass")
    escaped = html.escape(secret)
    yield escaped
    yield escaped.replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    yield html.escape(secret, quote=False)
    for ascii_only in (True, False):
        in_json = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield in_json
        yield in_json.replace("/", "\\/")
        yield re.sub("[<>&]", lambda character: f"\\u{ord(character[0]):04x}", in_json)
    yield base64.b64encode(secret.encode(errors="surrogatepass")).decode()


# What encoders of URLs leave as it is: those of whole values, Python's, and the two of JavaScript.
_NOT_QUOTED = ("", "/", "!'()*", "!'()*;,/?:@&=+$#")
