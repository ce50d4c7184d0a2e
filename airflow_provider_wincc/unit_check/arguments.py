"""What the command's arguments say, and clear words for what they do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client import StationSettings
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.orders import OrderHandoffTags

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PASSWORD_VARIABLE = "WINCC_PASSWORD"  # nosec B105 # noqa: S105  the name of a variable


def read_pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    """Read ``NAME=VALUE`` texts.

    :raises WinCCConfigurationError: naming the text that is none, or the name that stands twice.
    """
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise WinCCConfigurationError(
                f"{option} has {text!r}.", hint=f"Write {option} NAME=VALUE, such as {option} Quantity=10."
            )
        if name in pairs:
            raise WinCCConfigurationError(f"{option} names {name!r} twice.", hint="Give each parameter one value.")
        pairs[name] = value
    return pairs


def read_tags(
    file: Path | None,
    *,
    prefix: str | None,
    profile: str | None,
    id_length: int | None,
    parameters: Sequence[str],
) -> tuple[OrderHandoffTags, bool]:
    """Make the tag map of the unit; what is given besides the file goes before what stands in it.

    :param file: JSON of a tag map, as ``OrderHandoffTags.to_json()`` gives it; None for the standard names.
    :param parameters: the parameters of an order, where there is no file.
    :returns: the map, and whether somebody has said how long an id may be.
    :raises WinCCConfigurationError: naming what cannot be read.
    """
    data: dict[str, Any] = _read_json(file) if file is not None else {"payload": list(parameters)}
    given = {"prefix": prefix, "profile": profile, "id_length": id_length}
    data |= {name: value for name, value in given.items() if value is not None}
    try:
        return OrderHandoffTags.from_json(data), "id_length" in data
    except WinCCConfigurationError as error:
        if file is None:
            raise
        raise WinCCConfigurationError(f"{file}: {error.message}", hint=error.hint) from None


def read_settings(url: str, user: str, password: str, ca_file: Path | None) -> StationSettings:
    """Make the settings of the station.

    :raises WinCCConfigurationError: naming what cannot be read.
    """
    extra = {} if ca_file is None else {"verify": str(ca_file)}
    return StationSettings.from_url(url, username=user, password=password, **extra)


def refuse_password_in_url(url: str) -> None:
    """Refuse a URL with a password in it: other users of the machine see the arguments of a command.

    :raises WinCCConfigurationError: without the URL.
    """
    if "@" in url:
        raise WinCCConfigurationError(
            "The URL has a user name or password in it, which everybody on this machine can see.",
            hint=f"Name the user with --user; the password is asked for, or taken from {PASSWORD_VARIABLE}.",
        )


def _read_json(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise WinCCConfigurationError(
            f"{file} cannot be read: {problem.strerror}.", hint="Name a file with the tag map."
        ) from None
    except ValueError as problem:
        raise WinCCConfigurationError(
            f"{file} is not JSON: {problem}.", hint="Write what OrderHandoffTags.to_json() gives into it."
        ) from None
    if not isinstance(data, dict):
        raise WinCCConfigurationError(
            f"{file} has a {type(data).__name__} in it.", hint="Expected an object with the parameters of a tag map."
        )
    return data
