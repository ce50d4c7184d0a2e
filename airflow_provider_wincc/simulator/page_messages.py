"""Pending messages as the page for people shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.message_records import MessageChange
from airflow_provider_wincc.simulator.page_tags import shortened

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.message_records import MessageRecord
    from airflow_provider_wincc.simulator.message_system import MessageSystem

SHOWN_MESSAGES = 100
"""How many pending messages are shown, the newest ones."""


def pending_messages(system: MessageSystem) -> dict[str, Any]:
    """Describe the pending messages, newest first, and say how many there are."""
    pending = system.pending
    return {"pending": len(pending), "newest": [_row(record) for record in reversed(pending[-SHOWN_MESSAGES:])]}


def _row(record: MessageRecord) -> dict[str, Any]:
    waits = record.message.message_class.needs_acknowledgement and record.state is not MessageChange.ACKNOWLEDGED
    return {
        "number": record.number,
        "class_name": record.class_name,
        "text": shortened(record.text),
        "state": record.state.name.replace("_", " ").lower(),
        "time": record.time.isoformat(),
        "instance": record.instance,
        "waits": waits,
    }
