"""Production units over HTTP: what they did as JSON, and what people and faults do to them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.simulator.production_unit import ProductionUnit
    from airflow_provider_wincc.simulator.unit_records import StartRecord, UnitEvent


def unit_json(unit: ProductionUnit) -> dict[str, Any]:
    """Describe a unit: its profile, what its controller holds, its starts and its timeline."""
    return {
        "profile": unit.settings.profile,
        "speed": unit.settings.speed,
        "state": unit.state,
        "settled": unit.is_settled,
        "shows": unit.picture,
        "has_received": unit.inputs,
        "starts": [_start_json(start) for start in unit.starts],
        "timeline": [_event_json(event) for event in unit.timeline],
    }


def do_to_unit(unit: ProductionUnit, words: Mapping[str, Any]) -> bool:
    """Carry out a wish such as ``{"do": "restart", "memory": "lost", "seconds": 1}``.

    :returns: whether there was anything to do.
    :raises ValueError: saying which word is wrong and what was expected.
    """
    action = words.get("do")
    if not isinstance(action, str) or action not in _ACTIONS:
        raise ValueError(f'expected {{"do": action}}, the action one of {", ".join(_ACTIONS)}; not {action!r}')
    required, optional = _ACTIONS[action]
    arguments = {name: value for name, value in words.items() if name != "do"}
    unknown = sorted(set(arguments) - {*required, *optional})
    if unknown:
        allowed = ", ".join((*required, *optional)) or "nothing"
        raise ValueError(f"unknown beside {action!r}: {', '.join(unknown)}; allowed: {allowed}")
    missing = [name for name in required if name not in arguments]
    if missing:
        raise ValueError(f"{action!r} needs {', '.join(missing)} beside it")
    positional = [arguments.pop(name) for name in required]
    return getattr(unit, action)(*positional, **arguments) is not False


_ACTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "hold": ((), ()),
    "unhold": ((), ()),
    "stop": ((), ()),
    "abort": ((), ()),
    "set_mode": (("mode",), ()),
    "set_local": (("local",), ()),
    "stop_heartbeat": ((), ()),
    "start_heartbeat": ((), ()),
    "fail_next_order": ((), ()),
    "show_state": (("number",), ()),
    "restart": ((), ("memory", "seconds", "client_tags")),
}
"""For each action the words that it needs and those that it may have."""


def _start_json(start: StartRecord) -> dict[str, Any]:
    return {**asdict(start), "at": start.at.isoformat()}


def _event_json(event: UnitEvent) -> dict[str, Any]:
    return {**asdict(event), "at": event.at.isoformat()}
