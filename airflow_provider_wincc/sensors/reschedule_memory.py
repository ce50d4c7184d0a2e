"""Carries a wait in reschedule mode from one reading to the next, in Airflow's task state store (3.3 and later).

A hold time goes on over the pause between two readings, as between two polls. It does not when the pause was
longer than planned (twice the interval and a minute), or when the clock was set back meanwhile: nobody can say what
the plant did, so hold times, heartbeats and the time without a usable reading begin anew. The values that ``changed``
compares with and the count of failures stay. A wait for messages remembers that count and nothing else.

The pause is measured by the workers' time of day, because two readings may come from two machines.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_wincc.conditions import Memory, WinCCConditionError
from airflow_provider_wincc.waiting import TagWait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow.sdk import Context

    from airflow_provider_wincc.conditions import Condition
    from airflow_provider_wincc.triggers.wait_trigger import Wait

# One key for all tries, so that no try leaves anything behind for good; the try stands in the value.
KEY = "wincc_wait"
"""The key in the task state store. Its value is private; deleting it makes the wait begin anew."""

LONGEST_DELAY = 60.0
"""Seconds that a reading may be late, besides one more interval, before hold times begin anew."""

# No time and no count that we store is negative, NaN or larger.
_LARGEST = 1e11

_log = logging.getLogger(__name__)


@contextmanager
def kept_between_pokes(wait: Wait, context: Context) -> Iterator[None]:
    """Go on where the reading before left off; store the wait when the task is rescheduled, and forget it at its end.

    What is stored counts for the same try of the task only. A value that cannot be understood (edited by hand, or of
    another version of this provider) is logged, and the wait begins anew: it may then end later, never too early.
    """
    # Airflow 3.1 has this error elsewhere, and no store.
    from airflow.sdk.exceptions import AirflowRescheduleException

    store, try_number = context["task_state_store"], context["ti"].try_number
    _go_on(wait, store.get(KEY), try_number)
    try:
        yield
    except AirflowRescheduleException as reschedule:
        store.set(KEY, _to_json(wait, try_number, next_look=reschedule.reschedule_date.timestamp()))
        raise
    except Exception:
        _forget(store)
        raise
    _forget(store)


class _Pause(NamedTuple):
    """A wait between two readings, as it was when it was stored."""

    stored_at: float
    next_look: float
    conditions: str
    memory: Memory
    fail_if_memory: Memory
    failures: int
    unknown_since: float
    has_read_all: bool
    lacking: int


def _to_json(wait: Wait, try_number: int, *, next_look: float) -> dict[str, Any]:
    if not isinstance(wait, TagWait):
        return {"try_number": try_number, "failures": wait.failures}
    now = time.monotonic()
    return {
        "try_number": try_number,
        "stored_at": time.time(),
        "next_look": next_look,
        "conditions": _fingerprint(wait),
        "memory": wait.memory.to_json_with_times(now=now),
        "fail_if_memory": wait.fail_if_memory.to_json_with_times(now=now),
        "failures": wait.failures,
        "unknown_for": now - wait.unknown_since,
        "has_read_all": wait.has_read_all,
        "lacking": wait.lacking,
    }


def _go_on(wait: Wait, stored: object, try_number: int) -> None:
    if stored is None or _is_of_another_try(stored, try_number):
        return
    try:
        if isinstance(wait, TagWait):
            _go_on_after(_read(stored), wait)
        else:
            wait.failures = _read_failures(stored)
    except (WinCCConditionError, ValueError) as error:
        _log.warning("The wait begins anew: %r in the task state store cannot be understood. %s", KEY, error)


def _go_on_after(pause: _Pause, wait: TagWait) -> None:
    wait.failures = pause.failures
    if pause.conditions == _fingerprint(wait):
        wait.memory, wait.fail_if_memory = pause.memory, pause.fail_if_memory
        wait.has_read_all, wait.lacking = pause.has_read_all, pause.lacking
    elif pause.memory != Memory() or pause.fail_if_memory != Memory():
        _log.warning("Hold times and changes are counted anew: the conditions differ from those of the last reading.")
    reason = _why_interrupted(pause)
    if reason is None:
        wait.unknown_since = pause.unknown_since
        return
    if wait.counts_time:
        _log.warning("Hold times and the time without a usable reading begin anew: %s.", reason)
    wait.interrupt()


def _is_of_another_try(stored: object, try_number: int) -> bool:
    match stored:
        case {"try_number": int(other)}:
            return other != try_number
    return False


def _why_interrupted(pause: _Pause) -> str | None:
    planned, actual = pause.next_look - pause.stored_at, time.time() - pause.stored_at
    if actual < 0:
        return f"this worker's clock is {-actual:.1f} s behind the time of the last reading"
    if actual > 2 * planned + LONGEST_DELAY:
        return f"nobody looked for {actual:.0f} s, and {planned:.0f} s were planned"
    return None


def _read(stored: object) -> _Pause:
    """Read what :func:`_to_json` gave, with its times on this process's monotonic clock.

    :raises WinCCConditionError: when a memory in it cannot be understood.
    :raises ValueError: when the rest cannot.
    """
    match stored:
        case {
            "try_number": int(),
            "stored_at": int() | float() as stored_at,
            "next_look": int() | float() as next_look,
            "conditions": str(conditions),
            "memory": memory,
            "fail_if_memory": fail_if_memory,
            "failures": int(failures),
            "unknown_for": int() | float() as unknown_for,
            "has_read_all": bool(has_read_all),
            "lacking": int(lacking),
            **rest,
        } if not rest and all(
            0 <= number < _LARGEST for number in (stored_at, next_look, unknown_for, failures, lacking)
        ):
            then = time.monotonic() - (time.time() - stored_at)
            return _Pause(
                stored_at,
                next_look,
                conditions,
                Memory.from_json_with_times(memory, now=then),
                Memory.from_json_with_times(fail_if_memory, now=then),
                failures,
                then - unknown_for,
                has_read_all,
                lacking,
            )
    raise ValueError(f"It is {stored!r:.200}.")


def _read_failures(stored: object) -> int:
    match stored:
        case {"try_number": int(), "failures": int(failures), **rest} if not rest and 0 <= failures < _LARGEST:
            return failures
    raise ValueError(f"It is {stored!r:.200}.")


def _fingerprint(wait: TagWait) -> str:
    """Return a short text that changes with the conditions: what is remembered belongs to places in them."""
    conditions = [_json_of(wait.condition), _json_of(wait.fail_if)]
    return hashlib.sha256(json.dumps(conditions, sort_keys=True).encode()).hexdigest()


def _json_of(condition: Condition | None) -> dict[str, Any] | None:
    return None if condition is None else condition.to_json()


def _forget(store: Any) -> None:
    try:
        store.delete(KEY)
    except Exception:  # noqa: BLE001  whatever the store raises, it must not replace how the wait ended
        _log.warning("The ended wait stays in the task state store; another try does not use it.", exc_info=True)
