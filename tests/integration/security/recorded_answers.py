"""Real answers of the simulated station, and the same with something else in a place of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from client_operations import OPERATIONS
from hostile_server import ok, with_status

from airflow_provider_wincc.client import StationSettings, WinCCClient
from airflow_provider_wincc.client.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from hostile_server import Request, Wire

    from airflow_provider_wincc.simulator import Simulator

Key = tuple[str, str]
"""Method and path of a request."""

_DEEP: Any = 1
for _ in range(25):
    _DEEP = [_DEEP, {"error": _DEEP if len(repr(_DEEP)) < 1000 else 0}]
STRANGERS = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**70,
    10**400,
    1e308,
    float("nan"),
    float("-inf"),
    "",
    " ",
    "0",
    "-0",
    "1e999",
    "NaN",
    "0x" + "f" * 100,
    "9" * 5000,
    "x" * 20_000,
    "\x1b[31m\r\nCRITICAL\x00\u202e",
    "\ud800",
    "<script>" * 100,
    "2026-13-45T99:99:99Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "31.12.9999 23:59:59",
    99999999999999,
    [],
    {},
    [[]],
    [None],
    [1, "a", {}],
    {"error": {"error": []}},
    {"variableName": ["a"], "value": {"value": 1}},
    {"\x00": 1, "": 2, "é" * 300: 3},
    _DEEP,
]


@dataclass(frozen=True)
class Recording:
    """What the station answered to the requests of one operation.

    :param answers: bodies by request, the last of each.
    """

    answers: dict[Key, Any]


def record(station: Simulator, operation: str) -> Recording:
    """Run an operation against the station; return what it answered."""
    password = station.users["engineer"].password
    settings = StationSettings.from_url(station.url, username="engineer", password=password)
    answers: dict[Key, Any] = {}
    send = Transport._send

    def sent(transport: Transport, method: str, path: str, **others: Any) -> Any:
        answer = send(transport, method, path, **others)
        answers[method, f"/WinCCRestService{path}"] = json.loads(answer.content) if answer.content else None
        return answer

    with pytest.MonkeyPatch.context() as patch, WinCCClient(settings) as client:
        patch.setattr(Transport, "_send", sent)
        OPERATIONS[operation](client)
    return Recording(answers)


def answering(answers: dict[Key, Any]) -> Callable[[Request, Wire], None]:
    """Give these answers, and 404 to other requests."""

    def answer(request: Request, wire: Wire) -> None:
        key = request.method, request.path
        if key in answers:
            wire.send(ok(json.dumps(answers[key]).encode()))
        else:
            wire.send(with_status("404 Not Found", b""))

    return answer


def mutated(answers: dict[Key, Any], chance: Random) -> dict[Key, Any]:
    """Return the answers with one to three places changed: another value, a missing or a doubled one, another key."""
    changed = dict(answers)
    for _ in range(chance.randint(1, 3)):
        key = chance.choice(sorted(changed))
        changed[key] = _changed(changed[key], chance)
    return changed


def _changed(value: Any, chance: Random) -> Any:
    if isinstance(value, dict) and value:
        key = chance.choice(list(value))
        match chance.choice(["inside", "inside", "inside", "drop", "rename", "replace"]):
            case "inside":
                return {**value, key: _changed(value[key], chance)}
            case "drop":
                return {name: part for name, part in value.items() if name != key}
            case "rename":
                other = chance.choice(["", "Value", "error", "values", "\x00", "timeStamp"])
                return {(other if name == key else name): part for name, part in value.items()}
    elif isinstance(value, list) and value:
        place = chance.randrange(len(value))
        match chance.choice(["inside", "inside", "inside", "drop", "double", "replace"]):
            case "inside":
                return [*value[:place], _changed(value[place], chance), *value[place + 1 :]]
            case "drop":
                return value[:place] + value[place + 1 :]
            case "double":
                return [*value, value[place]]
    elif isinstance(value, str | int | float) and chance.random() < 0.5:
        return str(value) if not isinstance(value, str) else chance.choice([value * 2, value[:-1], [value]])
    return chance.choice(STRANGERS)
