"""What SQLite and PostgreSQL say differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from airflow_provider_wincc.client.errors import WinCCConfigurationError

DialectName = Literal["sqlite", "postgresql"]

LOCK_SECONDS = 30
"""How long a statement waits for a lock before the database counts as unavailable."""


@dataclass(frozen=True)
class Dialect:
    """The pieces of a statement that depend on the database.

    ``now`` and ``ago`` (which takes a number of seconds) ask the database's clock, since workers' clocks differ.
    """

    name: DialectName
    placeholder: str
    now: str
    ago: str
    json: str
    lock_rows: str
    skip_locked: str
    begin_reading: tuple[str, ...]
    begin_writing: tuple[str, ...]
    begin_creating: tuple[str, ...]


def dialect_named(name: str) -> Dialect:
    """Return a dialect by its name.

    :raises WinCCConfigurationError: when there is none of that name.
    """
    if name not in _DIALECTS:
        raise WinCCConfigurationError(
            f"There are no staging tables for the database {name!r}.", hint=f"Expected {' or '.join(_DIALECTS)}."
        )
    return _DIALECTS[name]


_WAIT_FOR_LOCKS = f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"

_DIALECTS = {
    "sqlite": Dialect(
        name="sqlite",
        placeholder="?",
        now="strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
        ago="strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-' || ? || ' seconds')",
        json="?",
        # BEGIN IMMEDIATE has locked the whole file already.
        lock_rows="",
        skip_locked="",
        begin_reading=("BEGIN",),
        begin_writing=("BEGIN IMMEDIATE",),
        begin_creating=("BEGIN IMMEDIATE",),
    ),
    "postgresql": Dialect(
        name="postgresql",
        placeholder="%s",
        now="now()",
        ago="now() - make_interval(secs => ?)",
        json="CAST(? AS jsonb)",
        lock_rows="FOR UPDATE",
        skip_locked="FOR UPDATE SKIP LOCKED",
        # The driver begins by itself. What follows a lock must see what its holder committed.
        begin_reading=(),
        begin_writing=("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", _WAIT_FOR_LOCKS),
        # Two CREATE TABLE IF NOT EXISTS at the same time can fail each other; any number does for the lock.
        begin_creating=(_WAIT_FOR_LOCKS, "SELECT pg_advisory_xact_lock(718034568)"),
    ),
}
