"""Wishes of the control interface such as ``{"do": "restart", "seconds": 1}``, taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Actions = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
"""For each action the words that it needs and those that it may have."""


def action_of(words: Mapping[str, Any], actions: Actions) -> tuple[str, list[Any], dict[str, Any]]:
    """Return the action, the words that it needs in their order, and the others by name.

    :raises ValueError: saying which word is wrong and what was expected.
    """
    action = words.get("do")
    if not isinstance(action, str) or action not in actions:
        raise ValueError(f'expected {{"do": action}}, the action one of {", ".join(actions)}; not {action!r}')
    required, optional = actions[action]
    arguments = {name: value for name, value in words.items() if name != "do"}
    unknown = sorted(set(arguments) - {*required, *optional})
    if unknown:
        allowed = ", ".join((*required, *optional)) or "nothing"
        raise ValueError(f"unknown beside {action!r}: {', '.join(unknown)}; allowed: {allowed}")
    missing = [name for name in required if name not in arguments]
    if missing:
        raise ValueError(f"{action!r} needs {', '.join(missing)} beside it")
    return action, [arguments.pop(name) for name in required], arguments
