"""The message system over HTTP: what there is as JSON, and what people and tests do to messages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.control_actions import action_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.simulator.control_actions import Actions
    from airflow_provider_wincc.simulator.message_records import MessageRecord
    from airflow_provider_wincc.simulator.message_system import MessageSystem

SHOWN_ROWS = 1000
"""How many rows of the archive are shown, the newest ones."""


def messages_json(system: MessageSystem) -> dict[str, Any]:
    """Describe what is pending, what is locked and hidden, and the newest rows of the archive."""
    archive = system.archive
    return {
        "pending": [_record_json(record) for record in system.pending],
        "hidden_pending": [_record_json(record) for record in system.hidden_pending],
        "locked": [record.number for record in system.locked],
        "hidden": [record.number for record in system.hidden],
        "archive_rows": len(archive),
        "archive": [_record_json(record) for record in archive[-SHOWN_ROWS:]],
    }


def do_to_messages(system: MessageSystem, words: Mapping[str, Any]) -> bool:
    """Carry out a wish such as ``{"do": "raise", "number": 1001}``.

    :returns: whether there was anything to do.
    :raises ValueError: saying which word is wrong and what was expected.
    :raises UnknownMessageError: when there is no message of this number.
    """
    action, needed, others = action_of(words, _ACTIONS)
    if others.get("time") is not None:
        others["time"] = _moment(others["time"])
    return getattr(system, _METHODS[action])(*needed, **others) is not False


_ACTIONS: Actions = {
    "raise": (("number",), ("texts", "process_values", "instance", "time")),
    "clear": (("number",), ("instance", "time")),
    "acknowledge": (("number",), ("user", "instance", "time")),
    "lock": (("number",), ()),
    "unlock": (("number",), ()),
    "hide": (("number",), ()),
    "show": (("number",), ()),
    "burst": (("count",), ("class_name",)),
}
_METHODS = {action: action for action in _ACTIONS} | {"raise": "come_in", "clear": "go_out"}


def _moment(text: object) -> datetime:
    try:
        return datetime.fromisoformat(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"time is a text such as 2026-03-02T08:15:30.120Z, not {text!r}") from None


def _record_json(record: MessageRecord) -> dict[str, Any]:
    return {
        "number": record.number,
        "state": int(record.state),
        "time": record.time.isoformat(timespec="milliseconds"),
        "counter": record.counter,
        "class_name": record.class_name,
        "type_name": record.type_name,
        "texts": record.texts(),
        "process_values": record.process_values,
        "instance": record.instance,
        "user": record.user,
        "computer": record.computer,
        "seconds": record.seconds,
    }
