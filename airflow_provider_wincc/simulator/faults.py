"""Faults on demand: what the next matching request meets."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


class Fault(StrEnum):
    """The faults by name.

    A fault that answers a status, drops the connection before, or stalls, keeps the request from taking
    effect. With every other fault the request takes effect and only the answer is spoilt.
    """

    UNAUTHORIZED = "unauthorized"
    """401."""
    FORBIDDEN = "forbidden"
    """403."""
    NOT_FOUND = "not_found"
    """404 with an HTML body."""
    SERVER_ERROR = "server_error"
    """500 with a JSON body."""
    UNAVAILABLE = "unavailable"
    """503 with an HTML body."""
    BAD_GATEWAY = "bad_gateway"
    """502 with an HTML body."""
    GATEWAY_TIMEOUT = "gateway_timeout"
    """504 with an HTML body."""
    TOO_LARGE = "too_large"
    """413 with an HTML body."""
    DELAY = "delay"
    """The request takes effect at once, the normal answer comes after ``seconds``."""
    STALL = "stall"
    """No byte for ``seconds``, then the connection is closed; the request takes no effect."""
    DROP_BEFORE = "drop_before"
    """The connection is aborted before the request takes effect."""
    DROP_AFTER = "drop_after"
    """The request takes effect, then the connection is aborted without an answer."""
    EMPTY_BODY = "empty_body"
    """200 without a body."""
    HTML_BODY = "html_body"
    """200 with an HTML page."""
    GARBAGE = "garbage"
    """200 with JSON that breaks off."""
    BAD_QUALITY = "bad_quality"
    """The values of a read have quality 24 (bad, no communication)."""
    INITIAL_QUALITY = "initial_quality"
    """The values of a read are start values with quality 76."""
    MISSING_ROWS = "missing_rows"
    """The last row of a list of values is left out; of archives, all rows of the last tag; of messages, the newest."""
    EMPTY_ARCHIVE = "empty_archive"
    """An archive answers without rows, as it does for a moment while a database segment changes."""
    SEGMENT_CHANGE = "segment_change"
    """An archive answers an error for each of its tags, because its database segment has moved."""


@dataclass(frozen=True, slots=True)
class PendingFault:
    """A fault that waits for its requests.

    :param fault: which one.
    :param count: how many more requests it meets.
    :param method: only requests of this verb; None for any.
    :param path: only paths below ``/WinCCRestService`` that match this pattern; None for any.
    :param seconds: for ``delay`` and ``stall``.
    :param tag: for the quality faults, only reads of this tag, and only its item.
    """

    fault: Fault
    count: int = 1
    method: str | None = None
    path: str | None = None
    seconds: float | None = None
    tag: str | None = None

    def spoils(self, tag: str) -> bool:
        """Whether the fault touches the item of this tag."""
        return self.tag is None or self.tag.lower() == tag.lower()


READ_ONE = "read one"
READ_MANY = "read many"
WRITE_MANY = "write many"
READ_ONE_ARCHIVED = "read one archived"
READ_MANY_ARCHIVED = "read many archived"
READ_MESSAGES = "read messages"
_ARCHIVED = {READ_ONE_ARCHIVED, READ_MANY_ARCHIVED}
_KINDS = {
    Fault.BAD_QUALITY: {READ_ONE, READ_MANY} | _ARCHIVED,
    Fault.INITIAL_QUALITY: {READ_ONE, READ_MANY} | _ARCHIVED,
    Fault.MISSING_ROWS: {READ_MANY, WRITE_MANY, READ_MANY_ARCHIVED, READ_MESSAGES},
    Fault.EMPTY_ARCHIVE: _ARCHIVED,
    Fault.SEGMENT_CHANGE: _ARCHIVED,
}
_SECONDS = {Fault.DELAY: 1.0, Fault.STALL: 30.0}
_WITH_TAG = {Fault.BAD_QUALITY, Fault.INITIAL_QUALITY}


def make_fault(
    fault: Fault | str,
    *,
    count: int = 1,
    method: str | None = None,
    path: str | None = None,
    seconds: float | None = None,
    tag: str | None = None,
) -> PendingFault:
    """Check the words of a fault and make it.

    :raises ValueError: naming the word that is wrong and what was expected.
    """
    try:
        kind = Fault(fault)
    except ValueError:
        raise ValueError(f"unknown fault {fault!r}; known are {', '.join(Fault)}") from None
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"count is a whole number from 1, not {count!r}")
    for word, text in (("method", method), ("path", path), ("tag", tag)):
        if text is not None and (not isinstance(text, str) or not text):
            raise ValueError(f"{word} is a text that is not empty, not {text!r}")
    if tag is not None and kind not in _WITH_TAG:
        raise ValueError(f"tag goes with {' and '.join(sorted(_WITH_TAG))} only, not with {kind}")
    return PendingFault(
        fault=kind,
        count=count,
        method=None if method is None else method.upper(),
        path=None if path is None else "/" + path.lstrip("/").lower(),
        seconds=_checked_seconds(kind, seconds),
        tag=tag,
    )


class FaultQueue:
    """Faults in the order in which they were asked for, safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[PendingFault] = []

    def add(self, fault: PendingFault) -> None:
        """Put a fault at the end of the queue."""
        with self._lock:
            self._pending.append(fault)

    def take(self, *, method: str, path: str, kind: str, tags: Collection[str]) -> PendingFault | None:
        """Return the first fault that this request meets and count it down.

        :param kind: which kind of request it is; some faults wait for reads or lists.
        :param tags: the tags that the request names.
        """
        with self._lock:
            for place, fault in enumerate(self._pending):
                if _meets(fault, method, path, kind) and _names(fault, tags):
                    left = replace(fault, count=fault.count - 1)
                    self._pending[place : place + 1] = [left] if left.count else []
                    return fault
        return None

    @property
    def pending(self) -> list[PendingFault]:
        """The faults that still wait."""
        with self._lock:
            return list(self._pending)

    @property
    def is_idle(self) -> bool:
        """Whether no request can meet a fault now."""
        return not self._pending

    def clear(self, kind: Fault | None = None) -> None:
        """Forget all faults, or those of one kind."""
        with self._lock:
            self._pending = [fault for fault in self._pending if kind not in {None, fault.fault}]


def _checked_seconds(fault: Fault, seconds: float | None) -> float | None:
    if fault not in _SECONDS:
        if seconds is not None:
            raise ValueError(f"seconds goes with {' and '.join(sorted(_SECONDS))} only, not with {fault}")
        return None
    if seconds is None:
        return _SECONDS[fault]
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if is_number and 0 < seconds < math.inf:
        return float(seconds)
    raise ValueError(f"seconds is a number above 0, not {seconds!r}")


def _meets(fault: PendingFault, method: str, path: str, kind: str) -> bool:
    return (
        (fault.method is None or fault.method == method)
        and (fault.path is None or fnmatchcase(path.lower(), fault.path))
        and (fault.fault not in _KINDS or kind in _KINDS[fault.fault])
    )


def _names(fault: PendingFault, tags: Collection[str]) -> bool:
    return fault.tag is None or any(fault.spoils(tag) for tag in tags)
