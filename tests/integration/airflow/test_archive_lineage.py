"""What Airflow and OpenLineage learn of reads and exports of archives: both ends by name, and no secret."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from contextlib import closing
from types import SimpleNamespace

import psycopg2
import pytest
from airflow.providers.common.compat.openlineage.utils.utils import translate_airflow_asset
from airflow.providers.common.compat.sdk import TaskInstanceState
from airflow.providers.openlineage.extractors.base import DefaultExtractor
from airflow.providers.openlineage.extractors.manager import ExtractorManager
from airflow.sdk import Asset
from archive_plant import ARCHIVE, END, START, run_of_an_hour

from airflow_provider_wincc.assets.tags import tag_asset
from airflow_provider_wincc.client import WinCCRuntimeError
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.operators.archives import WinCCArchiveToObjectStorageOperator, WinCCArchiveToSqlOperator
from airflow_provider_wincc.provider_info import get_provider_info
from airflow_provider_wincc.simulator import SimulatedArchive, SimulatedArchiveTag, Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS
from tests.required_services import POSTGRESQL, missing

pytestmark = pytest.mark.usefixtures("connect")

FLOW, SPEED = "wincc://wincc_default/Line%5CFlow", "wincc://wincc_default/Line%5CSpeed"
DATASETS = [("wincc://wincc_default", "Line\\Flow"), ("wincc://wincc_default", "Line\\Speed")]
LONG = "タ" * 128
MANY = SimulatedArchive("Many", [SimulatedArchiveTag(f"Value{number}", rows=[]) for number in range(120)])


@pytest.fixture
def station():
    archives = [ARCHIVE, MANY, SimulatedArchive(LONG, [SimulatedArchiveTag(LONG, period_ms=60_000)])]
    with Simulator(plant="still", archives=archives) as simulator:
        yield simulator


@pytest.fixture
def collector(monkeypatch):
    """Airflow's own collector. It hands out one that keeps nothing where no plugin reads lineage, as here."""
    if AIRFLOW_V_3_2_PLUS:
        home = importlib.import_module("airflow.sdk.lineage")
        collector = home.HookLineageCollector()
        monkeypatch.setattr(home, "get_hook_lineage_collector", lambda: collector)
    else:
        home = importlib.import_module("airflow.lineage.hook")
        collector = home.HookLineageCollector()
        monkeypatch.setattr(home, "_hook_lineage_collector", collector)
    return collector


