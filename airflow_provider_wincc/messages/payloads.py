"""Messages as the payloads of events: what JSON can carry, cut so that no payload is too large."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.storable import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airflow_provider_wincc.client.messages.values import Message

MOST_BYTES = 256 * 1024
"""Of the messages in one payload, as JSON. Airflow keeps events in its database, and hands them to each task."""


@dataclass(frozen=True, slots=True)
class ToldMessage:
    """A message as it is told to others.

    :param content: as :meth:`Message.to_json` has it, and nothing that JSON or Airflow cannot carry.
    :param seen_at: time of the reading that showed it, ISO 8601 in UTC.
    :param size: bytes of the content as JSON.
    """

    content: dict[str, Any]
    seen_at: str
    size: int

    @classmethod
    def of(cls, content: dict[str, Any], seen_at: str) -> ToldMessage:
        """Return the message of this content."""
        return cls(content, seen_at, len(_encode(content)))


def tell(message: Message, seen_at: str) -> ToldMessage:
    """Return a message as it is told to others: made :func:`storable`."""
    return ToldMessage.of(storable(message.to_json()), seen_at)


def cut(messages: Sequence[ToldMessage], most_messages: int) -> list[list[ToldMessage]]:
    """Cut messages into parts that fit into payloads, in their order; no message is cut.

    A part has at most ``most_messages``, and at most :data:`MOST_BYTES` unless it is a single message.
    """
    parts: list[list[ToldMessage]] = []
    room = 0
    for message in messages:
        if not parts or len(parts[-1]) >= most_messages or message.size > room:
            parts.append([])
            room = MOST_BYTES
        parts[-1].append(message)
        room -= message.size
    return parts


def pack(messages: Iterable[ToldMessage]) -> str:
    """Return messages as one text; about a tenth of their JSON, and quick for Airflow to hand around."""
    rows = [[message.seen_at, message.content] for message in messages]
    return b64encode(zlib.compress(b"[" + b",".join(_encode(row) for row in rows) + b"]", 1)).decode()


def unpack(text: str) -> list[ToldMessage]:
    """Return the messages of a text that :func:`pack` gave.

    :raises ValueError: when it is something else.
    """
    try:
        rows = json.loads(zlib.decompress(b64decode(text, validate=True)))
        return [ToldMessage.of(content, seen_at) for seen_at, content in rows]
    except (zlib.error, TypeError) as error:
        raise ValueError(f"expected packed messages: {error}") from error


def _encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
