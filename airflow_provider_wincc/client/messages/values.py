"""What the message system hands out: messages, their states, and what is configured."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Self

from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from airflow_provider_wincc.client.models import Scalar


class MessageState(IntEnum):
    """What a row of a message list or message archive says of its message.

    1 to 3 and 7 were seen in clients of WinCC's OPC UA server; the others are as the ODK names them.
    """

    CAME_IN = 1
    WENT_OUT = 2
    ACKNOWLEDGED = 3
    LOCKED = 4
    UNLOCKED = 5
    WENT_OUT_AND_ACKNOWLEDGED = 7
    HIDDEN = 10
    SHOWN_AGAIN = 11
    ACKNOWLEDGED_BY_SYSTEM = 16
    EMERGENCY_ACKNOWLEDGED = 17
    HORN_ACKNOWLEDGED = 18
    CAME_IN_AND_WENT_OUT = 19

    @property
    def words(self) -> str:
        """The state in words, such as ``came in``."""
        return self.name.lower().replace("_", " ")

    @classmethod
    def parse(cls, raw: MessageState | int | str) -> MessageState:
        """Return the state of a number, a name or its words (``CAME_IN``, ``came in``).

        :raises WinCCConfigurationError: when it is none, naming all.
        """
        if isinstance(raw, str):
            name = raw.strip().upper().replace(" ", "_")
            if name in cls.__members__:
                return cls[name]
        elif not isinstance(raw, bool) and raw in list(cls):
            return cls(raw)
        words = ", ".join(f"{state.words!r}" for state in cls)
        raise WinCCConfigurationError(f"{raw!r} is no state of a message.", hint=f"Expected one of {words}.")


@dataclass(frozen=True, slots=True)
class Message:
    """One row of a message list or message archive: a message, and what happened to it at that time.

    How WinCC spells the keys is not published, so any of them may be missing: what the station does not say is None
    (or empty). Texts are the station's, with whatever characters they have; they are never interpreted.

    :param number: message number.
    :param state: what happened; None for a state that is not known, see ``state_code``.
    :param state_code: the state as the station's number.
    :param time: when, timezone-aware in UTC, to the millisecond.
    :param class_name: message class, such as ``Error``; in the language asked for.
    :param class_number: number of the message class.
    :param type_name: message type, such as ``Alarm``; in the language asked for.
    :param type_number: number of the message type.
    :param texts: user text blocks 1 to 10, up to the last one that there is; None between them where one is missing.
    :param process_values: process value blocks 1 to 10, in the same way.
    :param priority: 0 to 16.
    :param instance: name of the instance, where one message serves several.
    :param user: who acknowledged or operated.
    :param computer: where that was.
    :param comment: the operator's comment.
    :param counter: running number of the row.
    :param duration: time between coming in and going out. A plain number of the station is taken for milliseconds,
        which one user of WinCC's message archive has seen.
    :param server: name of the server, in a distributed system.
    :param other: further keys of the row as the station spells them, with their values unchanged.
    """

    number: int | None = None
    state: MessageState | None = None
    state_code: int | None = None
    time: datetime | None = None
    class_name: str | None = None
    class_number: int | None = None
    type_name: str | None = None
    type_number: int | None = None
    texts: tuple[str | None, ...] = ()
    process_values: tuple[Scalar | None, ...] = ()
    priority: int | None = None
    instance: str | None = None
    user: str | None = None
    computer: str | None = None
    comment: str | None = None
    counter: int | None = None
    duration: timedelta | None = None
    server: str | None = None
    other: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        """User text 1, the message text; empty when there is none."""
        return (self.texts[0] or "") if self.texts else ""

    @property
    def key(self) -> Hashable:
        """What tells this row from all others of an answer: all that it says.

        Number, time and state would not do: where the station gives no running number and times of whole seconds, two
        rows may have them in common and tell of two things, such as what an operator has entered.
        """
        return json.dumps(self.to_json(), sort_keys=True)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON types: ``state`` in words, ``time`` as ISO 8601 in UTC, ``duration`` in seconds.

        What the station does not say is left out, but for ``number``, ``state``, ``time`` and ``text``.
        """
        told: dict[str, Any] = {
            "number": self.number,
            "state": None if self.state is None else self.state.words,
            "state_code": self.state_code,
            "time": None if self.time is None else self.time.isoformat(timespec="milliseconds"),
            "text": self.text,
            "class_name": self.class_name,
            "class_number": self.class_number,
            "type_name": self.type_name,
            "type_number": self.type_number,
            "texts": list(self.texts),
            "process_values": list(self.process_values),
            "priority": self.priority,
            "instance": self.instance,
            "user": self.user,
            "computer": self.computer,
            "comment": self.comment,
            "counter": self.counter,
            "duration": None if self.duration is None else self.duration.total_seconds(),
            "server": self.server,
            "other": {key: _plain(raw) for key, raw in self.other.items()},
        }
        always = {"number", "state", "time", "text"}
        return {name: value for name, value in told.items() if name in always or value not in (None, [], {})}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Return the message that :meth:`to_json` has told."""
        state, time, duration = told.get("state"), told.get("time"), told.get("duration")
        others = {name: told[name] for name in told.keys() - {"state", "time", "text", "duration"}}
        return cls(
            **{
                **others,
                "state": None if state is None else MessageState.parse(state),
                "time": None if time is None else datetime.fromisoformat(time),
                "duration": None if duration is None else timedelta(seconds=duration),
                "texts": tuple(told.get("texts", ())),
                "process_values": tuple(told.get("process_values", ())),
            }
        )


@dataclass(frozen=True, slots=True)
class MessageReading:
    """What one request for messages has given.

    :param messages: oldest first, each row once; those without a time come first.
    :param is_full: whether the station handed out as many rows as it does at most, so that there may be older ones.
    """

    messages: tuple[Message, ...]
    is_full: bool = False

    @property
    def oldest(self) -> datetime | None:
        """Time of the oldest row that has one."""
        return next((message.time for message in self.messages if message.time is not None), None)


@dataclass(frozen=True, slots=True)
class MessageConfiguration:
    """An entry of the message system's configuration: a class, type, block, message, limit value, group or REST filter.

    :param name: its name; of a message its number, of a limit value its tag, as text.
    :param raw: everything the station said of it, keys unchanged.
    """

    name: str
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def _plain(raw: Any) -> Any:
    """Return what a station sent as JSON has it: some write NaN, which JSON does not know."""
    if isinstance(raw, dict):
        return {key: _plain(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_plain(value) for value in raw]
    return None if isinstance(raw, float) and not math.isfinite(raw) else raw
