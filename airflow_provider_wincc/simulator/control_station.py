"""The station as a whole over HTTP: its plant stands still or moves, its REST service is on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.control_actions import action_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_provider_wincc.simulator.control_actions import Actions
    from airflow_provider_wincc.simulator.state import StationState


def do_to_station(state: StationState, words: Mapping[str, Any]) -> bool:
    """Carry out a wish such as ``{"do": "freeze"}``.

    :returns: whether there was anything to do.
    :raises ValueError: saying which word is wrong and what was expected.
    """
    action, _, _ = action_of(words, _ACTIONS)
    before = (state.frozen, state.service_on)
    with state.tags.lock:
        _EFFECTS[action](state)
    return (state.frozen, state.service_on) != before


def _freeze(state: StationState) -> None:
    state.frozen = True


def _thaw(state: StationState) -> None:
    state.frozen = False


def _stop_service(state: StationState) -> None:
    state.service_on = False


def _start_service(state: StationState) -> None:
    state.service_on = True


_EFFECTS: dict[str, Callable[[StationState], None]] = {
    "freeze": _freeze,
    "thaw": _thaw,
    "stop_service": _stop_service,
    "start_service": _start_service,
}
_ACTIONS: Actions = dict.fromkeys(_EFFECTS, ((), ()))
