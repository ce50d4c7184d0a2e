from __future__ import annotations

from dataclasses import replace

from demo.airflow_api import TaskState
from demo.run_follower import RunOutcome, StateChanges

TASK = TaskState("read", map_index=-1, state="running", try_number=1)


def test_a_state_is_told_once() -> None:
    changes = StateChanges()

    assert changes.of([TASK]) == [TASK]
    assert changes.of([TASK]) == []


def test_a_task_without_a_state_is_no_news() -> None:
    assert StateChanges().of([replace(TASK, state=None)]) == []


def test_a_task_that_comes_back_to_a_state_is_told_again() -> None:
    changes = StateChanges()
    deferred = replace(TASK, state="deferred")

    assert [changes.of([task]) for task in (TASK, deferred, TASK)] == [[TASK], [deferred], [TASK]]


def test_a_second_try_in_the_same_state_is_told() -> None:
    changes = StateChanges()
    changes.of([TASK])

    second_try = replace(TASK, try_number=2)

    assert changes.of([second_try]) == [second_try]


def test_mapped_tasks_are_told_apart_and_named_with_their_index() -> None:
    first, second = replace(TASK, map_index=0), replace(TASK, map_index=1)
    changes = StateChanges()
    changes.of([first])

    assert changes.of([first, second]) == [second]
    assert second.name == "read[1]"


def test_the_outcome_is_one_sentence_with_all_tasks_counted() -> None:
    tasks = (TASK, *(replace(TASK, state=state) for state in ("success", "success", "upstream_failed")))

    outcome = RunOutcome("failed", tasks, seconds=12.34)

    assert outcome.sentence() == (
        "the DAG run took 12.3 s and is marked failed (tasks: 2 success, 1 running, 1 upstream failed)"
    )
