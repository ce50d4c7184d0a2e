"""The example that answers alarms: in a real Airflow, started by a burst and by hand, and what it makes of events."""

from __future__ import annotations

import csv
import io
import json
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from components import Components

from airflow_provider_wincc.client.messages.values import Message, MessageState
from airflow_provider_wincc.simulator import Simulator

pytestmark = pytest.mark.system

EXAMPLE = Path(__file__).parent.parent.parent / "example_dags" / "wincc_alarm_response.py"
NASTY = "\x1b[31mred\x1b[0m\n| <b>{{ ds }}</b> `=1+1`\u202e"
BURST = 600
"""More than one event holds."""
LONG_AGO = timedelta(minutes=3)
"""So long ago that the example need not wait for the minute after the last alarm."""


def reports(lake: Path) -> dict[str, list[str]]:
    """Lines of each report by its folder."""
    return {
        path.parent.name: path.read_text(encoding="utf-8").split("\n")
        for path in sorted((lake / "alarms").glob("*/report.txt"))
    }


def test_alarms_start_it_and_each_of_them_is_in_a_report(tmp_path):
    lake = tmp_path / "lake"
    with (
        Simulator(plant="still") as station,
        Components(tmp_path, str(EXAMPLE), station, WINCC_LAKE=f"file://{lake}") as airflow,
    ):
        airflow.start("api-server", "scheduler", "triggerer")
        airflow.wait("reading the archive", lambda: len(archive_requests(station)) >= 2)
        first = (datetime.now(UTC) - LONG_AGO).replace(microsecond=0)
        for number in range(BURST):
            station.raise_message(1001, texts=[f"alarm {number}", NASTY], time=first + timedelta(milliseconds=number))

        airflow.wait("the reports", lambda: len(alarms_in(reports(lake))) >= BURST, seconds=180)
        airflow.wait("the runs", lambda: set(run_states(airflow)) == {"success"})

        found = reports(lake)
        assert sorted(alarms_in(found)) == sorted(f"alarm {number}" for number in range(BURST))
        assert len(found) == len(run_states(airflow))
        assert not [line for lines in found.values() for line in lines if not line.isprintable()]
        folder = lake / "alarms" / next(iter(found))
        assert folder.name == f"{first - timedelta(minutes=5):%Y%m%dT%H%M%SZ}_1"
        archived = list(csv.DictReader(io.StringIO(text_of(folder, "ProcessData"))))
        assert {row["tag"] for row in archived} >= {"Tank1_Level", "Tank2_Level"}
        # Each second from five minutes before the first alarm to one minute after the last.
        assert len([row for row in archived if row["tag"] == "Tank1_Level"]) == pytest.approx(360, abs=2)
        messages = list(csv.DictReader(io.StringIO(text_of(folder, "messages_All"))))
        assert len(messages) == BURST
        assert {row["class_name"] for row in messages} == {"Error"}


def archive_requests(station):
    return [request for request in station.requests if request.path == "/alarmLogging/ShortTermArchive/Errors"]


def alarms_in(found: dict[str, list[str]]) -> list[str]:
    lines = [line for lines in found.values() for line in lines if "  1001  " in line]
    return [line.partition("['")[2].partition("'")[0] for line in lines]


def run_states(airflow: Components) -> list[str]:
    return [state for (state,) in airflow.rows("SELECT state FROM dag_run")]


def text_of(folder: Path, begin: str) -> str:
    (path,) = folder.glob(f"{begin}_*.csv")
    return path.read_text(encoding="utf-8")


def test_started_by_hand_it_looks_at_the_last_ten_minutes(airflow, tmp_path, monkeypatch):
    monkeypatch.setitem(airflow._environment, "WINCC_LAKE", f"file://{tmp_path}")
    with Simulator(plant="still") as station:
        station.raise_message(1002, texts=["Tank2 level high"])

        run = airflow.run("wincc_alarm_response.py", station)

    assert run.state == "success", run.output[-4000:]
    window = run.results["find_window"]
    start, end = (datetime.fromisoformat(window[name]) for name in ("start", "end"))
    assert end - start == timedelta(minutes=10)
    ((name, lines),) = reports(tmp_path).items()
    assert name == f"{start:%Y%m%dT%H%M%SZ}_by_hand"
    assert lines[1] == "Started by hand"
    assert run.results["write_report"] == f"file://{tmp_path}/alarms/{name}/report.txt"


class TestEvents:
    """What the example makes of the events that started a run."""

    @pytest.fixture
    def example(self, monkeypatch):
        monkeypatch.setenv("WINCC_LAKE", "file:///lake")
        return runpy.run_path(str(EXAMPLE))

    def test_an_event_that_comes_twice_counts_once(self, example):
        first, second = payload(7, alarm(0)), payload(8, alarm(5))
        again = {**first, "redelivered": True}
        by_hand = SimpleNamespace(extra={})

        events = example["events_of"]({"errors": [*map(event, [second, first, again]), by_hand]})

        assert [each["sequence"] for each in events] == [7, 8]

    def test_events_of_one_number_from_before_and_after_a_restart_both_count(self, example):
        before, after = payload(1, alarm(0)), {**payload(1, alarm(60)), "seen_at": "2026-03-02T07:06:02+00:00"}

        assert example["events_of"]({"errors": [event(before), event(after)]}) == [before, after]

    def test_an_event_that_comes_again_in_another_run_has_the_same_files(self, example):
        seen = payload(7, alarm(0), alarm(30))

        windows = [
            window(example, [payloads], run_after=AT + timedelta(hours=hour))
            for hour, payloads in enumerate([seen, {**seen, "redelivered": True}])
        ]

        assert windows[0] == windows[1]
        assert windows[0] == {
            "folder": "file:///lake/alarms/20260302T070000Z_7",
            "start": "2026-03-02T07:00:00+00:00",
            "end": "2026-03-02T07:06:30+00:00",
        }

    def test_an_alarm_without_a_time_came_when_it_was_seen(self, example):
        found = window(example, [payload(1, {**alarm(0), "time": None})])

        assert found["end"] == (AT + timedelta(seconds=2, minutes=1)).isoformat()

    def test_what_the_plant_says_stays_on_its_line(self, example):
        line = example["line_of"](alarm(0, texts=(NASTY, None), process_values=(NASTY, 91.5)))

        assert line.isprintable()
        assert line.startswith("2026-03-02T07:05:00.000+00:00  1001  ['\\x1b[31mred")
        assert line.endswith(", 91.5]")


AT = datetime(2026, 3, 2, 7, 5, tzinfo=UTC)


def alarm(second: float, **said):
    return Message(number=1001, state=MessageState.CAME_IN, time=AT + timedelta(seconds=second), **said).to_json()


def payload(sequence: int, *messages):
    seen_at = (AT + timedelta(seconds=2)).isoformat()
    return json.loads(json.dumps({"sequence": sequence, "messages": messages, "seen_at": seen_at}))


def event(given):
    return SimpleNamespace(extra={"from_trigger": True, "payload": given})


def window(example, payloads, *, run_after=AT):
    find_window = example["dag"].get_task("find_window").python_callable
    return find_window({"errors": [*map(event, payloads)]}, SimpleNamespace(run_after=run_after))
