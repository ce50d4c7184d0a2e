"""A wait in reschedule mode: every reading in another process, with another monotonic clock."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_wincc.client import (
    FailureKind,
    Quality,
    TagFailure,
    TagValue,
    WinCCConnectionError,
    WinCCTagNotFoundError,
)
from airflow_provider_wincc.client.models import read_value
from airflow_provider_wincc.conditions import Memory, alive, tag
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS
from airflow_provider_wincc.waiting import TagWait, WaitOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_wincc.conditions import Condition

if not AIRFLOW_V_3_3_PLUS:
    pytest.skip("Airflow keeps the state of tasks from 3.3 on", allow_module_level=True)

from airflow.sdk.exceptions import AirflowRescheduleException

from airflow_provider_wincc.sensors import reschedule_memory
from airflow_provider_wincc.sensors.reschedule_memory import KEY, LONGEST_DELAY, kept_between_pokes

INTERVAL = 10.0
LONGEST_PAUSE = 2 * INTERVAL + LONGEST_DELAY
START = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
TRUE = tag("A") == 1
HELD = TRUE.held_for(seconds=25)
LOST = "lost"
BEAT = alive("A", within=timedelta(seconds=90))


class Store(dict[str, Any]):
    """A task state store."""

    def set(self, key: str, value: Any) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        self.pop(key, None)


@dataclass
class TaskInstance:
    try_number: int = 1


@dataclass
class Clock:
    """The clocks of the process that reads; the monotonic one begins anew, somewhere, with each process."""

    wall: float = START
    since_boot: float = 0.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.since_boot


@dataclass
class Task:
    """A sensor task in reschedule mode, without its network: ``poke(at, text)`` is one reading of tag A."""

    clock: Clock
    condition: Condition
    store: Store = field(default_factory=Store)
    ti: TaskInstance = field(default_factory=TaskInstance)
    fail_if: Condition | None = None
    fail_if_unknown_for: float | None = None
    max_consecutive_failures: int = 10
    wait: TagWait | None = None

    def poke(self, at: float, text: str | None, *, quality: int = 0x80) -> WaitOutcome | None:
        """Read so many seconds after the start; no text stands for a station that is away, LOST for a lost row."""
        self.clock.wall = START + at
        self.clock.since_boot = random.uniform(0, 1e6)
        self.wait = TagWait(
            self.condition,
            fail_if=self.fail_if,
            fail_if_unknown_for=self.fail_if_unknown_for,
            max_consecutive_failures=self.max_consecutive_failures,
            unknown_since=self.clock.monotonic(),
        )
        outcome: WaitOutcome | None = None
        try:
            with kept_between_pokes(self.wait, {"task_state_store": self.store, "ti": self.ti}):
                now = self.clock.monotonic()
                if text is None:
                    outcome = self.wait.observe_failure(WinCCConnectionError("Away."), now=now)
                else:
                    value = TagValue("A", read_value(text), Quality(quality), None, text)
                    reading = TagFailure(FailureKind.NOT_FOUND, "no row") if text == LOST else value
                    outcome = self.wait.observe({"A": reading}, now=now)
                if outcome is None:
                    self._reschedule()
        except AirflowRescheduleException:
            assert KEY in self.store
        return outcome

    def _reschedule(self) -> NoReturn:
        raise AirflowRescheduleException(datetime.fromtimestamp(self.clock.wall + INTERVAL, UTC))

    def is_met(self, at: float, text: str | None, *, quality: int = 0x80) -> bool:
        outcome = self.poke(at, text, quality=quality)
        return outcome is not None and outcome.error is None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(reschedule_memory, "time", made)
    return made


@pytest.fixture
def task(clock: Clock) -> Callable[..., Task]:
    def make(condition: Condition, **arguments: Any) -> Task:
        return Task(clock, condition, **arguments)

    return make


@pytest.fixture
def warnings_of(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


def test_a_hold_time_goes_on_from_one_process_to_the_next(task: Callable[..., Task]) -> None:
    held = task(HELD)

    assert [held.is_met(at, "1") for at in (0, 10, 20, 24.9, 25)] == [False, False, False, False, True]
    assert held.store == {}


@pytest.mark.parametrize(("text", "quality"), [("2", 0x80), ("1", 0x18), (None, 0x80)])
def test_false_unknown_and_a_failed_reading_restart_it(
    task: Callable[..., Task], text: str | None, quality: int
) -> None:
    held = task(HELD)
    held.poke(0, "1")
    held.poke(10, text, quality=quality)

    assert [held.is_met(at, "1") for at in (20, 30, 40, 45)] == [False, False, False, True]


def test_a_reading_that_is_as_late_as_allowed_lets_it_go_on(task: Callable[..., Task]) -> None:
    held = task(HELD)
    held.poke(0, "1")

    assert held.is_met(LONGEST_PAUSE - 0.1, "1")


def test_a_time_in_which_nobody_looked_is_not_counted_as_held(
    task: Callable[..., Task], warnings_of: Callable[[], list[str]]
) -> None:
    held = task(HELD)
    held.poke(0, "1")

    assert not held.is_met(3600, "1")
    assert not held.is_met(3620, "1")
    assert held.is_met(3625, "1")
    assert [text for text in warnings_of() if "nobody looked for 3600 s, and 10 s were planned" in text]


def test_a_clock_that_went_back_restarts_it(task: Callable[..., Task], warnings_of: Callable[[], list[str]]) -> None:
    held = task(HELD)
    held.poke(0, "1")

    assert [held.is_met(at, "1") for at in (-5, 5, 19.9, 20)] == [False, False, False, True]
    assert [text for text in warnings_of() if "clock is 5.0 s behind" in text]


def test_a_late_reading_without_anything_to_restart_is_no_warning(
    task: Callable[..., Task], warnings_of: Callable[[], list[str]]
) -> None:
    plain = task(TRUE)
    plain.poke(0, "2")

    assert plain.is_met(3600, "1")
    assert warnings_of() == []


@pytest.mark.parametrize("pause", [10, 3600])
def test_what_a_change_is_measured_from_outlives_every_pause(task: Callable[..., Task], pause: float) -> None:
    changed = task(tag("A").changed())
    changed.poke(0, "1")

    assert not changed.is_met(pause, "1")
    assert changed.is_met(2 * pause, "2")


def test_a_heartbeat_is_seen_from_one_process_to_the_next(task: Callable[..., Task]) -> None:
    beat = task(BEAT & (tag("A") != 7))

    assert [beat.is_met(at, "7") for at in (0, 10)] == [False, False]
    assert beat.is_met(20, "8")


def test_a_heartbeat_must_be_seen_again_after_a_time_in_which_nobody_looked(task: Callable[..., Task]) -> None:
    beat = task(BEAT)
    beat.poke(0, "1")

    assert not beat.is_met(3600, "2")
    assert beat.is_met(3610, "3")


def test_fail_if_remembers_too(task: Callable[..., Task]) -> None:
    aborted = task(tag("A") == 2, fail_if=HELD)
    aborted.poke(0, "1")
    aborted.poke(10, "1")

    outcome = aborted.poke(25, "1")

    assert outcome is not None
    assert "fail_if is true" in str(outcome.error)


@pytest.mark.parametrize("pause", [10, 3600])
def test_failed_readings_in_a_row_are_counted_over_every_pause(task: Callable[..., Task], pause: float) -> None:
    away = task(TRUE, max_consecutive_failures=2)
    away.poke(0, None)
    away.poke(pause, None)

    outcome = away.poke(2 * pause, None)

    assert outcome is not None
    assert isinstance(outcome.error, WinCCConnectionError)


def test_the_time_without_a_usable_reading_goes_on_from_one_process_to_the_next(task: Callable[..., Task]) -> None:
    blind = task(TRUE, fail_if_unknown_for=25)

    outcomes = [blind.poke(at, "1", quality=0x18) for at in (0, 10, 20, 25)]

    assert outcomes[:3] == [None, None, None]
    assert "No usable reading for 25 s" in str(outcomes[3] and outcomes[3].error)


def test_the_time_without_a_usable_reading_does_not_count_a_time_in_which_nobody_looked(
    task: Callable[..., Task],
) -> None:
    blind = task(TRUE, fail_if_unknown_for=25)
    blind.poke(0, "1", quality=0x18)

    assert blind.poke(3600, "1", quality=0x18) is None


def test_another_try_begins_anew_without_a_word(
    task: Callable[..., Task], warnings_of: Callable[[], list[str]]
) -> None:
    held = task(HELD)
    held.poke(0, "1")
    held.ti.try_number = 2

    assert [held.is_met(at, "1") for at in (10, 30, 35)] == [False, False, True]
    assert warnings_of() == []


def test_other_conditions_than_before_do_not_take_over_what_was_remembered(
    task: Callable[..., Task], warnings_of: Callable[[], list[str]]
) -> None:
    held = task(HELD, max_consecutive_failures=1)
    held.poke(0, "1")
    held.condition = (tag("A") >= 1).held_for(seconds=25)

    assert not held.is_met(25, "1")
    assert held.is_met(50, "1")
    assert [text for text in warnings_of() if "differ" in text]


def good_entry(task: Task) -> dict[str, Any]:
    task.poke(0, "1")
    return dict(task.store[KEY])


@pytest.mark.parametrize(
    "change",
    [
        {"stored_at": "noon"},
        {"stored_at": float("nan")},
        {"stored_at": 10**400},
        {"next_look": None},
        {"failures": -1},
        {"failures": 1.5},
        {"unknown_for": -1.0},
        {"try_number": "1"},
        {"try_number": []},
        {"conditions": 5},
        {"more": 1},
        {"memory": {}},
        {"memory": {"baselines": []}},
        {"memory": {"baselines": [], "last_seen": [], "true_for": [{"place": [], "seconds": -5}]}},
        {"memory": {"baselines": [], "last_seen": [], "true_for": [{"place": [], "seconds": float("nan")}]}},
        {"memory": {"baselines": [], "last_seen": [], "true_for": [{"place": [], "seconds": 10**400}]}},
        {"memory": {"baselines": [], "last_seen": [], "true_for": [{"place": [], "seconds": True}]}},
        {"memory": {"baselines": [], "last_seen": [], "true_for": [{"place": ["x"], "seconds": 5}]}},
        {"memory": {"baselines": [], "last_seen": [{"place": [], "text": "1"}], "true_for": []}},
        {"fail_if_memory": 5},
        {"has_read_all": 1},
        {"lacking": -1},
        {"lacking": "2"},
    ],
    ids=str,
)
def test_an_entry_that_cannot_be_understood_is_told_and_the_wait_begins_anew(
    task: Callable[..., Task], warnings_of: Callable[[], list[str]], change: dict[str, Any]
) -> None:
    held = task(HELD)
    held.store[KEY] = good_entry(held) | change

    assert [held.is_met(at, "1") for at in (25, 45, 50)] == [False, False, True]
    assert len([text for text in warnings_of() if "begins anew" in text and KEY in text]) == 1


@pytest.mark.parametrize("pause", [10, 3600])
def test_a_tag_that_was_there_may_be_missing_so_many_times_over_every_pause(
    task: Callable[..., Task], pause: float
) -> None:
    plain = task(TRUE, max_consecutive_failures=2)
    outcomes = [plain.poke(pause * number, text) for number, text in enumerate(["2", LOST, LOST, LOST])]

    assert outcomes[:3] == [None, None, None]
    assert outcomes[3] is not None
    assert isinstance(outcomes[3].error, WinCCTagNotFoundError)


def test_tags_of_other_conditions_than_before_are_not_known(task: Callable[..., Task]) -> None:
    plain = task(TRUE)
    plain.poke(0, "2")
    plain.condition = tag("A") == 3

    assert plain.poke(10, LOST) is not None


@pytest.mark.parametrize("entry", ["text", 5, [], {}, True])
def test_an_entry_of_something_else_is_told_too(
    task: Callable[..., Task], warnings_of: Callable[[], list[str]], entry: object
) -> None:
    held = task(HELD)
    held.store[KEY] = entry

    assert not held.is_met(0, "1")
    assert len([text for text in warnings_of() if "begins anew" in text]) == 1


def test_a_store_that_cannot_delete_does_not_change_how_the_wait_ended(
    task: Callable[..., Task], warnings_of: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Store, key: str) -> None:
        raise ConnectionError("no store")

    monkeypatch.setattr(Store, "delete", refuse)
    plain = task(TRUE)

    assert plain.is_met(0, "1")
    assert [text for text in warnings_of() if "stays in the task state store" in text]


def test_an_error_of_the_store_while_reading_it_is_not_hidden(
    task: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Store, key: str) -> None:
        raise ConnectionError("no store")

    monkeypatch.setattr(Store, "get", refuse)

    with pytest.raises(ConnectionError):
        task(HELD).poke(0, "1")


TEXTS = st.sampled_from(["1", "1", "1", "2", "3", "nan"])
PAUSES = st.integers(min_value=1, max_value=int(LONGEST_PAUSE) - 1)
CONDITIONS = st.sampled_from(
    [
        TRUE.held_for(seconds=40.5),
        ~(TRUE.held_for(seconds=40.5)),
        BEAT,
        tag("A").changed() & TRUE.held_for(seconds=10.5),
        TRUE.held_for(seconds=10.5).held_for(seconds=20.5),
        tag("A").changed(by=2) | alive("A", within=timedelta(seconds=30.5)),
    ]
)


@settings(deadline=None)
@given(condition=CONDITIONS, readings=st.lists(st.tuples(PAUSES, TEXTS), min_size=1, max_size=12))
def test_as_long_as_readings_are_not_late_it_judges_as_one_process_would(
    condition: Condition, readings: list[tuple[int, str]]
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        clock = Clock()
        monkeypatch.setattr(reschedule_memory, "time", clock)
        rescheduled, memory, at = Task(clock, condition), Memory(), 0
        for pause, text in readings:
            at += pause
            reading = TagValue("A", read_value(text), Quality(0x80), None, text)
            one_process = condition.evaluate({"A": reading}, memory=memory, now=float(at)).is_true

            assert rescheduled.is_met(at, text) is one_process
            if one_process:
                break
