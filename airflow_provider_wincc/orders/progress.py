"""How far a handoff has come: what one attempt did, when each wait began, and when each step was reached.

It is kept in the store's document beside the durable note, so that a handoff goes on in another process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.orders.errors import OrderError
from airflow_provider_wincc.orders.memory import OrderMemory, OrderNote

if TYPE_CHECKING:
    from airflow_provider_wincc.orders.steps import Wait
    from airflow_provider_wincc.orders.store import Remembered

VERSION = 1
"""Version of the document. It changes with the meaning of anything in it."""


@dataclass(slots=True)
class Progress:
    """What is remembered of one order's handoff.

    :param attempt: name of the attempt; another attempt waits anew, and has committed nothing itself.
    :param memory: what the decisions need.
    :param waiting_since: when each wait of this attempt began, in seconds since 1970.
    :param times: step → when it was reached, ISO 8601 in UTC; over all attempts.
    :param told: the steps that were logged, so that none is logged twice.
    """

    attempt: str
    memory: OrderMemory = field(default_factory=OrderMemory)
    waiting_since: dict[str, float] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, remembered: Remembered, *, attempt: str) -> Progress:
        """Read what a store holds.

        :raises OrderError: when the document is of another version, or the durable note in it cannot be understood.
        """
        document = remembered.document
        progress = cls(attempt, times=_texts(document.get("times")))
        progress.recall(remembered)
        match document.get("attempt"):
            case {
                "name": str(name),
                "committed": bool(committed),
                "number_before": int() | None as number_before,
                "accepted_sequence": int() | None as accepted_sequence,
                "offered": bool(offered),
                "waiting_since": {**waiting_since},
                "told": [*told],
            } if name == attempt:
                progress.remember(
                    committed=committed,
                    number_before=number_before,
                    accepted_sequence=accepted_sequence,
                    offered=offered,
                )
                progress.waiting_since = _seconds(waiting_since)
                progress.told = [str(step) for step in told]
        return progress

    def to_document(self) -> dict[str, Any]:
        """Return the document for the store."""
        return {
            "version": VERSION,
            "note": None if self.memory.note is None else self.memory.note.to_json(),
            "was_offered": self.memory.was_offered,
            "times": dict(self.times),
            "attempt": {
                "name": self.attempt,
                **self.memory.attempt_to_json(),
                "waiting_since": dict(self.waiting_since),
                "told": list(self.told),
            },
        }

    def remember(self, **changes: Any) -> None:
        """Change what the decisions remember."""
        self.memory = replace(self.memory, **changes)

    def recall(self, remembered: Remembered) -> None:
        """Take over what another process of this order may have stored meanwhile: the result, and what is durable.

        :raises OrderError: when the document is of another version, or the durable note cannot be understood.
        """
        document = remembered.document
        _check_version(document)
        note = document.get("note")
        self.remember(
            result=remembered.result,
            note=None if note is None else OrderNote.from_json(note),
            was_offered=document.get("was_offered") is True,
        )

    def reached(self, step: str, now: float) -> None:
        """Note when a step was reached for the first time."""
        self.times.setdefault(step, datetime.fromtimestamp(now, UTC).isoformat())

    def begin_wait(self, wait: Wait, now: float) -> float:
        """Return when this wait began: now, or earlier."""
        return self.waiting_since.setdefault(wait.value, now)

    def end_wait(self, *waits: Wait) -> None:
        """Forget when waits began: they start anew next time."""
        for wait in waits:
            self.waiting_since.pop(wait.value, None)


def noted_revision(document: Mapping[str, Any]) -> int | None:
    """Return the revision that may have been committed, by a document of :class:`Progress`; None for none."""
    match document:
        case {"note": {"revision": int() as revision}}:
            return revision
    return None


def _check_version(document: Mapping[str, Any]) -> None:
    """Refuse what another version wrote: to overlook its note could start an order twice."""
    if document and document.get("version") != VERSION:
        raise OrderError(
            f"What is stored of an order is of version {document.get('version')!r}, and this provider reads version "
            f"{VERSION}: {document!r:.200}.",
            hint="Another version of this provider wrote it: let a worker with that version hand the order over. "
            "Before you remove it, find out at the unit whether the order ran.",
        )


def _seconds(waiting_since: Mapping[Any, Any]) -> dict[str, float]:
    return {str(name): float(since) for name, since in waiting_since.items()}


def _texts(times: object) -> dict[str, str]:
    if not isinstance(times, Mapping):
        return {}
    return {str(step): str(at) for step, at in times.items()}
