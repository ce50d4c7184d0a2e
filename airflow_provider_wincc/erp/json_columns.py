"""JSON objects in columns: text on SQLite, jsonb on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.storable import storable_text


def json_text(value: Mapping[str, Any], *, what: str) -> str:
    """Return the object as JSON text that both databases take.

    PostgreSQL cannot store the character zero or half a surrogate pair, which a controller's text may hold; they
    become U+FFFD, so that a result is never lost for one bad character.

    :param what: names the object in the error, such as ``the result of order '000042'``.
    :raises WinCCConfigurationError: when it is not a JSON object.
    """
    if not isinstance(value, Mapping):
        raise WinCCConfigurationError(
            f"{_sentence(what)} is a {type(value).__name__}.", hint="Give a dict of JSON values."
        )
    try:
        return json.dumps(_storable(value), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise WinCCConfigurationError(
            f"{_sentence(what)} cannot be stored as JSON: {error}.",
            hint="Use text, finite numbers, true, false, null, and lists and dicts of them.",
        ) from None


def read_json_object(column: object) -> dict[str, Any]:
    """Return the JSON object of a column, whether the driver has read it already or not.

    :raises ValueError: when it is not one, with the reason in words.
    """
    value = column
    if isinstance(value, str | bytes):
        try:
            value = json.loads(value, parse_constant=_refuse_constant)
        except ValueError as error:
            raise ValueError(f"is not JSON ({error}): {column!r:.200}") from None
    if not isinstance(value, dict):
        raise ValueError(f"is not a JSON object: {column!r:.200}")  # noqa: TRY004  one kind of error for one question
    return value


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _sentence(what: str) -> str:
    return what[0].upper() + what[1:]
