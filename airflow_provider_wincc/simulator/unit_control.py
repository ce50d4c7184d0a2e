"""Production units over HTTP: what they did as JSON, and what people and faults do to them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.control_actions import action_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.simulator.control_actions import Actions
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
    action, needed, others = action_of(words, _ACTIONS)
    return getattr(unit, action)(*needed, **others) is not False


_ACTIONS: Actions = {
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


def _start_json(start: StartRecord) -> dict[str, Any]:
    return {**asdict(start), "at": start.at.isoformat()}


def _event_json(event: UnitEvent) -> dict[str, Any]:
    return {**asdict(event), "at": event.at.isoformat()}
