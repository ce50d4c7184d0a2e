"""Rows of message lists that were seen, so that they are known again in another answer."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from airflow_provider_wincc.client.messages.values import Message

MOST_KNOWN = 5_000
"""Rows that are remembered at most, those of the oldest second among them more if need be."""
MOST_UNDATED = 2_000
"""Rows without a time that are remembered at most, if an answer has not more of them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_HASH = 6
_SECONDS = 3
_MOST_SECONDS = (1 << 8 * _SECONDS) - 1


class Row(NamedTuple):
    """A row of an answer, and what it is known by.

    :param message: the row.
    :param hash: six bytes, the same for the same row in any answer of any list.
    :param moment: its time in milliseconds since 1970; None when it has none.
    """

    message: Message
    hash: bytes
    moment: int | None

    @property
    def second(self) -> int:
        """Its time in whole seconds since 1970.

        :raises TypeError: when it has none.
        """
        if self.moment is None:
            raise TypeError("the row has no time")
        return self.moment // 1000


def rows_of(messages: Iterable[Message]) -> list[Row]:
    """Return the rows of one answer, with what they are known by.

    That is the natural key of a message without its running number: several lists may count in several ways, and
    nobody has published what WinCC's REST interface counts. Rows of one answer that are the same but for that number
    are told apart by their place among each other.
    """
    seen: Counter[Hashable] = Counter()
    rows = []
    for message in messages:
        moment = None if message.time is None else milliseconds(message.time)
        identity = _identity(message, moment)
        place = seen[identity]
        seen[identity] += 1
        # A representation has escapes for whatever cannot be encoded.
        digest = blake2b(repr((identity, place)).encode(), digest_size=_HASH).digest()
        rows.append(Row(message, digest, moment))
    return rows


def milliseconds(time: datetime) -> int:
    """Return a time, which has a zone, in milliseconds since 1970."""
    return (time - _EPOCH) // _MILLISECOND


class KnownRows:
    """Remembers rows from its horizon on. Older ones count as seen, whether they were or not.

    It is bounded: when it is full, the horizon rises. Rows without a time are remembered one by one, the last ones
    that were read; they have no horizon.

    :param horizon: in whole seconds since 1970.
    """

    def __init__(self, horizon: int) -> None:
        self.horizon = horizon
        self._dated: dict[bytes, int] = {}
        self._undated: dict[bytes, None] = {}
        self._told: dict[str, Any] | None = None

    def __contains__(self, row: Row) -> bool:
        return row.hash in (self._undated if row.moment is None else self._dated)

    @property
    def has_dated(self) -> bool:
        """Whether a row with a time is remembered."""
        return bool(self._dated)

    def is_too_old(self, row: Row) -> bool:
        """Whether a row lies before the horizon."""
        return row.moment is not None and row.second < self.horizon

    def add(self, rows: Iterable[Row], *, horizon: int) -> None:
        """Remember rows, and forget what lies before a horizon; it never falls."""
        undated = 0
        for row in rows:
            if row.moment is None:
                undated += 1
                self._undated.pop(row.hash, None)
                self._undated[row.hash] = None
            elif row.second >= self.horizon:
                self._dated[row.hash] = row.second
        while len(self._undated) > max(undated, MOST_UNDATED):
            del self._undated[next(iter(self._undated))]
        self._raise_horizon(horizon)
        if len(self._dated) > MOST_KNOWN:
            self._raise_horizon(sorted(self._dated.values())[-MOST_KNOWN])
        self._told = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON types: some 12 characters for each row."""
        if self._told is None:
            dated = (
                min(second - self.horizon, _MOST_SECONDS).to_bytes(_SECONDS) + digest
                for digest, second in self._dated.items()
            )
            self._told = {
                "horizon": self.horizon,
                "dated": b64encode(b"".join(dated)).decode(),
                "undated": b64encode(b"".join(self._undated)).decode(),
            }
        return self._told

    @classmethod
    def from_json(cls, told: object) -> Self:
        """Return the rows that :meth:`to_json` has told.

        :raises ValueError: when it is something else.
        """
        match told:
            case {"horizon": int(horizon), "dated": str(dated), "undated": str(undated)}:
                known = cls(horizon)
                for entry in _pieces(dated, _SECONDS + _HASH):
                    known._dated[entry[_SECONDS:]] = horizon + int.from_bytes(entry[:_SECONDS])
                known._undated = dict.fromkeys(_pieces(undated, _HASH))
                return known
        raise ValueError(f"expected rows that were seen, not {told!r:.200}")

    def _raise_horizon(self, horizon: int) -> None:
        if horizon > self.horizon:
            self.horizon = horizon
            self._dated = {digest: second for digest, second in self._dated.items() if second >= horizon}


def _identity(message: Message, moment: int | None) -> tuple[Hashable, ...]:
    own = (message.server, message.number, message.instance, moment, message.state_code)
    if message.number is None or moment is None:
        return (*own, message.class_name, message.texts, repr(sorted(message.other.items(), key=repr)))
    return own


def _pieces(text: str, size: int) -> list[bytes]:
    packed = b64decode(text, validate=True)
    if len(packed) % size:
        raise ValueError(f"expected pieces of {size} bytes, not {len(packed)} bytes")
    return [packed[start : start + size] for start in range(0, len(packed), size)]
