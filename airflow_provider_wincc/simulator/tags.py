"""The tags of the simulated station: one table, safe to use from several threads."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from airflow_provider_wincc.client.models import DataType, Quality, Scalar
from airflow_provider_wincc.simulator.errors import UnknownTagError, WrongValueError
from airflow_provider_wincc.simulator.values import accept, start_value, stored_type, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

GOOD = 0x80
_SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class SimulatedTag:
    """A tag as it stands now.

    :param name: the configured spelling.
    :param data_type: its type; never ``int`` or ``float`` without a width.
    :param value: bool, int, float or text, by the type.
    :param quality: quality code, one byte.
    :param timestamp: when the value last changed, aware, in UTC.
    :param error_code: not 0 where the station answers an error for the tag and refuses writes.
    :param error: text of that error.
    :param unit: unit of the value, such as ``%``; empty where it has none.
    :param description: one line for people.
    :param group: tag group; empty where it is in none.
    :param connection: name of the connection, ``Internal`` for internal tags.
    """

    name: str
    data_type: DataType
    value: Scalar
    timestamp: datetime
    quality: int = GOOD
    error_code: int = 0
    error: str = ""
    unit: str = ""
    description: str = ""
    group: str = ""
    connection: str = "Internal"

    @property
    def start_value(self) -> Scalar:
        """What the tag holds before it is acquired for the first time."""
        return start_value(self.data_type)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a write was refused.

    :param code: answered as ``errorcode``.
    :param error: answered as ``error``.
    """

    code: int
    error: str


class WriteListener(Protocol):
    """Told of values that reached tags from outside of the plant, while the lock of the table is held."""

    def __call__(self, written: Sequence[SimulatedTag], *, by_rest: bool, user: str | None) -> None:
        """Take note of the tags of one request, or of one call of ``set``, as they are now.

        :param user: who wrote them by REST; None for ``set``.
        """


