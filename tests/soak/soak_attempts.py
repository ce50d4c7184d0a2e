"""Runs a task again when it fails, as Airflow does with retries, and counts how it ends."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowFailException
from task_context import new_context

from airflow_provider_wincc.client import WinCCError, WinCCWriteOutcomeUnknownError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_TRIES = 8
RETRY_SECONDS = 0.2


@dataclass(slots=True)
class Attempts:
    """What became of the tasks of one process.

    :param counts: by what happened.
    :param done: by name of the task.
    :param given_up: the last errors of tasks whose retries ran out.
    :param problems: what must not happen.
    """

    counts: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    given_up: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def run(self, name: str, attempt: Callable[[dict[str, Any]], Any], **context: Any) -> Any:
        """Attempt a task until it succeeds; None when it does not.

        :param attempt: called with the context of a task; the state store is the same for all attempts.
        """
        given = {**new_context(task_id=name, run_id=f"{name}-{self.counts['tasks']}"), **context}
        self.counts["tasks"] += 1
        for number in range(1, MOST_TRIES + 1):
            given["ti"].try_number = number
            self.counts["attempts"] += 1
            try:
                result = attempt(given)
            except WinCCError as error:
                self.counts["attempts that failed"] += 1
                self.counts["outcomes of writes told to be unknown"] += isinstance(error, WinCCWriteOutcomeUnknownError)
                told = f"{name}: {type(error).__name__}: {error.message}"
                time.sleep(RETRY_SECONDS)
            except AirflowFailException as error:
                self.problems.append(f"{name} failed for good: {error}")
                return None
            except Exception as error:  # noqa: BLE001  whatever it is, the verdict has to tell it
                self.problems.append(f"{name} failed with an error that is not ours: {error!r}")
                return None
            else:
                self.done[name] += 1
                return result
        self.counts["given up"] += 1
        self.given_up.append(told)
        return None

    def account(self) -> dict[str, Any]:
        """Return the figures; problems and errors only once."""
        told = {
            "counts": dict(self.counts),
            "done": dict(self.done),
            "given_up": self.given_up[:],
            "problems": self.problems[:],
        }
        self.given_up.clear()
        self.problems.clear()
        return told
