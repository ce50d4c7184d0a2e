"""Archives as data frames and Arrow record batches, by the hook, over a real socket."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pandas as pd
import pendulum
import pyarrow as pa
import pytest
from archive_plant import ARCHIVE, END, ROWS_OF_AN_HOUR, START, run_of_an_hour

from airflow_provider_wincc.archive_export.arrow import ARCHIVE_SCHEMA
from airflow_provider_wincc.client import (
    WinCCConfigurationError,
    WinCCNotFoundError,
    WinCCRuntimeError,
    WinCCTagNotFoundError,
)
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.operators.archives import WinCCArchiveToObjectStorageOperator
from airflow_provider_wincc.simulator import SimulatedArchive, SimulatedArchiveTag, Simulator

pytestmark = pytest.mark.usefixtures("connect")

GOOD, BAD = 0x80, 0x18
SECOND = timedelta(seconds=1)
BY_HAND = SimulatedArchive(
    "Shift",
    [
        SimulatedArchiveTag(
            "Weight",
            rows=[
                (START, 1.0, GOOD),
                (START, 2.0, GOOD),
                (START, 3.0, BAD),
                (START + SECOND, 4.0, BAD),
                (START + 2 * SECOND, None, GOOD),
                (START + 3 * SECOND, 5.0, GOOD),
            ],
        ),
        SimulatedArchiveTag("Running", rows=[(START, True, GOOD), (START + 3 * SECOND, False, GOOD)]),
        SimulatedArchiveTag("Batch", rows=[(START, "B-7", GOOD)]),
        SimulatedArchiveTag("Idle", rows=[]),
    ],
)
TAGS = ["Weight", "Running", "Batch", "Idle"]
SHIFT = START, START + 4 * SECOND


@pytest.fixture
def station():
    with Simulator(plant="still", archives=[ARCHIVE, BY_HAND]) as simulator:
        yield simulator


@pytest.fixture
def hook(connect):
    return WinCCHook()


def value_requests(station):
    return [request for request in station.requests if request.path.endswith("/values")]


def test_a_frame_has_every_row_in_time_order_in_the_columns_of_a_parquet_file(hook, tmp_path):
    frame = hook.get_archive_df("Line", ["Flow", "Speed", "Running"], START, END)

    WinCCArchiveToObjectStorageOperator(
        task_id="export", archive="Line", tags=["Flow", "Speed", "Running"], path=f"file://{tmp_path}"
    ).execute(run_of_an_hour())
    (file,) = tmp_path.glob("*.parquet")
    pd.testing.assert_frame_equal(frame, pd.read_parquet(file), check_dtype=False)
    assert frame["tag"].value_counts().to_dict() == ROWS_OF_AN_HOUR
    assert frame["timestamp"].is_monotonic_increasing


@pytest.mark.parametrize("start", [START, START - SECOND], ids=["rows", "no rows"])
def test_the_types_of_the_columns_are_always_the_same(hook, start):
    frame = hook.get_archive_df("Shift", TAGS, start, start + SECOND)

    assert {name: str(kind) for name, kind in frame.dtypes.items() if name != "text"} == {
        "tag": "category",
        "timestamp": "datetime64[us, UTC]",
        "value": "float64",
        "quality": "uint8",
        "flags": "Int64",
    }
    assert list(frame.columns) == ARCHIVE_SCHEMA.names
    assert list(frame["tag"].cat.categories) == TAGS


def test_a_frame_keeps_bad_values_texts_and_what_is_no_number(hook):
    frame = hook.get_archive_df("Shift", ["Weight", "Batch"], *SHIFT)

    weights = frame[frame["tag"] == "Weight"]
    assert weights["value"].fillna(-1).tolist() == [1.0, 2.0, 3.0, 4.0, -1, 5.0]
    assert weights["quality"].tolist() == [GOOD, GOOD, BAD, BAD, GOOD, GOOD]
    assert weights["text"].isna().all()
    (batch,) = frame[frame["tag"] == "Batch"].to_dict("records")
    assert (batch["text"], math.isnan(batch["value"])) == ("B-7", True)


def test_the_data_interval_of_a_run_can_be_given_as_airflow_hands_it_out(hook):
    interval = pendulum.instance(START, tz="Europe/Berlin"), pendulum.instance(START).add(minutes=5)

    frame = hook.get_archive_df("Line", ["Running"], *interval)

    assert frame["timestamp"].tolist() == [START + number * timedelta(minutes=1) for number in range(5)]


def test_a_frame_can_be_changed(hook):
    frame = hook.get_archive_df("Shift", ["Running"], *SHIFT)

    frame.loc[0, "value"] = 7.0
    frame["value"] *= 2

    assert frame["value"].tolist() == [14.0, 0.0]


def test_a_wide_frame_has_the_last_good_number_of_each_tag_and_moment(hook):
    frame = hook.get_archive_df("Shift", TAGS, *SHIFT, wide=True)

    expected = pd.DataFrame(
        {
            "Weight": [2.0, 5.0],
            "Running": [1.0, 0.0],
            "Batch": [math.nan, math.nan],
            "Idle": [math.nan, math.nan],
        },
        index=pd.DatetimeIndex([START, START + 3 * SECOND], name="timestamp").as_unit("us"),
    )
    pd.testing.assert_frame_equal(frame, expected)


def test_a_wide_frame_of_an_hour_has_what_the_station_has(hook, station):
    frame = hook.get_archive_df("Line", ["Flow", "Running"], START, END, wide=True)

    for tag in ("Flow", "Running"):
        good = {
            row.timestamp: float(row.value)
            for row in station.archive("Line").rows(tag, START, END)
            if row.quality >= 0x80
        }
        assert frame[tag].dropna().to_dict() == good
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique


def test_a_wide_frame_without_rows_has_all_columns(hook):
    frame = hook.get_archive_df("Shift", ["Idle", "Weight"], START - SECOND, START, wide=True)

    assert (list(frame.columns), len(frame)) == (["Idle", "Weight"], 0)
    assert str(frame.index.dtype) == "datetime64[us, UTC]"
    assert {str(kind) for kind in frame.dtypes} == {"float64"}


@pytest.mark.parametrize(
    ("tags", "columns"),
    [(None, TAGS), (["*"], TAGS), (["W*", "?unning"], ["Weight", "Running"]), (["Idle", "*"], ["Idle", *TAGS[:3]])],
)
def test_tags_are_chosen_as_by_the_operators(hook, tags, columns):
    assert list(hook.get_archive_df("Shift", tags, *SHIFT, wide=True).columns) == columns
    batches = hook.get_archive_batches("Shift", tags, *SHIFT).read_all()
    assert set(batches["tag"].to_pylist()) == set(columns) - {"Idle"}


def test_batches_hold_every_row_in_time_order(hook, station):
    table = hook.get_archive_batches("Line", ["Flow", "Speed"], START, END).read_all()

    assert table.schema.equals(ARCHIVE_SCHEMA)
    moments = table["timestamp"].to_pylist()
    assert moments == sorted(moments)
    for tag in ("Flow", "Speed"):
        rows = [row for row in table.to_pylist() if row["tag"] == tag]
        expected = station.archive("Line").rows(tag, START, END)
        assert [(row["timestamp"], row["value"], row["quality"]) for row in rows] == list(map(tuple, expected))


def test_the_station_is_asked_only_for_the_batches_that_are_taken(connect, station):
    connect("slow", archive_max_values=1000)
    reader = WinCCHook("slow").get_archive_batches("Line", ["Flow"], START, START + timedelta(hours=10))

    asked = [len(value_requests(station))]
    for _ in range(2):
        reader.read_next_batch()
        asked.append(len(value_requests(station)))
    reader.close()

    assert asked[0] == 0
    assert 0 < asked[1] < asked[2] < 20


def test_an_error_in_the_middle_of_the_batches_is_the_client_s_own(connect, station):
    connect("slow", archive_max_values=1000)
    reader = WinCCHook("slow").get_archive_batches("Line", ["Flow"], START, END)
    reader.read_next_batch()
    station.fail_next("server_error", count=100, path="/tagLogging/*")

    with pytest.raises(WinCCRuntimeError):
        reader.read_all()


@pytest.mark.parametrize("method", ["get_archive_df", "get_archive_batches"])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Line", ["Flow"], START.replace(tzinfo=None), END), "has no time zone"),
        (("Line", ["Flow"], END, START), "is not before the end"),
        (("Line", ["Flow"], START, datetime.now(UTC) + timedelta(days=1)), "is in the future"),
        (("Line", ["Flow"], "2026-03-02", END), "The start is '2026-03-02'"),
        (("", ["Flow"], START, END), "is not the name of an archive"),
        (("Line", [], START, END), r"The tags are \[\]"),
        (("Line", "Flow", START, END), "The tags are 'Flow'"),
    ],
)
def test_a_wrong_argument_is_told_at_once(hook, station, method, arguments, told):
    with pytest.raises(WinCCConfigurationError, match=told):
        getattr(hook, method)(*arguments)

    assert value_requests(station) == []


def test_an_unknown_archive_or_tag_is_named(hook):
    with pytest.raises(WinCCNotFoundError, match="'Lime'"):
        hook.get_archive_df("Lime", None, START, END)
    with pytest.raises(WinCCTagNotFoundError, match="'Flw'"):
        hook.get_archive_df("Line", ["Flw"], START, END)
    with pytest.raises(WinCCTagNotFoundError, match=r"'X\*'"):
        hook.get_archive_batches("Line", ["X*"], START, END)


BLOCKED = """
import sys
from datetime import UTC, datetime