@pytest.fixture
def sqlite_file(tmp_path, monkeypatch):
    file = tmp_path / "history.db"
    monkeypatch.setenv("AIRFLOW_CONN_HISTORY", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    return file


@pytest.fixture
def postgres(monkeypatch):
    where = {"host": "127.0.0.1", "port": 5432, "user": "postgres"}
    try:
        with closing(psycopg2.connect(**where, dbname="postgres", connect_timeout=2)) as connection:
            connection.autocommit = True
            connection.cursor().execute("DROP DATABASE IF EXISTS wincc_lineage_tests")
            connection.cursor().execute("CREATE DATABASE wincc_lineage_tests")
    except psycopg2.OperationalError:
        missing(POSTGRESQL)
    connection = {"conn_type": "postgres", "host": "127.0.0.1", "login": "postgres", "schema": "wincc_lineage_tests"}
    # The server trusts whoever comes from this machine, whatever the password.
    monkeypatch.setenv("AIRFLOW_CONN_HISTORY", json.dumps({**connection, "password": "hunter2"}))


def to_files(folder, **arguments):
    arguments = {"archive": "Line", "tags": ["Flow", "Speed"], **arguments}
    operator = WinCCArchiveToObjectStorageOperator(task_id="export", path=f"file://{folder}", **arguments)
    operator.execute(run_of_an_hour())
    return operator


def to_sql(**arguments):
    arguments = {"archive": "Line", "tags": ["Flow", "Speed"], "table": "history", **arguments}
    operator = WinCCArchiveToSqlOperator(task_id="export", sql_conn_id="history", **arguments)
    operator.execute(run_of_an_hour())
    return operator


def collected(collector):
    lineage = collector.collected_assets
    return [each.asset.uri for each in lineage.inputs], [each.asset.uri for each in lineage.outputs]


def extracted(operator):
    """What OpenLineage's own extractor makes of an operator: names of inputs and of outputs."""
    lineage = DefaultExtractor(operator).extract_on_complete(SimpleNamespace())
    return ([(each.namespace, each.name) for each in ends] for ends in (lineage.inputs, lineage.outputs))


def test_an_export_into_files_reports_its_tags_and_the_folder_alone(collector, tmp_path):
    to_files(tmp_path / "lake", partition_by="hour")

    assert collected(collector) == ([FLOW, SPEED], [f"file://{tmp_path}/lake"])


def test_an_export_into_sqlite_reports_its_tags_and_the_table(collector, sqlite_file):
    to_sql()

    assert collected(collector) == ([FLOW, SPEED], [f"sqlite://localhost{sqlite_file}/history"])


@pytest.mark.usefixtures("postgres")
def test_an_export_into_postgresql_reports_its_tags_and_the_table_in_its_schema(collector):
    operator = to_sql()

    table = "postgres://127.0.0.1:5432/wincc_lineage_tests/public/history"
    assert collected(collector) == ([FLOW, SPEED], [table])
    inputs, outputs = extracted(operator)
    assert (inputs, outputs) == (DATASETS, [("postgres://127.0.0.1:5432", "wincc_lineage_tests.public.history")])


def test_the_inputs_are_the_assets_that_dags_name(collector, tmp_path):
    to_files(tmp_path, tags=["Flow"])

    (told,) = collector.collected_assets.inputs
    assert told.asset == tag_asset("Line\\Flow")


@pytest.mark.parametrize("read", ["get_archive_df", "get_archive_batches"])
def test_a_read_of_the_hook_reports_its_tags_under_its_own_connection(collector, connect, read):
    connect("plant_a")
    hook = WinCCHook("plant_a")

    getattr(hook, read)("Line", ["F*", "Speed"], START, END)

    assert collected(collector) == (["wincc://plant_a/Line%5CFlow", "wincc://plant_a/Line%5CSpeed"], [])
    assert {each.context for each in collector.collected_assets.inputs} == {hook}


def test_openlineage_finds_what_a_python_task_has_read_by_the_hook(collector):
    WinCCHook().get_archive_batches("Line", ["Flow", "Speed"], START, END)

    lineage = ExtractorManager().get_hook_lineage(SimpleNamespace(), TaskInstanceState.SUCCESS)

    assert [(each.namespace, each.name) for each in lineage.inputs] == DATASETS


def test_of_many_tags_the_archive_stands_for_all(collector, tmp_path):
    operator = to_files(tmp_path, archive="Many", tags=None, file_format="csv")

    assert collected(collector)[0] == ["wincc://wincc_default/Many%5C%2A"]
    inputs, _ = extracted(operator)
    assert inputs == [("wincc://wincc_default", "Many\\*")]


def test_a_tag_whose_name_is_too_long_for_an_asset_does_not_fail_the_export(collector, tmp_path):
    operator = to_files(tmp_path, archive=LONG, tags=[LONG], file_name="long")

    assert collected(collector) == ([], [f"file://{tmp_path}"])
    inputs, _ = extracted(operator)
    assert inputs == [("wincc://wincc_default", f"{LONG}\\{LONG}")]


def test_an_export_that_failed_reports_no_output(collector, station, tmp_path):
    operator = WinCCArchiveToObjectStorageOperator(
        task_id="export", archive="Line", tags=["Flow"], path=f"file://{tmp_path}"
    )
    station.fail_next("server_error", count=100, path="/tagLogging/*")

    with pytest.raises(WinCCRuntimeError):
        operator.execute(run_of_an_hour())

    assert collected(collector) == ([], [])
    lineage = DefaultExtractor(operator).extract_on_failure(SimpleNamespace())
    assert ([each.name for each in lineage.inputs], lineage.outputs) == (["Line\\Flow"], [])


def test_openlineage_gets_the_datasets_of_an_export_into_files(tmp_path):
    inputs, outputs = extracted(to_files(tmp_path / "lake"))

    assert (inputs, outputs) == (DATASETS, [("file", f"{tmp_path}/lake")])


def test_openlineage_gets_the_datasets_of_an_export_into_sqlite(sqlite_file):
    inputs, outputs = extracted(to_sql(resample=None))

    assert (inputs, outputs) == (DATASETS, [(f"sqlite://{sqlite_file}", "history")])


def test_before_it_ran_an_export_has_no_lineage_and_openlineage_does_not_complain(caplog):
    operator = WinCCArchiveToObjectStorageOperator(task_id="export", archive="Line", path="file:///data")

    run = SimpleNamespace(run_id="manual__1")
    lineage = ExtractorManager().extract_metadata(run, operator, TaskInstanceState.SUCCESS, SimpleNamespace())

    assert (lineage.inputs, lineage.outputs) == ([], [])
    assert [record.getMessage() for record in caplog.records if record.levelname in {"WARNING", "ERROR"}] == []


def test_airflow_translates_the_assets_of_tags_for_openlineage():
    translated = translate_airflow_asset(Asset("wincc://plant_a/Halle%203%2FF%C3%BCllstand"), None)

    assert (translated.namespace, translated.name) == ("wincc://plant_a", "Halle 3/Füllstand")


def test_the_metadata_names_a_converter_and_the_module_of_the_operators():
    info = get_provider_info()

    (uris,) = info["asset-uris"]
    assert set(uris) == {"schemes", "handler", "factory", "to_openlineage_converter"}
    (operators,) = info["operators"]
    assert WinCCArchiveToSqlOperator.__module__ in operators["python-modules"]


@pytest.mark.usefixtures("postgres")
def test_nothing_of_it_holds_a_secret(collector, station, tmp_path):
    told = [repr(collector.collected_assets)]
    for operator in (to_files(tmp_path), to_sql()):
        lineage = DefaultExtractor(operator).extract_on_complete(SimpleNamespace())
        told += [repr(lineage), *map(repr, operator._targets)]
    assets = collector.collected_assets
    told += [repr(each.asset) for each in (*assets.inputs, *assets.outputs)]

    for secret in (station.users["engineer"].password, "hunter2"):
        assert secret not in "".join(told)


WITHOUT_OPENLINEAGE = """
import sys
sys.path[:0] = {path!r}
# As if they were not installed, for us and for Airflow alike; but what the provider says of itself is still found.
for name in ("openlineage", *("airflow.providers.openlineage." + each for each in ("extractors", "plugins", "utils"))):
    sys.modules[name] = None

from archive_plant import END, START, run_of_an_hour
from airflow.sdk import Asset
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.operators.archives import WinCCArchiveToObjectStorageOperator, WinCCArchiveToSqlOperator

export = {{"task_id": "export", "archive": "Line", "tags": ["Flow"]}}
to_files = WinCCArchiveToObjectStorageOperator(path={folder!r}, **export).execute(run_of_an_hour())
to_sql = WinCCArchiveToSqlOperator(sql_conn_id="history", table="history", **export).execute(run_of_an_hour())
frame = WinCCHook().get_archive_df("Line", ["Flow"], START, END)
print("ROWS", to_files["rows"], to_sql["written"], len(frame), Asset("wincc://plant_a/T%31").uri)
"""


def test_without_openlineage_all_works(sqlite_file, tmp_path):
    code = WITHOUT_OPENLINEAGE.format(path=[path for path in sys.path if path], folder=f"file://{tmp_path}/lake")

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert finished.returncode == 0, finished.stderr
    assert "ROWS 3607 3607 3607 wincc://plant_a/T1" in finished.stdout


def test_the_converter_alone_does_not_load_openlineage():
    code = """
import sys
import airflow.sdk
before = set(sys.modules)
import airflow_provider_wincc.assets.openlineage
print(*sorted(name for name in set(sys.modules) - before if not name.startswith("airflow_provider_wincc")))
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert not [name for name in finished.stdout.split() if "openlineage" in name or name == "requests"]
