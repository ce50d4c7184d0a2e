"""What OpenLineage learns of a write that failed: what the station has taken, or may have."""

from __future__ import annotations

from types import SimpleNamespace

import psycopg2
import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException
from airflow.providers.openlineage.extractors.base import DefaultExtractor

from airflow_provider_wincc.client import WinCCError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.operators.erp import WinCCClaimOrdersOperator
from airflow_provider_wincc.operators.lineage import tables_of_erp
from airflow_provider_wincc.operators.tags import WinCCWriteTagsOperator
from tests.required_services import POSTGRESQL, missing

pytestmark = pytest.mark.usefixtures("connect")

GROUPS = [{"Tank1.Setpoint": 50}, {"Tank2.Setpoint": 60}]


def writing(**arguments):
    return WinCCWriteTagsOperator(task_id="write", **{"values": GROUPS, "verify_timeout": 0.1, **arguments})


def outputs_on_failure(operator):
    return [each.name for each in DefaultExtractor(operator).extract_on_failure(SimpleNamespace()).outputs]


@pytest.mark.parametrize(
    ("first", "second", "outputs"),
    [
        # A delay of a moment does no harm to the first group.
        ("delay", "drop_before", ["Tank1.Setpoint", "Tank2.Setpoint"]),
        ("drop_before", "unavailable", ["Tank1.Setpoint"]),
        ("delay", "unavailable", ["Tank1.Setpoint"]),
        ("unavailable", "unavailable", []),
    ],
)
def test_a_failed_write_has_what_was_written_and_what_is_in_doubt(station, context, first, second, outputs):
    operator = writing()
    for fault in (first, second):
        station.fail_next(fault, method="PUT")

    with pytest.raises(WinCCError):
        operator.execute(context)

    assert outputs_on_failure(operator) == outputs


@pytest.mark.parametrize("group", [0, 1])
def test_a_write_that_was_not_proved_is_an_output(station, context, group):
    station.set("Feedback", 0.0, data_type="float64")
    (name,) = GROUPS[group]
    operator = writing(verify_with={name: "Feedback"})

    with pytest.raises(WinCCError):
        operator.execute(context)

    assert outputs_on_failure(operator) == ["Tank1.Setpoint", "Tank2.Setpoint"][: group + 1]


def test_a_write_that_was_skipped_has_no_output(station, context):
    operator = writing(only_if=tag("Tank1.Level") > 1000, when_not_allowed="skip")

    with pytest.raises(AirflowSkipException):
        operator.execute(context)

    lineage = DefaultExtractor(operator).extract_on_complete(SimpleNamespace())
    assert ([each.name for each in lineage.inputs], lineage.outputs) == (["Tank1.Level"], [])


def test_a_claim_that_failed_asks_its_database_nothing(monkeypatch):
    unreachable = '{"conn_type": "postgres", "host": "127.0.0.1", "port": 9, "schema": "mes"}'
    monkeypatch.setenv("AIRFLOW_CONN_ERP", unreachable)
    operator = WinCCClaimOrdersOperator(task_id="claim", erp_conn_id="erp")

    assert DefaultExtractor(operator).extract_on_failure(SimpleNamespace()) is None


def test_tables_on_postgresql_are_named_with_the_schema_that_it_takes_by_default(monkeypatch):
    try:
        psycopg2.connect(host="127.0.0.1", port=5432, user="postgres", dbname="postgres", connect_timeout=2).close()
    except psycopg2.OperationalError:
        missing(POSTGRESQL)
    erp = '{"conn_type": "postgres", "host": "127.0.0.1", "login": "postgres", "schema": "postgres"}'
    monkeypatch.setenv("AIRFLOW_CONN_ERP", erp)

    targets = tables_of_erp("erp", "production_orders", "mes.production_results")

    assert [(target.namespace, target.name) for target in targets] == [
        ("postgres://127.0.0.1:5432", "postgres.public.production_orders"),
        ("postgres://127.0.0.1:5432", "postgres.mes.production_results"),
    ]
