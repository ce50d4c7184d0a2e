"""Keeps the secrets of a connection out of messages."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from airflow_provider_wincc.client.settings import StationSettings

_SHOWN_INSTEAD = "***"


def secrets_of(settings: StationSettings) -> tuple[str, ...]:
    """Return every form in which a secret of the settings could come back in a text, longest first."""
    plain = {settings.password, settings.bearer_token, *_proxy_passwords(settings.proxy)} - {None, ""}
    forms = {form for secret in plain if secret for form in (secret, quote(secret, safe=""))}
    if settings.username and settings.password:
        login = f"{settings.username}:{settings.password}".encode()
        forms.add(base64.b64encode(login).decode())
    return tuple(sorted(forms, key=len, reverse=True))


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """Return the text with every secret replaced by ``***``."""
    for secret in secrets:
        text = text.replace(secret, _SHOWN_INSTEAD)
    return text


def without_login(url: str) -> str:
    """Return a URL as ``scheme://host:port``, without user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _proxy_passwords(proxy: str | Mapping[str, str] | None) -> set[str]:
    urls = proxy.values() if isinstance(proxy, Mapping) else [proxy or ""]
    return {unquote(password) for url in urls if (password := urlsplit(url).password)}
