"""Which proxy stands between us and the station, and how to name it without its login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.utils import get_environ_proxies, select_proxy

if TYPE_CHECKING:
    from airflow_provider_wincc.client.settings import StationSettings


def proxies_of(settings: StationSettings) -> dict[str, str]:
    """Return the proxies to the station by scheme, as requests has them; empty for none."""
    if settings.proxy is None:
        return dict(get_environ_proxies(settings.address.url))
    if isinstance(settings.proxy, str):
        return {} if settings.proxy.strip().lower() == "none" else {"all": settings.proxy.strip()}
    return {scheme: url for scheme, url in settings.proxy.items() if url.strip().lower() != "none"}


def proxy_of(settings: StationSettings) -> str | None:
    """Return the URL of the one proxy that requests to the station go through, with its login; None for none."""
    return select_proxy(settings.address.url, proxies_of(settings))


def without_login(url: str) -> str:
    """Return a proxy's URL as ``scheme://host:port``, without user and password."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        scheme, rest = "http", url
    return f"{scheme}://{rest.rpartition('@')[2].partition('/')[0]}"


def login_in(url: str) -> tuple[str, str]:
    """Return user and password of a proxy's URL as they stand in it, percent-encoded; empty where it has none."""
    rest = url.partition("://")[2] or url
    user, _, password = rest.rpartition("@")[0].partition(":")
    return user, password
