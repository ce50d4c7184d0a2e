from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from documentation import blocks

from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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

    def set(self, key: str, value: Any) -> None:
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
