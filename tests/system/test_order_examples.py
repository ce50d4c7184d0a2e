"""The examples with an ERP from end to end: a real Airflow runs them, against a real socket and a real database."""

from __future__ import annotations

import runpy
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from handoff_airflow import EXAMPLE, PAYLOAD, Erp, Place
from metadata_database import metadata_database

from airflow_provider_wincc.simulator import SimulatedUnit, Simulator
from tests.required_services import POSTGRESQL, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.system

QUICK_UNIT = SimulatedUnit(name="Mixer1", speed=10, runs_when_frozen=True)
BAD = 0x18


def test_the_handoff_example_confirms_one_order_and_the_refusal_of_another_stops_nobody(airflow, tmp_path):
    erp = Erp(tmp_path / "erp.db")
    erp.release("000101", priority=2, WorkMaster="R-404")
    erp.release("000102", priority=1)
    with Simulator(plant="still", units=[QUICK_UNIT]) as station:
        place = Place(station, erp)

        run = airflow.run("wincc_order_handoff.py", station, erp=erp.connection)

        assert run.states["order.hand_off[0]"] == "failed"
        assert run.states["order.hand_off[1]"] == "success", run.output[-4000:]
        # A refused order must not hide in a green run.
        assert run.state == "failed"
        assert run.states["show_outcome"] == "success"
        assert place.starts == [("000102", PAYLOAD)]
        assert erp.statuses() == {"000101": "failed", "000102": "confirmed"}
        assert erp.outcomes() == {"000101": "refused", "000102": "successful"}
        assert place.events.count("cleared") == 1
        assert station.users["engineer"].password not in run.output


def test_without_released_orders_the_handoff_example_makes_the_tables_and_is_done(airflow, tmp_path):
    file = tmp_path / "erp.db"
    with Simulator(plant="still", units=[QUICK_UNIT]) as station:
        run = airflow.run("wincc_order_handoff.py", station, erp=f'{{"conn_type": "sqlite", "host": "{file}"}}')

        assert run.state == "success", run.output[-4000:]
        assert station.requests == []
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("SELECT count(*) FROM production_orders").fetchall() == [(0,)]


def test_the_sync_example_books_good_counters_and_leaves_a_bad_one_out(airflow, tmp_path):
    erp = Erp(tmp_path / "erp.db")
    with Simulator(plant="still") as station:
        station.set("Line3.Count", 500)
        station.set("Mixer1.Cycles", 7, quality=BAD)

        run = airflow.run("wincc_erp_sync.py", station, erp=erp.connection)

        assert run.state == "success", run.output[-4000:]
        assert "'Mixer1.Cycles' is bad, it is not booked" in run.output
        rows = erp.run("SELECT counter, reading, quantity, was_reset FROM plant_consumption")
        assert rows == [("Line3.Count", 500, 0, 0)]


@pytest.fixture(params=["sqlite", "postgresql"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Book readings of one counter, each an hour and a number, and return quantity and mark of reset of every row."""
    example = runpy.run_path(str(EXAMPLE.with_name("wincc_erp_sync.py")))
    is_sqlite = request.param == "sqlite"
    statement = example["BOOK"] if is_sqlite else example["BOOK"].replace("?", "%s")

    def book_on(connection: Any) -> Callable[..., list[tuple[Any, ...]]]:
        def book_all(*readings: tuple[str, int]) -> list[tuple[Any, ...]]:
            cursor = connection.cursor()
            for hour, reading in readings:
                cursor.execute(statement, ["Line3.Count", f"2026-03-01T{hour}:00:00+00:00", reading])
            cursor.execute("SELECT quantity, was_reset FROM plant_consumption ORDER BY interval_end")
            return [tuple(row) for row in cursor.fetchall()]

        connection.cursor().execute(example["MAKE_TABLE"])
        return book_all

    if is_sqlite:
        with closing(sqlite3.connect(tmp_path / "erp.db")) as connection:
            yield book_on(connection)
        return
    with metadata_database() as database:
        if database is None:
            missing(POSTGRESQL)
        with closing(psycopg2.connect(**database.place)) as connection:
            yield book_on(connection)


def test_an_hour_gets_the_difference_to_the_row_before(book):
    assert book(("06", 100), ("07", 130), ("08", 130), ("09", 190)) == [(0, 0), (30, 0), (0, 0), (60, 0)]


def test_an_hour_without_a_good_reading_is_in_the_next_row(book):
    assert book(("06", 100), ("08", 190)) == [(0, 0), (90, 0)]


def test_a_counter_that_fell_counts_from_zero_and_is_marked(book):
    assert book(("06", 100), ("07", 20), ("08", 50)) == [(0, 0), (20, 1), (30, 0)]


def test_an_hour_that_is_run_again_changes_nothing(book):
    assert book(("06", 100), ("07", 130), ("07", 500), ("08", 140)) == [(0, 0), (30, 0), (10, 0)]


def test_an_hour_that_is_run_after_a_later_one_gets_no_row(book):
    assert book(("06", 100), ("08", 150), ("07", 160)) == [(0, 0), (50, 0)]


def test_a_counter_of_32_bits_fits(book):
    assert book(("06", 2**32 - 10), ("07", 2**32 - 1)) == [(0, 0), (9, 0)]
