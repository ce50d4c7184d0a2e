"""What Airflow hands to a task when it runs it, without a database behind it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


class StateStore(dict[str, Any]):
    """Airflow 3.3's task state store: like a dict of JSON values, and None for what is not there."""

    def set(self, key: str, value: Any) -> None:
        self[key] = json.loads(json.dumps(value, allow_nan=False))

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


def new_context(**task_instance: Any) -> dict[str, Any]:
    """Make the context of a task that has not run before."""
    return {"ti": TaskInstance(**task_instance), "task_state_store": StateStore(), "params": {"level": 60.0}}
