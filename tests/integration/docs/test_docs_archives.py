"""The page on archives: its exports are those of its text, its tables say what the code says, its picture is real."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import shlex
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import sqlalchemy
from airflow.providers.common.compat.sdk import AirflowFailException
from airflow.serialization import serialized_objects
from documentation import REPOSITORY, blocks, table, text_of

from airflow_provider_wincc.archive_export.aggregates import Aggregate
from airflow_provider_wincc.archive_export.arrow import ARCHIVE_SCHEMA, resampled_schema
from airflow_provider_wincc.archive_export.facts import ArchiveFacts
from airflow_provider_wincc.archive_export.gaps import MOST_REMEMBERED, Gap
from airflow_provider_wincc.assets.uri import TagAddress, from_uri
from airflow_provider_wincc.client import WinCCError
from airflow_provider_wincc.hooks.archive_lineage import names_for_lineage
from airflow_provider_wincc.operators.archive_operator import ArchiveOperator
from airflow_provider_wincc.operators.archives import (
    FILE_FORMATS,
    WinCCArchiveToObjectStorageOperator,
    WinCCArchiveToSqlOperator,
)
from airflow_provider_wincc.operators.lineage import folder_target, table_target
from airflow_provider_wincc.simulator import SimulatedArchive, SimulatedArchiveTag, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import PageRun

PAGE = "docs/archives.md"
START = datetime(2026, 3, 2, 7, tzinfo=UTC)
END = START + timedelta(hours=1)
PICTURE = REPOSITORY / "docs" / "plots" / "archive.svg"
# What differs from run to run in the result of the page.
OF_THE_RUN = {"paths", "station", "dag_id", "run_id", "task_id", "map_index", "try_number"}
TYPES = {
    "dictionary<values=string, indices=int32, ordered=0>": "dictionary of string",
    "timestamp[us, tz=UTC]": "timestamp in microseconds, UTC",
}
HEADINGS = {
    ArchiveOperator: "Of both operators:",
    WinCCArchiveToObjectStorageOperator: "Of `WinCCArchiveToObjectStorageOperator`:",
    WinCCArchiveToSqlOperator: "Of `WinCCArchiveToSqlOperator`:",
}


def run_of(context: dict[str, Any], start: datetime = START, end: datetime = END) -> dict[str, Any]:
    return {**context, "data_interval_start": start, "data_interval_end": end}


def words_of(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def first_words(heading: str, *, after: str = "") -> list[str]:
    """Return what stands in backquotes in the first column of a table."""
    return [word for row in table(PAGE, heading, after=after) for word in words_of(row[0])]


@pytest.fixture
def lake(tmp_path: Path, run_page: Callable[[str], PageRun]) -> PageRun:
    """The page, run, with its folder replaced by one of the test."""
    done = run_page(PAGE)
    done.names["to_lake"].path = f"file://{tmp_path}/plant"
    done.names["to_days"].path = f"file://{tmp_path}/days"
    return done


@pytest.fixture
def erp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "erp.db"
    monkeypatch.setenv("AIRFLOW_CONN_ERP", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    return file


def rows_in(erp: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(erp)) as connection:
        return connection.execute(statement).fetchall()


def test_the_result_of_the_page_is_that_of_its_export(lake: PageRun, context: dict[str, Any]) -> None:
    shown = json.loads(blocks("json", PAGE)[0].code)

    real = lake.names["to_lake"].execute(run_of(context))

    assert list(shown) == list(real)
    assert {key: shown[key] for key in shown.keys() - OF_THE_RUN} == {
        key: real[key] for key in real.keys() - OF_THE_RUN
    }
    assert [path.removeprefix("file:///data/plant") for path in shown["paths"]] == [
        path.partition("/plant")[2] for path in real["paths"]
    ]


def test_a_task_of_the_page_reads_what_was_exported(lake: PageRun, context: dict[str, Any]) -> None:
    exported = lake.names["to_lake"].execute(run_of(context))

    highest = lake.names["highest_values"].function(exported)

    assert set(highest) == {"Tank1_Level", "Mixer1_Power"}


def test_the_table_of_the_page_has_its_columns_and_the_same_rows_after_a_second_run(
    lake: PageRun, erp: Path, context: dict[str, Any]
) -> None:
    to_table = lake.names["to_table"]
    to_table.execute(run_of(context))
    before = rows_in(erp, "SELECT * FROM plant_minutes ORDER BY tag, timestamp")

    again = to_table.execute(run_of(context))

    assert rows_in(erp, "SELECT * FROM plant_minutes ORDER BY tag, timestamp") == before
    assert again["written"] == again["replaced"] == len(before)
    columns = [(row[1], row[5]) for row in rows_in(erp, "PRAGMA table_info(plant_minutes)")]
    assert [name for name, _ in columns] == [*first_words("column of buckets"), *to_table.aggregates]
    assert [name for name, place in columns if place] == first_words("column of buckets")[:4]
    assert {"table", "written", "replaced"} <= again.keys()


def test_a_table_of_rows_has_the_columns_of_the_page(lake: PageRun, erp: Path, context: dict[str, Any]) -> None:
    WinCCArchiveToSqlOperator(
        task_id="rows",
        archive="ProcessData",
        tags=["Line3_Speed"],
        sql_conn_id="erp",
        table="plant_rows",
        columns={"timestamp": "archived_at"},
    ).execute(run_of(context))

    described = first_words("column of rows")
    columns = [(row[1], row[5]) for row in rows_in(erp, "PRAGMA table_info(plant_rows)")]
    made = ["timestamp" if name == "archived_at" else name for name, _ in columns]
    assert made == described
    assert sum(1 for _, place in columns if place) == 5


def test_the_columns_and_the_metadata_of_a_file_are_described() -> None:
    described = {words_of(row[0])[0]: row[1] for row in table(PAGE, "column")}

    assert described == {field.name: TYPES.get(str(field.type), str(field.type)) for field in ARCHIVE_SCHEMA}
    assert resampled_schema([]).names == ["tag", "start", "end", "count"]
    assert "Files of buckets have `tag`, `start`, `end`, `count`" in text_of(PAGE)
    facts = ArchiveFacts(
        archive="A", station="", tags=[], start=START, end=END, every=END - START, aggregates=[Aggregate.MIN]
    )
    assert first_words("key") == list(facts.metadata())


@pytest.mark.parametrize("row", table(PAGE, "`partition_by`"), ids=lambda row: row[0])
def test_a_file_lies_where_the_page_says(
    row: list[str], lake: PageRun, tmp_path: Path, context: dict[str, Any]
) -> None:
    to_lake = lake.names["to_lake"]
    to_lake.partition_by = None if row[0] == "none" else words_of(row[0])[0]

    to_lake.execute(run_of(context))

    files = [str(path.relative_to(tmp_path / "plant")) for path in (tmp_path / "plant").rglob("*.parquet")]
    assert files == words_of(row[1])
    partitions = re.findall(r"(\w+)=", row[1])
    assert list(pd.read_parquet(tmp_path / "plant").columns) == [*ARCHIVE_SCHEMA.names, *partitions]


def test_the_aggregates_the_formats_and_the_numbers_are_those_of_the_code() -> None:
    assert first_words("aggregate") == list(Aggregate)
    arguments = table(PAGE, "argument", after=HEADINGS[WinCCArchiveToObjectStorageOperator])
    formats = next(row for row in arguments if row[0] == "`file_format`")
    assert words_of(formats[1] + formats[3]) == list(FILE_FORMATS)
    assert f"`gaps` has the {MOST_REMEMBERED} longest gaps as `tag`, `start`, `end` and `seconds`" in text_of(PAGE)
    assert list(Gap("A", START, END).to_json()) == ["tag", "start", "end", "seconds"]


def shown_default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return "required"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    return ", ".join(f"`{word}`" for word in ([value] if isinstance(value, str) else list(value)))  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", HEADINGS, ids=lambda kind: kind.__name__)
def test_every_argument_is_described_with_its_default(kind: type[ArchiveOperator]) -> None:
    rows = {words_of(row[0])[0]: row for row in table(PAGE, "argument", after=HEADINGS[kind])}
    # Airflow wraps the constructor.
    signature = inspect.signature(inspect.unwrap(kind.__init__)).parameters
    arguments = {name: given.default for name, given in signature.items() if name not in {"self", "kwargs"}}
    of_base = () if kind is ArchiveOperator else ArchiveOperator.template_fields

    assert rows.keys() == arguments.keys()
    for name, default in arguments.items():
        said = rows[name][1]
        assert said.startswith("none: ") if default is None else said == shown_default(default), name
    assert {name for name, row in rows.items() if row[2] == "yes"} == set(kind.template_fields) - set(of_base)


@pytest.mark.parametrize("kind", [WinCCArchiveToObjectStorageOperator, WinCCArchiveToSqlOperator])
def test_the_docstring_of_an_operator_names_the_arguments_of_the_page(kind: type[ArchiveOperator]) -> None:
    named = set(re.findall(r"^:param (\w+):", inspect.cleandoc(kind.__doc__ or ""), re.MULTILINE))

    described = first_words("argument", after=HEADINGS[ArchiveOperator])
    assert named == {*described, *first_words("argument", after=HEADINGS[kind])}


def test_the_backfill_of_the_page_makes_a_run_for_each_hour_of_a_day(lake: PageRun) -> None:
    from airflow.cli import cli_parser
    from airflow.models.backfill import Backfill

    command = next(line for block in blocks("bash", PAGE) for line in block.code.splitlines() if "backfill" in line)
    given = cli_parser.get_parser().parse_args(shlex.split(command)[1:])

    module: Any = serialized_objects
    kind = getattr(module, "DagSerialization", None) or module.SerializedDAG
    dag = kind.from_dict(kind.to_dict(lake.dags[given.dag_id]))
    intervals = [run.data_interval for run in dag.iter_dagrun_infos_between(given.from_date, given.to_date)]
    assert "these are 24:" in text_of(PAGE)
    assert len(intervals) == 24
    assert {(interval.end - interval.start).total_seconds() for interval in intervals} == {3600}
    assert given.max_active_runs == 1
    assert "Airflow starts ten runs at a time" in text_of(PAGE)
    assert Backfill.__table__.c.max_active_runs.default.arg == 10


def test_the_lineage_is_named_as_the_page_says(lake: PageRun, context: dict[str, Any], tmp_path: Path) -> None:
    to_lake = lake.names["to_lake"]
    to_lake.execute(run_of(context))

    lineage = to_lake.get_openlineage_facets_on_complete(None)

    read, folder = table(PAGE, "what", after="## Lineage")
    names = {(dataset.namespace, dataset.name) for dataset in lineage.inputs}
    assert tuple(words_of(read[2])) in names
    (output,) = lineage.outputs
    namespace, name = words_of(folder[2])
    assert (output.namespace, output.name) == (namespace, name.replace("/data", str(tmp_path)))
    (uri,) = words_of(read[1])
    assert from_uri(uri) == TagAddress("wincc_default", r"ProcessData\Tank1_Level")
    assert words_of(folder[1]) == [folder_target("file:///data/plant").uri]


def test_many_tags_and_a_table_have_the_names_of_the_page() -> None:
    engine = sqlalchemy.create_engine("postgresql://erp-db/erp")
    target = table_target(engine, "public.plant_minutes")

    assert f"namespace `{target.namespace}`, name `{target.name}`" in text_of(PAGE)
    assert "For more than 50 tags there is one name" in text_of(PAGE)
    assert len(names_for_lineage("Archive", ["T"] * 50)) == 50
    assert names_for_lineage("Archive", ["T"] * 51) == [r"Archive\*"]


def test_the_committed_picture_shows_what_is_exported_and_costs_the_requests_of_the_page(
    lake: PageRun, station: Simulator, tmp_path: Path, context: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    midnight = START.replace(hour=0)
    before = len(station.requests)
    exported = lake.names["to_days"].execute(run_of(context, midnight, midnight + timedelta(days=1)))
    drawn = tmp_path / "archive.svg"

    plot_script().main([exported["paths"][0].removeprefix("file://"), str(drawn)])

    assert f"{exported['rows']:,} rows took about 20 requests" in text_of(PAGE)
    assert len(station.requests) - before == pytest.approx(20, abs=3)
    assert PICTURE.stat().st_size < 150_000
    # Versions of matplotlib and of the processor's arithmetic differ in the last digits.
    assert curves_of(drawn) == [pytest.approx(curve, abs=0.01) for curve in curves_of(PICTURE)]


def plot_script() -> Any:
    spec = importlib.util.spec_from_file_location("archive_plot", REPOSITORY / "docs" / "plots" / "archive_plot.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def curves_of(picture: Path) -> list[list[float]]:
    """Return the coordinates of the long lines of a picture."""
    paths = re.findall(r' d="([^"]+)"', picture.read_text(encoding="utf-8"))
    curves = [[float(number) for number in re.findall(r"-?\d+\.?\d*", path)] for path in paths]
    return [curve for curve in curves if len(curve) > 500]


# The simulated station does neither; the tests of the client do.
MISREAD = ("rows have turned up", "a row cannot be read")
CROWDED = SimulatedArchive(
    "Line",
    [
        SimulatedArchiveTag("Flow"),
        SimulatedArchiveTag("Burst", rows=[(START, float(number), 128) for number in range(400)]),
    ],
)


ROWS_OF_ERRORS = [row for row in table("docs/errors.md", "an export finds that") if not row[0].startswith(MISREAD)]


@pytest.mark.usefixtures("connect")
class TestErrorsOfThePage:
    """Each row of the table of errors.md comes true."""

    @pytest.fixture
    def station(self) -> Any:
        with Simulator(plant="still", archives=[CROWDED]) as simulator:
            yield simulator

    @pytest.mark.parametrize("row", ROWS_OF_ERRORS, ids=lambda row: row[0][:40])
    def test_what_an_export_finds_is_the_error_of_the_page(
        self,
        row: list[str],
        station: Simulator,
        erp: Path,
        tmp_path: Path,
        context: dict[str, Any],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        (cause,) = [cause for begin, cause in CAUSES.items() if row[0].startswith(begin)]
        arguments = cause(station, erp, monkeypatch)

        error = error_of({"path": f"file://{tmp_path}/out", **arguments}, run_of(context))

        assert type(error).__name__ in words_of(row[1])
        assert error.retryable == ("yes" in row[2])
        assert not (tmp_path / "out").exists()

    def test_every_row_of_the_page_has_its_cause(self) -> None:
        causes = [begin for row in ROWS_OF_ERRORS for begin in CAUSES if row[0].startswith(begin)]

        assert causes == list(CAUSES)
        assert len(causes) == len(ROWS_OF_ERRORS)


def error_of(arguments: dict[str, Any], context: dict[str, Any]) -> WinCCError:
    """Return the error with which an export of an hour ends, also where it became one without retries."""
    kind = WinCCArchiveToSqlOperator if "sql_conn_id" in arguments else WinCCArchiveToObjectStorageOperator
    if kind is WinCCArchiveToSqlOperator:
        del arguments["path"]
    context |= {name: arguments.pop(name) for name in ("data_interval_end",) if name in arguments}
    operator = kind(task_id="export", **{"archive": "Line", "tags": ["Flow"], "longest_gap": None, **arguments})
    with pytest.raises((WinCCError, AirflowFailException)) as caught:
        operator.execute(context)
    error = caught.value.__cause__ if isinstance(caught.value, AirflowFailException) else caught.value
    assert isinstance(error, WinCCError)
    assert isinstance(caught.value, AirflowFailException) is not error.retryable
    return error


def without_pyarrow(station: Simulator, erp: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for module in ("arrow", "parquet_file"):
        monkeypatch.delitem(sys.modules, f"airflow_provider_wincc.archive_export.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    return {}


def with_a_segment_that_moves(station: Simulator, erp: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    station.fail_next("segment_change", count=100, path="/tagLogging/*")
    return {}


def with_another_table(station: Simulator, erp: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    rows_in(erp, "CREATE TABLE history (tag text)")
    return {"sql_conn_id": "erp", "table": "history"}


def with_a_station_that_cuts(station: Simulator, erp: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    station.set_dialect(archive_limit=300)
    return {"tags": ["Flow", "Burst"]}


CAUSES: dict[str, Callable[[Simulator, Any, pytest.MonkeyPatch], dict[str, Any]]] = {
    "the archive is unknown": lambda *_: {"archive": "Lime"},
    "archive tags are unknown": lambda *_: {"tags": ["Flow*", "X*"]},
    "the start is not before": lambda *_: {"start": END, "end": START},
    "the DAG run has no": lambda *_: {"data_interval_end": START},
    "pyarrow or pandas": without_pyarrow,
    "the archive answers with an error": with_a_segment_that_moves,
    "a tag has more rows": with_a_station_that_cuts,
    "a table has other columns": with_another_table,
}
