"""What Airflow and OpenLineage learn of exports of messages: both ends by name, and no secret."""

from __future__ import annotations

import importlib
import json
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.openlineage.utils.utils import translate_airflow_asset
from airflow.providers.openlineage.extractors.base import DefaultExtractor
from airflow.sdk import Asset
from archive_plant import run_of_an_hour
from message_plant import raise_known_messages, raise_many

from airflow_provider_wincc.client import WinCCRuntimeError
from airflow_provider_wincc.operators.messages import WinCCMessagesToObjectStorageOperator, WinCCMessagesToSqlOperator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS

pytestmark = pytest.mark.usefixtures("connect")

ASSET = "wincc://wincc_default/short_term_archive%3AErrors"
DATASET = ("wincc://wincc_default", "short_term_archive:Errors")


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
    file = tmp_path / "alarms.db"
    monkeypatch.setenv("AIRFLOW_CONN_ALARMS", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    return file


def to_files(folder, **arguments):
    arguments = {"rest_filter": "Errors", **arguments}
    return WinCCMessagesToObjectStorageOperator(task_id="export", path=f"file://{folder}", **arguments)


def to_sql(**arguments):
    return WinCCMessagesToSqlOperator(
        task_id="export", sql_conn_id="alarms", rest_filter="Errors", table="alarms", **arguments
    )


def run(operator):
    operator.execute(run_of_an_hour())
    return operator


def collected(collector):
    lineage = collector.collected_assets
    return [each.asset.uri for each in lineage.inputs], [each.asset.uri for each in lineage.outputs]


def extracted(operator):
    lineage = DefaultExtractor(operator).extract_on_complete(SimpleNamespace())
    return tuple([(each.namespace, each.name) for each in ends] for ends in (lineage.inputs, lineage.outputs))


def test_an_export_into_files_reports_the_filter_and_the_folder(collector, station, tmp_path):
    raise_known_messages(station)

    operator = run(to_files(tmp_path))

    assert collected(collector) == ([ASSET], [f"file://{tmp_path}"])
    assert extracted(operator) == ([DATASET], [("file", str(tmp_path))])


def test_an_export_into_a_table_reports_the_filter_and_the_table(collector, station, sqlite_file):
    raise_known_messages(station)

    operator = run(to_sql())

    assert collected(collector) == ([ASSET], [f"sqlite://localhost{sqlite_file}/alarms"])
    assert extracted(operator) == ([DATASET], [(f"sqlite://{sqlite_file}", "alarms")])


def test_lists_and_connections_make_other_data_sets(collector, connect, tmp_path):
    connect("plant_a")

    operator = run(to_files(tmp_path, message_list="long_term_archive", rest_filter="All", wincc_conn_id="plant_a"))

    assert collected(collector)[0] == ["wincc://plant_a/long_term_archive%3AAll"]
    assert extracted(operator)[0] == [("wincc://plant_a", "long_term_archive:All")]


def test_the_asset_and_the_data_set_are_the_same_to_airflow():
    translated = translate_airflow_asset(Asset(ASSET), None)

    assert (translated.namespace, translated.name) == DATASET


def test_an_export_that_failed_reports_no_output(collector, station, tmp_path):
    station.fail_next("server_error", count=100, path="/alarmLogging/*")
    operator = to_files(tmp_path)

    with pytest.raises(WinCCRuntimeError):
        run(operator)

    assert collected(collector) == ([], [])
    lineage = DefaultExtractor(operator).extract_on_failure(SimpleNamespace())
    assert ([each.name for each in lineage.inputs], lineage.outputs) == ([DATASET[1]], [])


def test_an_export_that_wrote_no_file_reports_no_output(collector, station, tmp_path):
    raise_many(station, 1000, first=4000)

    operator = run(to_files(tmp_path))

    assert collected(collector) == ([], [])
    assert extracted(operator) == ([DATASET], [])


def test_nothing_of_it_holds_a_secret(collector, station, sqlite_file, tmp_path):
    operators = [run(to_files(tmp_path)), run(to_sql())]

    told = [repr(DefaultExtractor(operator).extract_on_complete(SimpleNamespace())) for operator in operators]
    assets = collector.collected_assets
    told += [repr(each.asset) for each in (*assets.inputs, *assets.outputs)]
    assert len(told) == 2 + 2 + 2
    assert station.users["engineer"].password not in "".join(told)
