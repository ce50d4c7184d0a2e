"""The description of the REST service as OpenAPI, and the station in comparison with it."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from openapi_checks import findings
from rest_surface import REQUESTS

from airflow_provider_wincc.simulator import Dialect, Simulator
from airflow_provider_wincc.simulator.openapi import openapi_description

pytest.importorskip("schemathesis", minversion="4.32", reason="older versions do not find what these tests spoil")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rest_caller import RestCaller

OTHER_DIALECT = Dialect(
    value_typing="json",
    key_case="camel",
    unknown_tag="error_code",
    timestamps="seven_digits",
    envelope="wrapped",
    quality="hex",
    browse="post",
    continuation="header",
    archive_form="flat",
    archive_row_keys="datetime",
    archive_flags=True,
    archive_limit=500,
    archive_above_limit="refuse",
    archive_no_rows="missing",
    message_keys="ole_db",
    message_typing="text",
    message_time="split",
    message_envelope="bare",
    message_above_limit="refuse",
    unknown_filter="error",
)
THIRD_DIALECT = Dialect(
    unknown_tag="not_found_html",
    timestamps="no_zone",
    quality="int",
    browse="get",
    continuation="offset",
    archive_flags=True,
    message_keys="opc_ua",
)
DIALECTS = {"default": Dialect(), "other": OTHER_DIALECT, "third": THIRD_DIALECT}


@pytest.fixture(scope="module")
def fuzzed_station() -> Iterator[Simulator]:
    """A station of its own, because tags are written."""
    with Simulator(plant="still") as station:
        station.set("Tank1.Level", 95.0)
        yield station


def test_the_station_answers_as_it_is_described(fuzzed_station: Simulator) -> None:
    description = description_in(fuzzed_station, Dialect())

    found = findings(fuzzed_station, description)

    assert found.errors == []
    assert found.failures == []
    assert found.operations == operations_of(description)
    assert found.requests > 500


@pytest.mark.parametrize("dialect", [OTHER_DIALECT, THIRD_DIALECT], ids=["other", "third"])
def test_the_station_answers_as_it_is_described_in_other_dialects(fuzzed_station: Simulator, dialect: Dialect) -> None:
    description = description_in(fuzzed_station, dialect)

    found = findings(fuzzed_station, description, borderline=False)

    assert found.errors == []
    assert found.failures == []
    assert found.operations == operations_of(description)


def wrong_type(description: dict[str, Any]) -> None:
    description["components"]["schemas"]["TagValue"]["properties"]["dataType"] = {"type": "string"}


def key_that_there_is_not(description: dict[str, Any]) -> None:
    description["components"]["schemas"]["TagValue"]["required"].append("unit")


def status_left_out(description: dict[str, Any]) -> None:
    del description["paths"]["/tagManagement/Value/{tag}"]["put"]["responses"]["400"]


def media_type_that_is_not_sent(description: dict[str, Any]) -> None:
    content = description["paths"]["/tagManagement/Value/{tag}"]["get"]["responses"]["200"]["content"]
    content["application/xml"] = content.pop("application/json")


def body_that_is_refused(description: dict[str, Any]) -> None:
    description["components"]["schemas"]["ValueToWrite"]["required"] = []


def body_that_is_taken(description: dict[str, Any]) -> None:
    description["components"]["schemas"]["ValueToWrite"]["properties"]["value"]["type"] = "number"


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (wrong_type, "response_schema_conformance"),
        (key_that_there_is_not, "response_schema_conformance"),
        (status_left_out, "status_code_conformance"),
        (media_type_that_is_not_sent, "content_type_conformance"),
        (body_that_is_refused, "positive_data_acceptance"),
        (body_that_is_taken, "negative_data_rejection"),
    ],
)
def test_a_wrong_description_is_found_out(
    fuzzed_station: Simulator, spoil: Callable[[dict[str, Any]], None], check: str
) -> None:
    description = copy.deepcopy(description_in(fuzzed_station, Dialect()))
    spoil(description)

    found = findings(fuzzed_station, description, only="/tagManagement/Value/{tag}")

    assert check in found.failed_checks


def test_a_station_hands_out_its_description_in_its_dialect(station: Simulator, rest: RestCaller) -> None:
    before = rest.session.get(f"{station.url}/simulator/openapi.json", auth=None, timeout=10)
    station.set_dialect(has_messages=False)
    after = rest.session.get(f"{station.url}/simulator/openapi.json", auth=None, timeout=10)

    assert before.headers["Content-Type"].startswith("application/json")
    assert before.json() == json.loads(json.dumps(openapi_description(Dialect())))
    assert {path.split("/")[1] for path in after.json()["paths"]} == {"tagManagement", "tagLogging"}


def test_each_operation_is_described() -> None:
    assert operations_of(openapi_description(Dialect())) == {str(request) for request in REQUESTS}


@pytest.mark.parametrize(("browse", "verbs"), [("get", ["get"]), ("post", ["post"]), ("both", ["get", "post"])])
def test_only_the_verbs_of_the_dialect_are_described(browse: Any, verbs: list[str]) -> None:
    description = openapi_description(Dialect(browse=browse))

    assert sorted(description["paths"]["/tagManagement/variables"]) == verbs


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_each_reference_leads_somewhere_and_each_schema_is_one(dialect: Dialect) -> None:
    description = openapi_description(dialect)
    components = description["components"]
    references = set(re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(description)))

    assert references
    assert [name for kind, name in references if name not in components[kind]] == []
    for schema in components["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_each_schema_is_used() -> None:
    description = openapi_description(Dialect())
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(description)))

    assert used == set(description["components"]["schemas"])


def test_names_of_operations_are_there_once() -> None:
    names = [
        operation["operationId"]
        for path in openapi_description(Dialect())["paths"].values()
        for operation in path.values()
    ]

    assert len(set(names)) == len(names) == len(REQUESTS)


def description_in(station: Simulator, dialect: Dialect) -> dict[str, Any]:
    station.set_dialect(**asdict(dialect))
    return openapi_description(dialect)


def operations_of(description: dict[str, Any]) -> set[str]:
    return {f"{verb.upper()} {shape}" for shape, path in description["paths"].items() for verb in path}
