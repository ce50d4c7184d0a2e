"""What Airflow hands to a task when it runs it, without a database behind it."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk.execution_time.comms import GetTaskStates, TaskStatesResult


class StateStore(dict[str, Any]):
    """Airflow 3.3's task state store: like a dict of JSON values, and None for what is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.retentions: list[timedelta | None] = []

    def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None:
        self[key] = json.loads(json.dumps(value, allow_nan=False))
        self.retentions.append(retention)

    def delete(self, key: str) -> None:
        self.pop(key, None)


@dataclass
class TaskInstance:
    """The little of a task instance that our operators look at."""

    dag_id: str = "line3"
    run_id: str = "manual__1"
    task_id: str = "task"
    map_index: int = -1
    try_number: int = 1
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def get_first_reschedule_date(self, context: Any) -> datetime:
        return self.started_at


class Supervisor:
    """Answers what a process asks Airflow, as the triggerer's supervisor does: the states of one task."""

    def __init__(
        self,
        state: str | None,
        *,
        run_id: str = "manual__1",
        map_index: int = -1,
        is_away: bool = False,
        answers_when: threading.Event | None = None,
    ) -> None:
        self.is_asked = threading.Event()
        self.answers_when = answers_when
        name = "task" if map_index < 0 else f"task_{map_index}"
        self._answer = TaskStatesResult(task_states={run_id: {name: state}})
        self._asked_for = {"dag_id": "line3", "map_index": map_index, "task_ids": ["task"], "run_ids": ["manual__1"]}
        self._is_away = is_away

    def send(self, msg: Any) -> TaskStatesResult | None:
        """Answer a request; all but those for states are none of a trigger's concern."""
        if not isinstance(msg, GetTaskStates):
            return None
        assert self._asked_for.items() <= msg.model_dump().items()
        self.is_asked.set()
        if self.answers_when is not None:
            assert self.answers_when.wait(timeout=10)
        if self._is_away:
            raise ConnectionError("the API server does not answer")
        return self._answer


def new_context(**task_instance: Any) -> dict[str, Any]:
    """Make the context of a task that has not run before."""
    return {"ti": TaskInstance(**task_instance), "task_state_store": StateStore(), "params": {"level": 60.0}}
