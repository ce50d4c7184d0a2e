from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.providers.standard.operators.hitl import HITLOperator
from documentation import blocks

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS, AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_STATE_OF_TASKS = (AIRFLOW_V_3_3_PLUS, "Airflow keeps the state of tasks from 3.3 on")
_NEEDED = {
    "docs/deployment.md": _STATE_OF_TASKS,
    "docs/orders.md": _STATE_OF_TASKS,
    "docs/waiting.md": _STATE_OF_TASKS,
    "docs/retries.md": (AIRFLOW_V_3_3_PLUS, "Airflow has retry policies from 3.3 on"),
    "docs/notifications.md": (AIRFLOW_V_3_2_PLUS, "Airflow has deadlines with such callbacks from 3.2 on"),
    "docs/tags.md": (
        "response_timeout" in inspect.signature(HITLOperator.__init__).parameters,
        "questions to a person have this time-out from version 1.12.2 of Airflow's standard provider on",
    ),
}
"""What the blocks of a page need, as the page says: whether it is here, and a reason if not."""


@dataclass
class PageRun:
    """What the Python blocks of a page left behind."""

    names: dict[str, Any]
    dags: dict[str, Any]


@pytest.fixture
def station() -> Iterator[Simulator]:
    """A simulated station whose plant moves, since the pages wait for it."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def run_page(connect: object, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], PageRun]:
    """Run the Python blocks of a page in order, in one namespace, against the station."""
    from airflow.sdk import DAG

    def run(page: str) -> PageRun:
        is_here, reason = _NEEDED.get(page, (True, ""))
        if not is_here:
            pytest.skip(reason)
        done = PageRun({"__name__": "docs"}, {})
        enter = DAG.__enter__

        def remember(dag: DAG) -> DAG:
            done.dags[dag.dag_id] = dag
            return enter(dag)

        monkeypatch.setattr(DAG, "__enter__", remember)
        for block in blocks("python", page):
            # The empty lines make a traceback point to the line of the page.
            exec(compile("\n" * (block.line - 1) + block.code, page, "exec"), done.names)
        return done

    return run


class StateStore(dict[str, Any]):
    """Airflow 3.3's task state store: like a dict, and None for what is not there."""

    def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        self.pop(key, None)


@pytest.fixture
def context() -> dict[str, Any]:
    """The little of a task's context that our operators look at."""
    started_at = datetime.now(UTC)
    run = {"dag_id": "docs", "run_id": "manual__1", "task_id": "task", "map_index": -1, "try_number": 1}
    return {
        "ti": SimpleNamespace(**run, get_first_reschedule_date=lambda _: started_at),
        "task_state_store": StateStore(),
    }
