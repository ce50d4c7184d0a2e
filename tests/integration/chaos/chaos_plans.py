"""What the walk tells the process of an attempt, and where that leaves its traces."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Interruption:
    """Where an attempt is killed or put to sleep by itself, exactly.

    :param call: a step of :mod:`chaos_steps`, or a method of the store: ``begin``, ``recall``, ``save``,
        ``record_result``.
    :param nth: at which of these calls, counted from 1.
    :param after: after the call, not before it.
    :param sleeps: SIGSTOP instead of SIGKILL.
    """

    call: str
    nth: int
    after: bool
    sleeps: bool


@dataclass(frozen=True, kw_only=True)
class AttemptPlan:
    """What an attempt has to do; of JSON types, with all that the process has to know.

    :param attempt: number of the attempt in the walk.
    :param folder: where its log, its outcome and the task state stores are.
    :param erp: path of the staging tables' file; None for Airflow's task state store.
    :param connection: the connection to the station.
    :param without: what is switched off to see whether the proof notices: ``echo``, ``note`` or nothing.
    """

    attempt: int
    order_id: str
    revision: int
    payload: dict[str, Any]
    unit: str
    profile: str
    mode: str
    try_number: int
    folder: str
    erp: str | None
    connection: dict[str, Any]
    settle: float = 0.05
    poke: float = 0.1
    without: str = ""
    interruptions: list[Interruption] = field(default_factory=list)

    def to_json(self) -> str:
        """Return the plan as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> AttemptPlan:
        """Read a plan."""
        words = json.loads(line)
        return cls(**{**words, "interruptions": [Interruption(**one) for one in words["interruptions"]]})


def outcome_path(folder: Path | str, attempt: int) -> Path:
    """Return where the outcome of an attempt is written to."""
    return Path(folder) / f"attempt-{attempt}.json"


def log_path(folder: Path | str, attempt: int) -> Path:
    """Return where an attempt writes its log."""
    return Path(folder) / f"attempt-{attempt}.log"
