"""The tables of the documentation say what the code says."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import pytest
from documentation import table, text_of

from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.client import (
    StationSettings,
    WinCCError,
    WinCCInterlockNotMetError,
    WinCCNoUsableReadingError,
    WinCCWriteOutcomeUnknownError,
)
from airflow_provider_wincc.client.models import FailureKind, TagFailure
from airflow_provider_wincc.client.settings import OPTION_NAMES
from airflow_provider_wincc.conditions import WinCCConditionError, tag
from airflow_provider_wincc.connection_form import CONNECTION_FIELDS
from airflow_provider_wincc.erp import ErpUnavailableError
from airflow_provider_wincc.hooks.airflow_options import AIRFLOW_OPTION_NAMES
from airflow_provider_wincc.operators.archives import (
    WinCCArchiveToObjectStorageOperator,
    WinCCArchiveToSqlOperator,
)
from airflow_provider_wincc.operators.erp import WinCCClaimOrdersOperator
from airflow_provider_wincc.operators.orders import WinCCClearOrderOperator, WinCCOrderHandoffOperator
from airflow_provider_wincc.operators.tags import WinCCReadTagsOperator, WinCCWriteTagsOperator
from airflow_provider_wincc.order_handoff import DEFAULT_POLL_INTERVAL, DEFAULT_SETTLE, DEFAULT_TIMEOUTS
from airflow_provider_wincc.orders import STATE_MAPS, OrderHandoffTags, OrderTimeoutError, Wait
from airflow_provider_wincc.orders.commits import PROFILES
from airflow_provider_wincc.sensors.tags import WinCCTagSensor

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator

ERROR_TABLES = ["## The station and the network", "## Tags", "## Writes", "## Orders", "## Archives"]
# The field "extra" stands in the table of fields, and the table of extras comes after it.
EXTRAS = "| extra | an object"


def errors_below(kind: type[WinCCError]) -> set[type[WinCCError]]:
    below = set(kind.__subclasses__())
    return below.union(*map(errors_below, below))


def rows_of_errors() -> dict[str, list[str]]:
    rows = [row for heading in ERROR_TABLES for row in table("docs/errors.md", "error", after=heading)]
    return {row[0].strip("`"): row for row in rows if row[0]}


def test_the_extras_of_the_page_are_those_of_the_code_and_of_the_form() -> None:
    described = {row[0].strip("`") for row in table("docs/connection.md", "extra", after=EXTRAS)}

    assert described == OPTION_NAMES | AIRFLOW_OPTION_NAMES == set(CONNECTION_FIELDS)


def test_the_defaults_of_the_connection_are_those_of_the_code() -> None:
    settings = StationSettings.from_url("wincc01.plant.example")
    by_field = {row[0].strip("`"): row[2] for row in table("docs/connection.md", "extra", after=EXTRAS)}
    port = next(row[2] for row in table("docs/connection.md", "field") if row[0] == "port")

    assert port == str(settings.address.port)
    assert by_field["base_path"] == f"`{settings.address.base_path}`"
    assert float(by_field["connect_timeout"]) == settings.connect_timeout
    assert float(by_field["read_timeout"]) == settings.read_timeout
    assert settings.answer_timeout == 5 * settings.read_timeout
    assert int(by_field["max_answer_mb"]) == settings.max_answer_mb
    assert int(by_field["batch_size"]) == settings.batch_size
    assert int(by_field["archive_batch_size"]) == settings.archive_batch_size
    assert int(by_field["archive_max_values"]) == settings.archive_max_values
    assert by_field["archive_form"] == f"`{settings.archive_form}`"
    assert by_field["archive_times"] == f"`{settings.archive_times}`"
    assert int(by_field["archive_batch_size"]) == settings.archive_batch_size
    assert int(by_field["archive_max_values"]) == settings.archive_max_values
    assert by_field["archive_form"] == f"`{settings.archive_form}`"
    assert by_field["archive_times"] == f"`{settings.archive_times}`"


def test_every_error_of_the_package_is_described() -> None:
    # The imports at the top of this file have made all of them known.
    known = {WinCCConditionError, WinCCInterlockNotMetError, WinCCNoUsableReadingError, OrderTimeoutError}
    assert known | {ErpUnavailableError, ArchiveTargetError} <= errors_below(WinCCError)

    assert set(rows_of_errors()) == {kind.__name__ for kind in errors_below(WinCCError)}


def test_the_page_says_of_each_error_whether_it_is_retried() -> None:
    said = {name: row[3] for name, row in rows_of_errors().items()}
    known = {kind.__name__: kind.retryable for kind in errors_below(WinCCError)}
    known["WinCCWriteOutcomeUnknownError"] = WinCCWriteOutcomeUnknownError("In doubt.", unknown=["A"]).retryable
    words = {name: "yes" if retryable else "no" for name, retryable in known.items()}

    assert said == words | {"WinCCTagError": "by reason"}


def test_the_page_says_of_each_reason_of_a_tag_whether_it_is_retried() -> None:
    said = {row[0].strip("`"): row[2] for row in table("docs/errors.md", "reason of one tag")}

    assert said == {kind.value: "yes" if TagFailure(kind, "").retryable else "no" for kind in FailureKind}


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (401, "unauthorized"),
        (403, "forbidden"),
        (500, "server_error"),
        (502, "bad_gateway"),
        (503, "unavailable"),
        (504, "gateway_timeout"),
    ],
)
def test_a_status_raises_the_error_that_the_page_names(
    status: int, fault: str, connect: object, station: Simulator
) -> None:
    from airflow_provider_wincc.hooks.wincc import WinCCHook

    station.fail_next(fault)
    with WinCCHook().get_conn() as client, pytest.raises(WinCCError) as caught:
        client.check_login()

    assert caught.value.status == status
    assert str(status) in rows_of_errors()[type(caught.value).__name__][1]


def test_the_defaults_of_the_operators_are_those_of_the_code() -> None:
    read = WinCCReadTagsOperator(task_id="read", tags=["Tank1.Level"])
    write = WinCCWriteTagsOperator(task_id="write", values={"Tank1.Setpoint": 1})
    wait = WinCCTagSensor(task_id="wait", condition=tag("Tank1.Level") > 1)

    assert f"`quality_timeout` ({read.quality_timeout:g} s)" in text_of("docs/tags.md")
    assert f"`verify_timeout` ({write.verify_timeout:g} s)" in text_of("docs/tags.md")
    assert f"`max_consecutive_failures` ({wait.max_consecutive_failures})" in text_of("docs/waiting.md")


def test_the_page_on_orders_names_every_wait_with_its_default() -> None:
    units = {"s": 1, "h": 3600}
    cells = [row[3] for row in table("docs/orders.md", "step") if row[3]]
    said = {}
    for cell in cells:
        name, _, limit = cell.replace("`", "").partition(", ")
        number, unit = limit.split()
        said[{"unit_timeout": "admit", "run_timeout": "run"}.get(name, name)] = int(number) * units[unit]

    assert said == {wait.value: seconds for wait, seconds in DEFAULT_TIMEOUTS.items()}
    assert set(DEFAULT_TIMEOUTS) == set(Wait)
    assert f"`settle_window` ({DEFAULT_SETTLE:g} s)" in text_of("docs/orders.md")
    assert f"`poke_interval` ({DEFAULT_POLL_INTERVAL:g} s)" in text_of("docs/orders.md")


def test_the_page_on_orders_names_every_profile_and_every_map_of_states() -> None:
    described = {row[0].strip("`"): row[1] for row in table("docs/orders.md", "parameter")}

    assert [row[0].strip("`") for row in table("docs/orders.md", "profile")] == list(PROFILES)
    assert [name for name in STATE_MAPS if f"`{name}`" not in described["states"]] == []


def test_every_argument_of_the_operators_and_the_sensor_is_described() -> None:
    described = ("tags", "waiting", "connection", "orders", "erp", "archives")
    pages = "".join(text_of(f"docs/{page}.md") for page in described)
    arguments = {
        name
        for kind in (
            WinCCReadTagsOperator,
            WinCCWriteTagsOperator,
            WinCCTagSensor,
            WinCCOrderHandoffOperator,
            WinCCClearOrderOperator,
            WinCCClaimOrdersOperator,
            WinCCArchiveToObjectStorageOperator,
            WinCCArchiveToSqlOperator,
            OrderHandoffTags,
        )
        for name in re.findall(r"^:param (\w+):", inspect.cleandoc(kind.__doc__ or ""), re.MULTILINE)
    }

    assert arguments
    assert [name for name in sorted(arguments) if not re.search(rf"\b{name}\b", pages)] == []
