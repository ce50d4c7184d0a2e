"""The users of the simulated station and their login."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Role = Literal["full", "read-only", "none"]
_ROLES: dict[str, Role] = {"engineer": "full", "viewer": "read-only", "guest": "none"}


@dataclass(frozen=True, slots=True)
class SimulatedUser:
    """A user of the station.

    :param password: random, new with each station.
    :param role: ``full`` reads and writes, ``read-only`` reads, ``none`` may log in but do nothing.
    """

    password: str = field(repr=False)
    role: Role


def make_users() -> dict[str, SimulatedUser]:
    """Make one user of each role, with a random password."""
    return {name: SimulatedUser(secrets.token_urlsafe(12), role) for name, role in _ROLES.items()}


def logged_in_user(users: Mapping[str, SimulatedUser], authorization: str | None) -> str | None:
    """Return who an ``Authorization`` header belongs to; None when it is missing, damaged or wrong."""
    scheme, _, credentials = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    user = users.get(name)
    if user is None or not secrets.compare_digest(user.password.encode(), password.encode()):
        return None
    return name