# As if it were not installed, for us and for Airflow alike.
sys.modules[{library!r}] = None

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.hooks.wincc import WinCCHook

interval = datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 2, 7, 1, tzinfo=UTC)
for method in ("get_archive_df", "get_archive_batches"):
    try:
        print(method, type(getattr(WinCCHook(), method)("Line", ["Flow"], *interval)).__name__)
    except WinCCConfigurationError as error:
        print(method, error)
"""


def without(library):
    code = BLOCKED.format(library=library)
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stderr
    return dict(line.split(" ", 1) for line in finished.stdout.splitlines() if line.startswith("get_archive"))


def test_without_pandas_a_frame_says_what_to_install_and_batches_work():
    told = without("pandas")

    assert "pip install 'airflow-provider-wincc[pandas]'" in told["get_archive_df"]
    assert "pandas" in told["get_archive_df"].partition(". ")[0]
    assert told["get_archive_batches"] == "RecordBatchReader"


def test_without_pyarrow_both_say_what_to_install(station):
    told = without("pyarrow")

    assert "pip install 'airflow-provider-wincc[pandas]'" in told["get_archive_df"]
    assert "pip install 'airflow-provider-wincc[arrow]'" in told["get_archive_batches"]
    assert station.requests == []


def test_the_hook_alone_loads_neither_pandas_nor_pyarrow():
    code = """
import sys
import airflow.sdk, airflow.sdk.bases.hook
before = set(sys.modules)
import airflow_provider_wincc.hooks.wincc
print(*{"pandas", "pyarrow", "numpy", "sqlalchemy"} & (set(sys.modules) - before))
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert finished.stdout.strip() == ""


def test_batches_can_be_written_one_by_one(hook, tmp_path):
    reader = hook.get_archive_batches("Line", ["Running"], START, END)

    with pa.OSFile(str(tmp_path / "rows.arrow"), "wb") as sink, pa.ipc.new_stream(sink, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)

    with pa.ipc.open_stream(tmp_path / "rows.arrow") as stored:
        assert stored.read_all().num_rows == ROWS_OF_AN_HOUR["Running"]
