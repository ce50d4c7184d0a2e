"""Follow one DAG run: say what each task does as it happens, and what it told about the station."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.task_log import full_text, wincc_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.airflow_api import AirflowApi, TaskState
    from demo.processes import Service
    from demo.report import Report
    from demo.waiting import Stopwatch

# States in which a try has written its log, although the task may try again.
_TRY_ENDED = frozenset({"success", "failed", "up_for_retry"})
_FINISHED_RUN = frozenset({"success", "failed"})
_FAILED_LOG_LINES = 60


@dataclass(frozen=True)
class RunOutcome:
    """How a DAG run ended.

    :param state: success or failed.
    :param seconds: from its start to its end, as the demo saw it.
    """

    state: str
    tasks: tuple[TaskState, ...]
    seconds: float

    def sentence(self) -> str:
        """Say the outcome in one line."""
        counts = Counter(str(task.state).replace("_", " ") for task in self.tasks)
        tasks = ", ".join(f"{number} {state}" for state, number in counts.most_common())
        return f"the DAG run took {self.seconds:.1f} s and is marked {self.state} (tasks: {tasks})"


class StateChanges:
    """Remembers the last seen state of each task, and tells what is new."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], tuple[str | None, int]] = {}

    def of(self, tasks: Iterable[TaskState]) -> list[TaskState]:
        """Those tasks whose state, or number of the try, differs from the last look; in the given order.

        A task that has no state yet is not news.
        """
        changed = []
        for task in tasks:
            key, now = (task.task_id, task.map_index), (task.state, task.try_number)
            if task.state is not None and self._seen.get(key) != now:
                changed.append(task)
            self._seen[key] = now
        return changed


def follow_run(
    api: AirflowApi, dag_id: str, run_id: str, *, airflow: Service, stopwatch: Stopwatch, report: Report
) -> RunOutcome:
    """Report each change of a task's state until the run has ended.

    :param airflow: is watched: when it ends, so does the waiting.
    :raises DemoError: when Airflow ends or stops to answer, or time runs out.
    """
    changes = StateChanges()
    started = stopwatch.elapsed

    def look() -> RunOutcome | None:
        airflow.check()
        # Asked before the tasks, so that when the run has ended, the tasks' last states are seen too.
        state = api.run_state(dag_id, run_id)
        tasks = api.tasks(dag_id, run_id)
        for task in changes.of(tasks):
            report.task(task.name, str(task.state))
            if task.state in _TRY_ENDED:
                report.quote(wincc_lines(api.log(dag_id, run_id, task)))
        if state in _FINISHED_RUN:
            return RunOutcome(state, tuple(tasks), stopwatch.elapsed - started)
        return None

    return stopwatch.wait_for(f"the run of DAG {dag_id} to end", look)


def failed_logs(api: AirflowApi, dag_id: str, run_id: str, outcome: RunOutcome) -> list[str]:
    """Fetch the end of the log of each task that failed by itself."""
    lines: list[str] = []
    for task in outcome.tasks:
        if task.state == "failed":
            text = full_text(api.log(dag_id, run_id, task))
            lines += [f"The end of the log of task {task.name}:", *text[-_FAILED_LOG_LINES:]]
    return lines
