"""What is kept of a station, as JSON and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.models import Quality
from airflow_provider_wincc.simulator.message_records import MessageChange, MessageRecord
from airflow_provider_wincc.simulator.message_system import KeptMessages, PendingMessage
from airflow_provider_wincc.simulator.users import SimulatedUser
from airflow_provider_wincc.simulator.values import accept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from airflow_provider_wincc.simulator.plant_messages import PlantMessages
    from airflow_provider_wincc.simulator.state import StationState
    from airflow_provider_wincc.simulator.tags import SimulatedTag

_FORMAT = 1
_KEPT_ROWS = 1000


def content_of(state: StationState) -> dict[str, Any]:
    """Give what is kept: values of tags, messages, users, and the clock of an own plant.

    Tags of production units are left out: a unit starts anew, like one whose memory was lost.
    """
    with state.tags.lock:
        tags, messages = state.tags.all(), state.messages.to_keep(_KEPT_ROWS)
        steps = 0 if state.own_plant is None else state.own_plant.steps
    return {
        "format": _FORMAT,
        "steps": steps,
        "users": {name: {"password": user.password, "role": user.role} for name, user in state.users.items()},
        "tags": {tag.name: _tag_json(tag) for tag in tags if not _is_of_a_unit(state, tag)},
        "messages": {
            "counter": messages.counter,
            "archive": [_record_json(record) for record in messages.archive],
            "pending": [
                {
                    **_record_json(entry.shown),
                    "came": entry.came.isoformat(),
                    "in": entry.is_in,
                    "acknowledged": entry.is_acknowledged,
                }
                for entry in messages.pending
            ],
            "locked": [_record_json(record) for record in messages.locked],
            "hidden": [_record_json(record) for record in messages.hidden],
        },
    }


def put_back(state: StationState, content: dict[str, Any]) -> None:
    """Put back what was kept. What the plant does not have any more is left out.

    :raises ValueError: when the content is of another form.
    :raises LookupError: likewise.
    :raises TypeError: likewise.
    """
    if content["format"] != _FORMAT:
        raise ValueError(f"the format is {content['format']!r}, not {_FORMAT}")
    messages = _messages(content["messages"], state.messages.configured)
    users = {name: SimulatedUser(str(user["password"]), user["role"]) for name, user in content["users"].items()}
    steps = int(content["steps"])
    with state.tags.lock:
        state.tags.define(_tags(state, content["tags"]))
        state.users.update({name: user for name, user in users.items() if name in state.users})
        if state.own_plant is not None:
            state.own_plant.steps = steps
            state.timeline.resume(state, steps)
        state.messages.put_back(messages)
        state.message_monitor.take_over()


def _tags(state: StationState, kept: dict[str, Any]) -> Iterator[SimulatedTag]:
    for tag in state.tags.all():
        entry = kept.get(tag.name)
        if entry is None or entry["type"] != tag.data_type.value or _is_of_a_unit(state, tag):
            continue
        yield replace(
            tag,
            value=accept(entry["value"], tag.data_type, finite=False),
            quality=Quality(int(entry["quality"])).code,
            timestamp=_moment(entry["timestamp"]),
            error_code=int(entry["error_code"]),
            error=str(entry["error"]),
        )


def _tag_json(tag: SimulatedTag) -> dict[str, Any]:
    return {
        "type": tag.data_type.value,
        "value": tag.value,
        "quality": tag.quality,
        "timestamp": tag.timestamp.isoformat(),
        "error_code": tag.error_code,
        "error": tag.error,
    }


def _is_of_a_unit(state: StationState, tag: SimulatedTag) -> bool:
    return tag.name.lower() in state.units.tag_names


def _record_json(record: MessageRecord) -> dict[str, Any]:
    return {
        **record._asdict(),
        "message": record.number,
        "state": int(record.state),
        "time": record.time.isoformat(),
    }


def _messages(kept: dict[str, Any], configured: PlantMessages) -> KeptMessages:
    def records(rows: Iterable[dict[str, Any]]) -> tuple[MessageRecord, ...]:
        return tuple(_record(row, configured) for row in rows if configured.find(row["message"]) is not None)

    pending = [row for row in kept["pending"] if configured.find(row["message"]) is not None]
    return KeptMessages(
        int(kept["counter"]),
        records(kept["archive"]),
        tuple(
            PendingMessage(_record(row, configured), _moment(row["came"]), bool(row["in"]), bool(row["acknowledged"]))
            for row in pending
        ),
        records(kept["locked"]),
        records(kept["hidden"]),
    )


def _record(row: dict[str, Any], configured: PlantMessages) -> MessageRecord:
    return MessageRecord(
        message=configured.get(row["message"]),
        state=MessageChange(row["state"]),
        time=_moment(row["time"]),
        counter=int(row["counter"]),
        process_values=tuple(row["process_values"]),
        own_texts=None if row["own_texts"] is None else tuple(row["own_texts"]),
        instance=str(row["instance"]),
        user=str(row["user"]),
        computer=str(row["computer"]),
        seconds=row["seconds"],
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
