"""What comes in, goes out and is acknowledged; the station is not started, because none of it needs a network."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.simulator import Simulator, UnknownMessageError

if TYPE_CHECKING:
    from collections.abc import Callable

CAME_IN, WENT_OUT, ACKNOWLEDGED, LOCKED, UNLOCKED, HIDDEN, SHOWN_AGAIN = 1, 2, 3, 4, 5, 10, 11
NOON = datetime(2026, 3, 2, 12, 0, 0, 310_900, tzinfo=UTC)
AT_THE_START = [(2001, CAME_IN), (3001, CAME_IN)]


@pytest.fixture
def station() -> Simulator:
    return Simulator(plant="still")


def pending(station: Simulator) -> list[tuple[int, int]]:
    return [(record.number, int(record.state)) for record in station.pending_messages]


def history(station: Simulator, number: int) -> list[int]:
    return [int(record.state) for record in station.message_archive if record.number == number]


def test_a_new_station_has_the_messages_of_its_plant_at_rest(station: Simulator) -> None:
    assert pending(station) == AT_THE_START
    assert station.get("Messages.Pending").value == 2


def test_an_error_leaves_when_it_is_gone_and_acknowledged(station: Simulator) -> None:
    station.raise_message(1001)
    station.clear_message(1001)
    gone = pending(station)
    station.acknowledge_message(1001)

    assert gone == [*AT_THE_START, (1001, WENT_OUT)]
    assert pending(station) == AT_THE_START
    assert history(station, 1001) == [CAME_IN, WENT_OUT, ACKNOWLEDGED]


def test_an_acknowledged_error_stays_while_it_is_in(station: Simulator) -> None:
    station.raise_message(1001)
    station.acknowledge_message(1001)
    acknowledged = pending(station)
    station.clear_message(1001)

    assert acknowledged == [*AT_THE_START, (1001, ACKNOWLEDGED)]
    assert pending(station) == AT_THE_START
    assert history(station, 1001) == [CAME_IN, ACKNOWLEDGED, WENT_OUT]


def test_a_message_that_needs_no_acknowledgement_leaves_when_it_goes_out(station: Simulator) -> None:
    assert station.acknowledge_message(2001) is False
    assert station.clear_message(2001) is True

    assert pending(station) == [(3001, CAME_IN)]
    assert history(station, 2001) == [CAME_IN, WENT_OUT]


def test_a_message_that_comes_in_again_is_not_acknowledged_any_more(station: Simulator) -> None:
    station.raise_message(1001)
    station.acknowledge_message(1001)
    station.raise_message(1001)

    assert pending(station) == [*AT_THE_START, (1001, CAME_IN)]
    assert station.acknowledge_message(1001) is True


def test_what_is_not_there_changes_nothing_and_says_so(station: Simulator) -> None:
    rows = len(station.message_archive)

    assert station.clear_message(1001) is False
    assert station.acknowledge_message(1001) is False
    assert station.unlock_message(1001) is False
    assert station.show_message(1001) is False
    assert len(station.message_archive) == rows


def test_instances_are_pending_side_by_side(station: Simulator) -> None:
    for instance in ("Pump1", "Pump2", None):
        station.raise_message(1002, instance=instance)
    station.clear_message(1002, instance="Pump2")
    station.acknowledge_message(1002, instance="Pump2")
    left = [(record.instance, int(record.state)) for record in station.pending_messages if record.number == 1002]
    unknown = station.clear_message(1002, instance="Pump9")
    station.acknowledge_message(1002)
    station.clear_message(1002)

    assert left == [("Pump1", CAME_IN), ("", CAME_IN)]
    assert unknown is False
    assert pending(station) == AT_THE_START


def test_a_row_says_what_it_was_raised_with(station: Simulator) -> None:
    station.raise_message(1001, texts=["Own @1%d@", "Place"], process_values=[95.5, True, "x"], time=NOON)
    station.clear_message(1001, time=NOON + timedelta(seconds=90))
    station.acknowledge_message(1001, user="Anna", time=NOON + timedelta(seconds=100))
    came, gone, acknowledged = [record for record in station.message_archive if record.number == 1001]

    assert (came.texts(), came.process_values) == (("Own @1%d@", "Place"), (95.5, True, "x"))
    assert came.time == NOON.replace(microsecond=310_000)
    assert (gone.seconds, gone.texts(), gone.user) == (90.0, ("Own @1%d@", "Place"), "")
    assert (acknowledged.user, acknowledged.computer, acknowledged.seconds) == ("Anna", "SIMULATOR", None)


def test_a_configured_text_shows_the_process_values(station: Simulator) -> None:
    station.raise_message(1001, process_values=[95.55])
    record = station.pending_messages[-1]

    assert (record.class_name, record.type_name) == ("Error", "Alarm")
    assert record.texts() == ("Tank1 level high", "Tank1", "Level 95.5 %, limit ??? %")
    assert record.texts("de-DE") == ("Füllstand Tank1 hoch", "Tank1", "Füllstand 95.5 %, Grenze ??? %")
    assert record.text == "Tank1 level high"


def test_the_user_at_the_screen_acknowledges_if_none_is_named(station: Simulator) -> None:
    station.set("@CurrentUser", "Berta")
    station.raise_message(1001)
    station.acknowledge_message(1001)

    assert station.pending_messages[-1].user == "Berta"


def test_a_locked_message_does_not_come_in_until_it_is_unlocked(station: Simulator) -> None:
    station.raise_message(1001)
    station.lock_message(1001)
    station.raise_message(1001)
    locked = pending(station)
    station.unlock_message(1001)
    station.raise_message(1001)

    assert locked == AT_THE_START
    assert pending(station) == [*AT_THE_START, (1001, CAME_IN)]
    assert history(station, 1001) == [CAME_IN, LOCKED, UNLOCKED, CAME_IN]


def test_a_hidden_message_is_not_shown_and_not_counted(station: Simulator) -> None:
    station.hide_message(2001)
    hidden = (pending(station), station.get("Messages.Pending").value)
    station.show_message(2001)

    assert hidden == ([(3001, CAME_IN)], 1)
    assert pending(station) == AT_THE_START
    assert station.get("Messages.Pending").value == 2
    assert history(station, 2001) == [CAME_IN, HIDDEN, SHOWN_AGAIN]


def test_rows_stand_in_the_order_of_their_times_with_counters_in_the_order_of_coming(station: Simulator) -> None:
    station.reset_messages()
    station.raise_message(1001, time=NOON)
    station.raise_message(1002, time=NOON - timedelta(hours=1))

    assert [record.number for record in station.message_archive] == [1002, 1001, 2001, 3001]
    assert [record.number for record in station.pending_messages] == [1002, 1001, 2001, 3001]
    assert [record.counter for record in station.message_archive] == [6, 5, 3, 4]


def test_a_reset_leaves_what_the_plant_has_now(station: Simulator) -> None:
    station.set("Tank1.Level", 95.0)
    station.raise_message(1002)
    station.lock_message(3001)
    station.hide_message(2001)
    last = station.message_archive[-1].counter
    station.reset_messages()

    assert sorted(pending(station)) == [(1001, CAME_IN), *AT_THE_START]
    assert [record.counter for record in station.message_archive] == [last + 1, last + 2, last + 3]


def test_a_burst_is_many_numbers_within_one_second(station: Simulator) -> None:
    station.burst_of_messages(5000)
    rows = [record for record in station.pending_messages if record.class_name == "Error"]

    assert len({record.number for record in rows}) == len(rows) == 5000
    assert max(record.time for record in rows) - min(record.time for record in rows) < timedelta(seconds=1)
    assert max(record.time for record in rows) <= datetime.now(UTC)
    assert station.get("Messages.Pending").value == 5002


def test_the_next_burst_has_other_numbers(station: Simulator) -> None:
    station.burst_of_messages(6000, class_name="Warning")
    station.burst_of_messages(6000, class_name="Warning")
    numbers = [record.number for record in station.message_archive if record.message.texts[1].english == "Burst"]

    assert numbers[:6000] == list(range(20_000, 26_000))
    assert numbers[6000:] == [*range(26_000, 30_000), *range(20_000, 22_000)]
    assert {record.class_name for record in station.pending_messages if record.number >= 10_000} == {"Warning"}


def test_the_archive_keeps_the_newest_rows(station: Simulator) -> None:
    for _ in range(3):
        station.burst_of_messages(10_000)

    counters = [record.counter for record in station.message_archive]
    assert counters == list(range(10_003, 30_003))


def test_messages_from_many_threads_are_all_there(station: Simulator) -> None:
    def raise_many(instance: str) -> None:
        for number in range(200):
            station.raise_message(1001, instance=f"{instance}{number}")

    threads = [threading.Thread(target=raise_many, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counters = [record.counter for record in station.message_archive]
    assert counters == sorted(set(counters))
    assert len(station.pending_messages) == station.get("Messages.Pending").value == 802


@pytest.mark.parametrize("number", [4711, 9999, 40_000, -1, 0, "1001", 1001.0, True, None])
def test_an_unknown_number_is_named_with_those_that_there_are(station: Simulator, number: Any) -> None:
    known = "it has 1001, 1002, 2001, 2002, 3001, and 10000 to 39999 for bursts"
    calls: list[Callable[[Any], object]] = [
        station.raise_message,
        station.clear_message,
        station.acknowledge_message,
        station.lock_message,
        station.unlock_message,
        station.hide_message,
        station.show_message,
    ]
    for call in calls:
        with pytest.raises(UnknownMessageError) as problem:
            call(number)
        assert str(problem.value) == f"the simulated station has no message {number!r}; {known}"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"texts": "one"}, "texts is a list of up to 10, not 'one'"),
        ({"texts": ["x"] * 11}, "texts is a list of up to 10"),
        ({"texts": [1]}, "each of texts is a text that UTF-8 can carry, not 1"),
        ({"texts": ["\ud800"]}, "each of texts is a text that UTF-8 can carry"),
        ({"process_values": 1.5}, "process_values is a list of up to 10, not 1.5"),
        ({"process_values": [float("nan")]}, "each of process_values is a finite number, a bool or a text, not nan"),
        ({"process_values": [None]}, "each of process_values is a finite number"),
        ({"process_values": [2**63]}, "each of process_values is a finite number"),
        ({"process_values": 0}, "process_values is a list of up to 10, not 0"),
        ({"instance": ""}, "instance is a text that is not empty, or None"),
        ({"instance": 5}, "instance is a text that UTF-8 can carry, not 5"),
        ({"time": datetime(2026, 3, 2)}, "time is a datetime with a zone"),  # noqa: DTZ001 - the point of the test
        ({"time": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))}, "time is a datetime with a zone"),
        ({"time": "now"}, "time is a datetime with a zone, not 'now'"),
    ],
)
def test_what_makes_no_sense_is_refused(station: Simulator, words: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        station.raise_message(1001, **words)

    assert pending(station) == AT_THE_START


def test_a_user_who_is_no_text_is_refused(station: Simulator) -> None:
    with pytest.raises(ValueError, match="user is a text"):
        station.acknowledge_message(1001, user=5)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, 10_001, -1, True, 1.5, "5"])
def test_a_burst_of_a_count_that_is_none_is_refused(station: Simulator, count: Any) -> None:
    with pytest.raises(ValueError, match="count is a whole number from 1 to 10000, not"):
        station.burst_of_messages(count)


@pytest.mark.parametrize("name", ["Fatal", "", None, ["Error"]])
def test_a_burst_of_a_class_that_there_is_not_is_refused(station: Simulator, name: Any) -> None:
    with pytest.raises(ValueError, match="class_name is one of Error, Warning, Process, not"):
        station.burst_of_messages(1, class_name=name)