class TagTable:
    """All tags, found by name with no regard to case.

    Each method takes effect as a whole: a read of many tags never sees half of a write of many.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._tags: dict[str, SimulatedTag] = {}
        self._listeners: list[WriteListener] = []
        self._refresh: Callable[[], None] | None = None

    def __len__(self) -> int:
        return len(self._tags)

    def get(self, name: str) -> SimulatedTag:
        """Return the tag.

        :raises UnknownTagError: when there is none of this name.
        """
        with self._up_to_date():
            tag = self._tags.get(name.lower())
            if tag is None:
                raise self._unknown(name)
            return tag

    def find(self, names: Iterable[str]) -> list[SimulatedTag | None]:
        """Return the tag for each name in order, None for names that are not there."""
        with self._up_to_date():
            return [self._tags.get(name.lower()) for name in names]

    def all(self) -> list[SimulatedTag]:
        """Return all tags in the order in which they were defined."""
        with self._up_to_date():
            return list(self._tags.values())

    def define(self, tags: Iterable[SimulatedTag]) -> None:
        """Put tags in as they are."""
        with self._lock:
            self._tags.update((tag.name.lower(), tag) for tag in tags)

    def set(
        self,
        name: str,
        value: object,
        *,
        quality: int = GOOD,
        timestamp: datetime | None = None,
        error_code: int = 0,
        error: str = "",
        data_type: DataType | str | type | None = None,
    ) -> None:
        """Give a tag a value, quality, timestamp and error; define it if it is new.

        :raises WrongValueError: when the value does not fit the type of the tag.
        :raises ValueError: for a quality that is not one byte, a timestamp without zone, or another type than
            the tag already has.
        """
        with self._up_to_date():
            written = self._set(
                name,
                value,
                quality=quality,
                timestamp=timestamp,
                error_code=error_code,
                error=error,
                data_type=data_type,
            )
            self._tell([written], by_rest=False)

    def set_all(self, values: dict[str, object]) -> None:
        """Set many tags; when one value does not fit, none is set.

        :raises WrongValueError: naming the tag whose value does not fit.
        """
        with self._up_to_date():
            before = dict(self._tags)
            try:
                written = [self._set(name, value) for name, value in values.items()]
            except ValueError:
                self._tags = before
                raise
            self._tell(written, by_rest=False)

    def move(self, values: dict[str, Scalar]) -> None:
        """Change values as the plant does: timestamps follow, quality and errors stay, names must be there."""
        now = datetime.now(UTC)
        with self._lock:
            for name, value in values.items():
                tag = self._tags[name.lower()]
                held = accept(value, tag.data_type)
                if held != tag.value:
                    self._tags[name.lower()] = replace(tag, value=held, timestamp=now)

    def show(self, name: str, value: Scalar | None, quality: int | None) -> None:
        """Show what has come from a controller; None leaves value or quality as it is.

        Does nothing when the tag has been removed, or when the value does not fit the type that it has now.
        """
        with self._lock:
            tag = self._tags.get(name.lower())
            if tag is None:
                return
            try:
                held = tag.value if value is None else accept(value, tag.data_type)
            except WrongValueError:
                return
            shown = tag.quality if quality is None else quality
            if (held, shown) != (tag.value, tag.quality):
                self._tags[name.lower()] = replace(tag, value=held, quality=shown, timestamp=datetime.now(UTC))

    def write(
        self, items: Sequence[tuple[str, object]], *, user: str | None = None
    ) -> list[SimulatedTag | Refused | None]:
        """Write values as the REST service does, each item for itself.

        :param user: who writes them.
        :returns: for each item the tag with its new value, why it was refused, or None for an unknown tag.
        """
        now = datetime.now(UTC)
        with self._up_to_date():
            outcomes = [self._write_one(name, value, now) for name, value in items]
            self._tell([outcome for outcome in outcomes if isinstance(outcome, SimulatedTag)], by_rest=True, user=user)
            return outcomes

    def remove(self, name: str) -> None:
        """Take a tag out.

        :raises UnknownTagError: when there is none of this name.
        """
        with self._lock:
            if self._tags.pop(name.lower(), None) is None:
                raise self._unknown(name)

    def listen(self, listener: WriteListener) -> None:
        """Tell a listener of all values that are written or set from now on."""
        with self._lock:
            self._listeners.append(listener)

    def refresh_by(self, refresh: Callable[[], None]) -> None:
        """Call this before tags are read or written, with the lock held, to bring them up to date."""
        self._refresh = refresh

    @property
    def lock(self) -> threading.RLock:
        """Held by callers that need several calls to take effect as one."""
        return self._lock

    @contextmanager
    def _up_to_date(self) -> Iterator[None]:
        with self._lock:
            if self._refresh is not None:
                self._refresh()
            yield

    def _set(
        self,
        name: str,
        value: object,
        *,
        quality: int = GOOD,
        timestamp: datetime | None = None,
        error_code: int = 0,
        error: str = "",
        data_type: DataType | str | type | None = None,
    ) -> SimulatedTag:
        moment = _aware(timestamp)
        known = self._tags.get(_checked_name(name).lower())
        try:
            kind = _type_for(name, value, known, data_type)
            held = accept(value, kind, finite=False)
        except WrongValueError as problem:
            raise WrongValueError(f"tag {name!r}: {problem}", code=problem.code) from None
        tag = replace(
            known or SimulatedTag(name, kind, held, moment),
            value=held,
            timestamp=moment,
            quality=Quality(quality).code,
            error_code=error_code,
            error=error,
        )
        self._tags[name.lower()] = tag
        return tag

    def _tell(self, written: Sequence[SimulatedTag], *, by_rest: bool, user: str | None = None) -> None:
        # A value that was set with bad quality or an error shows trouble in the image; nobody wrote it.
        sound = [tag for tag in written if Quality(tag.quality).is_good and not tag.error_code]
        for listener in self._listeners:
            listener(written if by_rest else sound, by_rest=by_rest, user=user)

    def _write_one(self, name: str, value: object, now: datetime) -> SimulatedTag | Refused | None:
        tag = self._tags.get(name.lower())
        if tag is None:
            return None
        if tag.error_code:
            return Refused(tag.error_code, tag.error or f"Tag state 0x{tag.error_code:04X}")
        try:
            held = accept(value, tag.data_type)
        except WrongValueError as problem:
            return Refused(problem.code, str(problem))
        written = replace(tag, value=held, timestamp=now)
        self._tags[name.lower()] = written
        return written

    def _unknown(self, name: str) -> UnknownTagError:
        known = ", ".join(repr(tag.name) for tag in list(self._tags.values())[:_SHOWN_NAMES])
        return UnknownTagError(
            f"the simulated station has no tag {name!r}; it has {len(self._tags)} tags, such as {known or 'none'}"
        )


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise ValueError(f"the name of a tag is a text that is not empty, not {name!r}")
    return name


def _type_for(
    name: str, value: object, known: SimulatedTag | None, data_type: DataType | str | type | None
) -> DataType:
    wanted = None if data_type is None else stored_type(data_type)
    if known is None:
        return wanted or type_of(value)
    if wanted not in {None, known.data_type}:
        raise ValueError(
            f"tag {name!r} is already there with type {known.data_type.value}; "
            "remove it before you define it with another type"
        )
    return known.data_type


def _aware(timestamp: datetime | None) -> datetime:
    if timestamp is None:
        return datetime.now(UTC)
    if timestamp.tzinfo is None:
        raise ValueError(f"a timestamp needs a time zone, {timestamp.isoformat()} has none; use tzinfo=UTC")
    return timestamp.astimezone(UTC)
