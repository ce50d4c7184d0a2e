"""Options of a connection that are for Airflow: the client of a station knows nothing of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.options import is_set, read_bool
from airflow_provider_wincc.client.settings import OPTION_NAMES, refuse_slips

if TYPE_CHECKING:
    from collections.abc import Mapping

AIRFLOW_OPTION_NAMES = frozenset({"allow_deferrable", "web_page"})
"""The names of these options in a connection's extra."""
_MEANT = {"allow_deferrable": ("deferrable", "defer", "allow_defer", "allow_deferral")}


def read_allow_deferrable(extra: Mapping[str, Any]) -> bool:
    """Read whether tasks of the connection may leave their waiting to a triggerer; they may when nothing is said.

    :raises WinCCConfigurationError: when it is neither true nor false, or looks like a slip of the option's name.
    """
    refuse_slips([name for name in extra if name not in OPTION_NAMES], AIRFLOW_OPTION_NAMES, _MEANT)
    given = extra.get("allow_deferrable")
    return read_bool("allow_deferrable", given) if is_set(given) else True


def read_web_page(extra: Mapping[str, Any]) -> str | None:
    """Read the address of the station's page for people: https or http, without a login; None when nothing is said.

    :raises WinCCConfigurationError: when it is none; the error does not quote it, since it may hold a password.
    """
    given = extra.get("web_page")
    if not is_set(given):
        return None
    address = given.strip() if isinstance(given, str) else ""
    if not _is_web_page(address):
        raise WinCCConfigurationError(
            "The connection's extra 'web_page' cannot be read.",
            hint="Expected an address such as 'https://wincc01.plant.example/WebUX', without user name and password: "
            "everybody who may look at a task sees it. An '@' is written %40.",
        )
    return address


def _is_web_page(address: str) -> bool:
    # Browsers take a backslash for a slash, and would go to another host than the one that Python sees.
    if "@" in address or "\\" in address or " " in address or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
