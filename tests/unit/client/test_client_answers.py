"""Every reality of stations' answers that is tolerated, and how the others are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import responses
from mocked_station import VALUE, VALUES
from responses import matchers

from airflow_provider_wincc.client import (
    FailureKind,
    WinCCError,
    WinCCNotFoundError,
    WinCCResponseError,
    WinCCTagError,
    WinCCTagNotFoundError,
)

if TYPE_CHECKING:
    from responses import RequestsMock

    from airflow_provider_wincc.client import TagFailure, WinCCClient

GOOD = {"value": "71.25", "qualitycode": "128", "errorcode": 0}
LEVEL = {"variableName": "Level", **GOOD}


def failure_of(client: WinCCClient, name: str) -> TagFailure:
    return client.try_read_tags([name]).failures[name]


@pytest.mark.parametrize(
    "row",
    [
        {"variableName": "Level", "value": "71.25", "qualitycode": "128"},
        {"VARIABLENAME": "Level", "Value": "71.25", "QualityCode": "0x80", "ErrorCode": "0", "Error": ""},
        {"variable_name": "Level", "value": 71.25, "quality-code": 128, "error code": 0},
        {"variableName": "Level", "value": "71.25", "quality": "128"},
        {"variableName": "Level", "value": "71.25"},
        {"variableName": "Level", "value": "71.25", "qualitycode": "", "errorcode": None, "error": None},
        {"variableName": "Level", "value": "71.25", "errorcode": "0x0", "error": False},
    ],
)
@pytest.mark.parametrize("envelope", ["bare", "values", "items", "object"])
def test_a_reading_is_found_in_every_spelling_and_envelope(
    client: WinCCClient, answers: RequestsMock, row: dict[str, Any], envelope: str
) -> None:
    forms: dict[str, Any] = {
        "bare": [row],
        "values": {"values": [row]},
        "items": {"items": [row], "count": 1},
        "object": row,
    }
    answers.post(VALUES, json=forms[envelope])

    reading = client.read_tags(["Level"])["Level"]

    assert (reading.value, reading.quality.code) == (71.25, 128)
    assert reading.raw == row


@pytest.mark.parametrize(
    "row", [LEVEL, GOOD, [LEVEL], {"values": [LEVEL]}], ids=["object", "object without name", "list", "wrapped"]
)
def test_a_single_read_takes_an_object_with_or_without_name_and_a_list(
    client: WinCCClient, answers: RequestsMock, row: Any
) -> None:
    answers.get(f"{VALUE}/Level", json=row)

    assert client.read_tag("Level").value == 71.25


def test_a_quality_under_its_short_name_is_not_taken_for_good(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(VALUES, json=[{"variableName": "Level", "value": "0", "quality": 24}])

    assert client.read_tags(["Level"])["Level"].quality.is_bad


@pytest.mark.parametrize(
    ("raw", "value", "text"),
    [
        (71.25, 71.25, "71.25"),
        (5, 5, "5"),
        (True, True, "true"),
        ("71.25", 71.25, "71.25"),
        ("000123", "000123", "000123"),
        (None, None, ""),
    ],
)
def test_a_value_may_be_text_or_a_json_type(
    client: WinCCClient, answers: RequestsMock, raw: object, value: object, text: str
) -> None:
    answers.post(VALUES, json=[{"variableName": "Level", "value": raw, "qualitycode": "128"}])

    reading = client.read_tags(["Level"])["Level"]

    assert (reading.value, reading.text) == (value, text)
    assert type(reading.value) is type(value)


def test_a_body_of_another_character_set_header_is_read_as_utf_8(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(
        VALUES,
        body='\ufeff[{"variableName":"Name","value":"Süd 搅拌机"}]'.encode(),
        content_type="text/plain; charset=iso-8859-1",
    )

    assert client.read_tags(["Name"])["Name"].value == "Süd 搅拌机"


def test_rows_in_another_order_and_twice_find_their_names(client: WinCCClient, answers: RequestsMock) -> None:
    rows = [{"variableName": name, "value": value} for name, value in [("B", "2"), ("A", "1"), ("B", "2"), ("X", "9")]]
    answers.post(VALUES, json=rows)

    values = client.read_tags(["A", "B", "A"])

    assert {name: reading.value for name, reading in values.items()} == {"A": 1, "B": 2}
    assert list(values) == ["A", "B"]


def test_a_row_in_another_letter_case_finds_its_name(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(VALUES, json=[{"variableName": "TANK1.LEVEL", "value": "1"}])

    assert client.read_tags(["Tank1.Level"])["Tank1.Level"].name == "Tank1.Level"


def test_rows_without_names_are_taken_by_position_when_all_are_there(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.post(VALUES, json=[{"variableName": "A", "value": "1"}, {"value": "2"}, {"variableName": "", "value": "3"}])

    values = client.read_tags(["A", "B", "C"])

    assert [reading.value for reading in values.values()] == [1, 2, 3]


@pytest.mark.parametrize(("asked", "sent"), [("C", "SRV::C"), ("SRV::C", "C"), ("SRV::C", "srv::c")])
def test_a_row_is_found_with_and_without_the_server_before_its_name(
    client: WinCCClient, answers: RequestsMock, asked: str, sent: str
) -> None:
    answers.post(VALUES, json=[{"variableName": sent, "value": "3"}])

    assert client.read_tags([asked])[asked].value == 3


@pytest.mark.parametrize(
    ("asked", "sent"), [("A", "B"), ("SRV1::A", "SRV2::A"), ("A", "SRV::B"), ("A", "A "), ("A", 1)]
)
def test_the_row_of_another_tag_answers_nothing_though_it_stands_at_the_right_position(
    client: WinCCClient, answers: RequestsMock, asked: str, sent: object
) -> None:
    answers.post(VALUES, json=[{"variableName": sent, "value": "3"}])
    answers.post(VALUES, json=[])

    with pytest.raises(WinCCTagError, match=asked):
        client.read_tags([asked])


def test_a_row_whose_name_may_mean_two_tags_answers_neither(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(VALUES, json=[{"variableName": "A", "value": "1"}, {"variableName": "A", "value": "2"}])
    answers.post(VALUES, json=[])

    readings = client.try_read_tags(["SRV1::A", "SRV2::A"])

    assert not readings.values
    assert set(readings.failures) == {"SRV1::A", "SRV2::A"}


def test_a_row_is_never_taken_by_position_when_the_rows_are_not_in_order(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.post(
        VALUES,
        json=[
            {"variableName": "C", "value": "3"},
            {"variableName": "X", "value": "9"},
            {"variableName": "Y", "value": "8"},
        ],
    )
    answers.post(VALUES, json=[])

    readings = client.try_read_tags(["A", "B", "C"])

    assert {name: reading.value for name, reading in readings.values.items()} == {"C": 3}
    assert set(readings.failures) == {"A", "B"}


def test_a_missing_row_is_asked_for_once_more(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(VALUES, json=[{"variableName": "A", "value": "1"}])
    answers.post(
        VALUES,
        json=[{"variableName": "B", "value": "2"}],
        match=[matchers.json_params_matcher({"variableNames": ["B"]})],
    )

    assert [reading.value for reading in client.read_tags(["A", "B"]).values()] == [1, 2]


UNKNOWN_FORMS = {
    "error item": [{"json": {"variableName": "Typo", "error": "Not Found"}}],
    "error code": [{"json": {"variableName": "Typo", "errorcode": 2048}}],
    "hexadecimal error code": [{"json": {"variableName": "Typo", "errorCode": "0x800"}}],
    "missing row": [{"json": []}, {"json": []}],
    "empty body": [{"body": b""}, {"body": b""}],
    "no content": [{"status": 204}, {"status": 204}],
    "404 in JSON": [{"status": 404, "json": {"error": "Not Found"}}],
    "404 in HTML": [{"status": 404, "body": "<html><title>x</title><h2>Not Found</h2></html>"}],
    "nameless error": [{"json": {"error": "Variable does not exist"}}],
    "German": [{"json": {"variableName": "Typo", "error": "Variable nicht vorhanden"}}],
}


@pytest.mark.parametrize("form", UNKNOWN_FORMS)
@pytest.mark.parametrize("way", ["read_tag", "read_tags"])
def test_an_unknown_tag_is_the_same_error_in_every_form(
    client: WinCCClient, answers: RequestsMock, form: str, way: str
) -> None:
    for answer in UNKNOWN_FORMS[form]:
        answers.add("GET" if way == "read_tag" else "POST", f"{VALUE}/Typo" if way == "read_tag" else VALUES, **answer)

    with pytest.raises(WinCCTagNotFoundError) as caught:
        client.read_tag("Typo") if way == "read_tag" else client.read_tags(["Typo"])

    error = caught.value
    assert isinstance(error, WinCCNotFoundError)
    assert error.errors["Typo"].kind is FailureKind.NOT_FOUND
    assert not error.retryable
    assert "'Typo'" in str(error)
    assert "check the spelling of the tag" in str(error).lower()
    assert "released for web access" in str(error)


def test_unknown_tags_beside_known_ones_leave_the_values_on_the_error(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.post(VALUES, json=[LEVEL, {"variableName": "Typo", "error": "Not Found"}])

    with pytest.raises(WinCCTagNotFoundError) as caught:
        client.read_tags(["Level", "Typo"])

    assert set(caught.value.values) == {"Level"}
    assert set(caught.value.errors) == {"Typo"}
    assert "1 of 2 tags" in caught.value.message


@pytest.mark.parametrize("status", [400, 404, 413, 414])
def test_a_batch_refused_as_a_whole_is_asked_for_in_halves(
    client: WinCCClient, answers: RequestsMock, status: int
) -> None:
    answers.post(VALUES, status=status)
    answers.post(VALUES, json=[{"variableName": "A", "value": "1"}])
    answers.post(VALUES, status=status)

    readings = client.try_read_tags(["A", "Odd"])

    assert readings.values["A"].value == 1
    assert readings.failures["Odd"].kind is (FailureKind.NOT_FOUND if status == 404 else FailureKind.REFUSED)


def test_a_wrong_base_path_does_not_cost_a_request_for_every_tag(client: WinCCClient) -> None:
    with responses.RequestsMock() as answers:
        answers.post(VALUES, status=404)

        with pytest.raises(WinCCNotFoundError):
            client.read_tags([f"Tag{number}" for number in range(10_000)])

        assert len(answers.calls) < 40


@pytest.mark.parametrize(
    ("row", "kind", "retryable"),
    [
        ({"error": "Not Found", "errorcode": 0}, FailureKind.NOT_FOUND, False),
        ({"error": "Unknown variable"}, FailureKind.NOT_FOUND, False),
        ({"error": "Unknown error"}, FailureKind.FAILED, True),
        ({"error": "Unbekannter Fehler"}, FailureKind.FAILED, True),
        ({"error": "connection not established", "errorcode": 1}, FailureKind.NOT_CONNECTED, True),
        ({"errorcode": 8192}, FailureKind.NOT_CONNECTED, True),
        ({"errorcode": -2147467259}, FailureKind.FAILED, True),
        ({"errorcode": "0x80004005"}, FailureKind.FAILED, True),
        ({"errorcode": "broken"}, FailureKind.FAILED, True),
        ({"errorcode": True}, FailureKind.FAILED, True),
        ({"error": {"text": "odd"}}, FailureKind.FAILED, True),
        ({"value": [1, 2]}, FailureKind.UNREADABLE, True),
        ({"value": "1", "qualitycode": "fine"}, FailureKind.UNREADABLE, True),
        ({"dataType": 4}, FailureKind.UNREADABLE, True),
    ],
)
def test_a_row_that_says_no_becomes_a_failure_of_its_kind(
    client: WinCCClient, answers: RequestsMock, row: dict[str, Any], kind: FailureKind, retryable: bool
) -> None:
    answers.post(
        VALUES,
        json=[
            {"variableName": "Level", "value": "71.25", **row}
            if "dataType" not in row
            else {"variableName": "Level", **row}
        ],
    )

    failure = failure_of(client, "Level")

    assert (failure.kind, failure.retryable) == (kind, retryable)


def test_the_code_of_a_failure_is_kept(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(VALUES, json=[{"variableName": "Level", "errorcode": "0x80004005", "error": "odd"}])

    failure = failure_of(client, "Level")

    assert (failure.reason, failure.code) == ("odd", 0x80004005)


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE html><html><style>p {}</style><body><h2>Proxy sign-in</h2></body></html>",
        "Proxy sign-in",
        '[{"variableName": "Proxy sign-in", "val',
        '{"Proxy sign-in": 1}',
        '["Proxy sign-in"]',
        '"Proxy sign-in"',
        '[null, "Proxy sign-in"]',
        '{"a": [], "b": [], "c": "Proxy sign-in"}',
        "null Proxy sign-in",
        '{"error": "Proxy sign-in"}',
        "Proxy sign-in" + "[" * 200_000,
    ],
)
def test_an_answer_that_cannot_be_understood_is_quoted(client: WinCCClient, answers: RequestsMock, body: str) -> None:
    answers.post(VALUES, body=body)

    with pytest.raises(WinCCResponseError) as caught:
        client.read_tags(["A", "B"])

    error = caught.value
    assert "Proxy sign-in" in error.message
    assert "<" not in error.message
    assert len(error.message) < 400
    assert error.retryable
    assert (error.method, error.path) == ("POST", "/WinCCRestService/tagManagement/Values")


def test_json_nested_without_end_is_a_response_error(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(VALUES, body="[" * 200_000)

    with pytest.raises(WinCCResponseError):
        client.read_tags(["A"])


def test_bytes_that_are_no_text_are_a_response_error(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(VALUES, body=b"\xff\xfe\x00\x81")

    with pytest.raises(WinCCResponseError):
        client.read_tags(["A"])


def test_a_type_asked_for_that_does_not_fit_is_a_failure_of_that_tag_alone(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.post(VALUES, json=[LEVEL, {"variableName": "Batch", "value": "000123"}])

    with pytest.raises(WinCCTagError) as caught:
        client.read_tags(["Level", "Batch"], types={"Level": "int16", "Batch": "text"})

    assert caught.value.errors["Level"].kind is FailureKind.WRONG_TYPE
    assert caught.value.values["Batch"].value == "000123"
    assert not isinstance(caught.value, WinCCTagNotFoundError)


@pytest.mark.parametrize("names", ["Level", b"Level", 5, None, [], [""], [1], [["Level"]], ["half\ud800"]])
def test_names_that_are_no_list_of_names_are_an_error_before_anything_is_sent(
    client: WinCCClient, answers: RequestsMock, names: Any
) -> None:
    with pytest.raises(WinCCError) as caught:
        client.read_tags(names)

    assert isinstance(caught.value, ValueError)
    assert caught.value.hint


def test_an_unknown_data_type_is_an_error_that_names_the_known_ones(client: WinCCClient, answers: RequestsMock) -> None:
    with pytest.raises(WinCCError, match=r"'word'.*int16"):
        client.read_tags(["Level"], types={"Level": "word"})


def test_types_that_are_no_mapping_are_an_error(client: WinCCClient, answers: RequestsMock) -> None:
    with pytest.raises(WinCCError, match="types are a list"):
        client.read_tags(["Level"], types=["int16"])  # type: ignore[arg-type]


@pytest.mark.parametrize("sent", [2**64, -(2**63) - 1, 123456789012345678901234, "123456789012345678901234"])
def test_a_whole_number_of_more_than_64_bits_is_a_text(client: WinCCClient, answers: RequestsMock, sent: Any) -> None:
    answers.post(VALUES, json=[{**LEVEL, "value": sent}])

    reading = client.read_tags(["Level"])["Level"]

    assert (reading.value, reading.text) == (str(sent), str(sent))


@pytest.mark.parametrize("sent", [2**64 - 1, -(2**63)])
def test_a_whole_number_of_64_bits_is_a_number(client: WinCCClient, answers: RequestsMock, sent: int) -> None:
    answers.post(VALUES, json=[{**LEVEL, "value": sent}])

    assert client.read_tags(["Level"])["Level"].value == sent
