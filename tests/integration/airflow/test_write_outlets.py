"""What a write leaves in the events of its outlets."""

from __future__ import annotations

import json

import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException
from airflow.sdk import Asset
from airflow.sdk.execution_time.context import OutletEventAccessors

from airflow_provider_wincc.assets.tags import tag_asset
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.operators.tags import WinCCWriteTagsOperator

pytestmark = pytest.mark.usefixtures("connect")

SETPOINT_1, SETPOINT_2 = tag_asset("Tank1.Setpoint"), tag_asset("Tank2.Setpoint")


@pytest.fixture
def context(context):
    return {**context, "outlet_events": OutletEventAccessors()}


def write(context, *outlets, **arguments):
    values = {"Tank1.Setpoint": 51.0, "Tank2.Setpoint": 52.0}
    return WinCCWriteTagsOperator(task_id="write", values=values, outlets=list(outlets), **arguments).execute(context)


def receipts(context, asset):
    return [receipt["tag"] for receipt in context["outlet_events"][asset].extra["receipts"]]


def test_each_tag_that_was_written_gets_its_own_receipt(context):
    result = write(context, SETPOINT_1, SETPOINT_2)

    assert receipts(context, SETPOINT_1) == ["Tank1.Setpoint"]
    assert receipts(context, SETPOINT_2) == ["Tank2.Setpoint"]
    extra = context["outlet_events"][SETPOINT_1].extra
    assert extra == {**result, "receipts": result["receipts"][:1]}
    assert json.loads(json.dumps(extra)) == extra


def test_letter_case_of_the_tag_does_not_count(context):
    lower = tag_asset("tank1.setpoint")

    write(context, lower)

    assert receipts(context, lower) == ["Tank1.Setpoint"]


@pytest.mark.parametrize("other", [tag_asset("Tank1.Level"), tag_asset("Tank1.Setpoint", "another_plant")])
def test_the_asset_of_another_tag_gets_all_receipts(context, other):
    write(context, other)

    assert receipts(context, other) == ["Tank1.Setpoint", "Tank2.Setpoint"]


def test_an_asset_of_another_kind_is_left_alone(context):
    table = Asset("s3://bucket/key")

    write(context, table)

    assert list(context["outlet_events"]) == []


def test_a_dry_run_says_so_in_the_event(context, station):
    write(context, SETPOINT_1, dry_run=True)

    assert context["outlet_events"][SETPOINT_1].extra["dry_run"] is True
    assert station.writes == []


def test_a_write_that_was_not_allowed_leaves_nothing_in_the_event(context):
    with pytest.raises(AirflowSkipException):
        write(context, SETPOINT_1, only_if=tag("Tank1.Level") > 99, when_not_allowed="skip")

    assert list(context["outlet_events"]) == []
