"""What a connection may write."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocked_station import HOST, VALUES

from airflow_provider_wincc.client import (
    StationSettings,
    WinCCClient,
    WinCCConfigurationError,
    WinCCServiceUnavailableError,
    WinCCTagError,
    WinCCTagNotFoundError,
    WinCCWriteOutcomeUnknownError,
    WinCCWriteRefusedError,
)
from airflow_provider_wincc.client.policy import matches_pattern

if TYPE_CHECKING:
    from responses import RequestsMock


def client_with(**extra: Any) -> WinCCClient:
    return WinCCClient(StationSettings.from_url(HOST, username="engineer", password="Kiln-7-secret", **extra))


def refused(client: WinCCClient, values: dict[str, Any]) -> WinCCWriteRefusedError:
    """Write by both ways; both must be refused. The answers fixture fails the test if anything is sent."""
    with pytest.raises(WinCCWriteRefusedError):
        client.write_tags(values)
    with pytest.raises(WinCCWriteRefusedError) as caught:
        client.write_tag(*next(iter(values.items())))
    return caught.value


@pytest.fixture(autouse=True)
def nothing_is_sent_unless_an_answer_is_there(answers: RequestsMock) -> None:
    """The mock answers every request without an answer of its own with an error."""


def test_a_read_only_connection_refuses_every_write() -> None:
    error = refused(client_with(read_only="true"), {"A": 1})

    assert "read_only" in error.message
    assert "'A'" in error.message
    assert not error.retryable


@pytest.mark.parametrize("name", ["Mixer1.Start", "MIXER1.START", "mixer2.start", "State[1]", "tank5.setpoint"])
def test_a_tag_that_fits_a_pattern_may_be_written(answers: RequestsMock, name: str) -> None:
    answers.put(VALUES, json=[{"variableName": name, "errorcode": 0}])

    assert client_with(writable_tags=["Mixer*.Start", "State[1]", "Tank?.Setpoint"]).write_tags({name: 1}) == (name,)


@pytest.mark.parametrize(
    "name", ["Mixer1.Stop", "XMixer1.Start", "State1", "Tank12.Setpoint", "Mixer1.Start\n", "SRV::Mixer1.Start"]
)
def test_a_tag_that_fits_no_pattern_may_not_be_written(name: str) -> None:
    error = refused(client_with(writable_tags=["Mixer*.Start", "State[1]", "Tank?.Setpoint"]), {name: 1})

    assert "writable_tags" in error.message
    assert repr(name) in error.message


def test_an_empty_list_of_writable_tags_refuses_every_write() -> None:
    assert "none" in refused(client_with(writable_tags=[]), {"A": 1}).message


@pytest.mark.parametrize("value", [0, 100, 55.5, "55", "55.5", -0.0, "1e2"])
def test_a_value_inside_the_limits_may_be_written(answers: RequestsMock, value: Any) -> None:
    answers.put(VALUES, json=[{"variableName": "Tank1.Setpoint", "errorcode": 0}])

    client_with(tag_limits={"Tank*.Setpoint": [0, 100]}).write_tags({"Tank1.Setpoint": value})

    assert len(answers.calls) == 1


@pytest.mark.parametrize(
    "value",
    [
        100.1,
        -1,
        "101",
        "-0.5",
        "1e3",
        True,
        False,
        "full",
        "",
        "nan",
        "NaN",
        "inf",
        "5,5",
        "1,500",
        float("nan"),
        float("inf"),
        10**30,
    ],
)
@pytest.mark.parametrize("name", ["Tank1.Setpoint", "TANK1.SETPOINT", "WINCC01::Tank1.Setpoint"])
def test_a_value_outside_the_limits_or_of_another_kind_may_not_be_written(name: str, value: Any) -> None:
    error = refused(client_with(tag_limits={"Tank*.Setpoint": [0, 100]}), {name: value})

    assert repr(name) in error.message


@pytest.mark.parametrize("name", ["Tank1.Setpoint", "tank1.setpoint", "WINCC01::Tank1.Setpoint"])
def test_limits_with_a_server_hold_for_the_name_without(name: str) -> None:
    client = client_with(tag_limits={"WINCC01::Tank?.Setpoint": [0, 100]})

    assert "'WINCC01::Tank?.Setpoint'" in refused(client, {name: 101}).message


def test_limits_of_one_server_do_not_hold_for_the_tag_of_another(answers: RequestsMock) -> None:
    answers.put(VALUES, json=[{"variableName": "WINCC02::Tank1.Setpoint", "errorcode": 0}])

    client_with(tag_limits={"WINCC01::Tank1.Setpoint": [0, 100]}).write_tags({"WINCC02::Tank1.Setpoint": 101})

    assert len(answers.calls) == 1


@pytest.mark.parametrize(
    "values", [{"Tank1.SP": 1, "WINCC01::Tank1.SP": 2}, {"WINCC01::TANK1.SP": 1, "B": 1, "Tank1.sp": 2}]
)
def test_a_tag_named_with_and_without_its_server_may_be_named_twice(values: dict[str, Any]) -> None:
    with pytest.raises(WinCCConfigurationError, match="may be the same tag, with and without its server"):
        client_with().write_tags(values)


def test_tags_of_two_servers_are_two(answers: RequestsMock) -> None:
    values = {"WINCC01::Tank1.SP": 1, "WINCC02::Tank1.SP": 2}
    answers.put(VALUES, json=[{"variableName": name, "errorcode": 0} for name in values])

    assert client_with().write_tags(values) == tuple(values)


@pytest.mark.parametrize("bound", [10**309, -(10**400), pytest.param(10**5000, id="huge")])
def test_a_limit_that_no_float_can_hold_is_refused(bound: int) -> None:
    with pytest.raises(WinCCConfigurationError, match="too large a number, which is not a finite number"):
        client_with(tag_limits={"Tank1.Setpoint": [None, bound]})


def test_every_limit_that_fits_must_be_kept() -> None:
    client = client_with(tag_limits={"Tank*": [0, 100], "*.Setpoint": [None, 50]})

    assert "'*.Setpoint'" in refused(client, {"Tank1.Setpoint": 60}).message


def test_one_value_that_breaks_a_rule_keeps_the_whole_set_from_being_sent() -> None:
    with pytest.raises(WinCCWriteRefusedError, match="'Bad'"):
        client_with(writable_tags=["Good*"], batch_size=1).write_tags({"Good1": 1, "Bad": 2})


@pytest.mark.parametrize(
    "value", [None, [1], {"a": 1}, b"x", Decimal(1), float("inf"), float("nan"), 2**64, "half\ud800"]
)
def test_a_value_that_no_tag_holds_is_refused_before_anything_is_sent(value: Any) -> None:
    with pytest.raises(WinCCWriteRefusedError, match="'Odd'"):
        client_with(batch_size=1).write_tags({"Good": 1, "Odd": value})


def test_the_same_tag_in_two_letter_cases_is_an_error() -> None:
    with pytest.raises(WinCCConfigurationError, match=r"'Tank1\.Setpoint' and 'TANK1\.SETPOINT'"):
        client_with().write_tags({"Tank1.Setpoint": 1, "TANK1.SETPOINT": 2})


@pytest.mark.parametrize("values", [{}, [("A", 1)], "A", {"": 1}, {1: 1}, {"half\ud800": 1}])
def test_values_that_are_no_mapping_of_tags_are_an_error(values: Any) -> None:
    with pytest.raises(WinCCConfigurationError):
        client_with().write_tags(values)


@given(st.text(min_size=1, max_size=8))
def test_a_name_without_wildcards_fits_itself_in_any_letter_case_and_nothing_longer(name: str) -> None:
    pattern = name.replace("*", "x").replace("?", "x")

    assert matches_pattern(pattern, pattern)
    assert not matches_pattern(pattern + "x", pattern)


@given(st.text(min_size=1, max_size=1))
def test_a_question_mark_stands_for_exactly_one_character_whatever_it_is(character: str) -> None:
    assert matches_pattern(f"A{character}B", "a?b")
    assert not matches_pattern(f"A{character}{character}B", "a?b")


def test_two_spellings_that_are_two_tags_are_not_taken_for_one() -> None:
    assert not matches_pattern("Strasse1", "Straße1")


def test_a_partial_failure_lists_what_was_written_refused_and_not_sent(answers: RequestsMock) -> None:
    answers.put(VALUES, json=[{"variableName": "A"}, {"variableName": "B", "errorcode": 0}])
    answers.put(
        VALUES, json=[{"variableName": "C", "errorcode": 0}, {"variableName": "D", "errorcode": 7, "error": "no"}]
    )

    with pytest.raises(WinCCTagError) as caught:
        client_with(batch_size=2).write_tags(dict.fromkeys("ABCDEF", 1))

    error = caught.value
    assert (error.written, tuple(error.errors), error.not_sent) == (("A", "B", "C"), ("D",), ("E", "F"))
    assert "Written: 'A', 'B', 'C'." in error.message
    assert "Not sent: 'E', 'F'." in error.message


def test_a_batch_in_doubt_lists_what_was_written_and_what_was_not_sent(answers: RequestsMock) -> None:
    answers.put(VALUES, json=[{"variableName": "A"}, {"variableName": "B"}])
    answers.put(VALUES, json=[{"variableName": "C", "errorcode": 7, "error": "no"}])

    with pytest.raises(WinCCWriteOutcomeUnknownError) as caught:
        client_with(batch_size=2).write_tags(dict.fromkeys("ABCDEF", 1))

    error = caught.value
    assert (error.written, tuple(error.errors), error.unknown, error.not_sent) == (
        ("A", "B"),
        ("C",),
        ("D",),
        ("E", "F"),
    )


def test_a_batch_refused_as_a_whole_still_tells_what_was_written_before(answers: RequestsMock) -> None:
    answers.put(VALUES, json=[{"variableName": "A"}, {"variableName": "B"}])
    answers.put(VALUES, status=503, headers={"Server": "Microsoft-HTTPAPI/2.0"})

    with pytest.raises(WinCCServiceUnavailableError) as caught:
        client_with(batch_size=2).write_tags(dict.fromkeys("ABCDE", 1))

    assert (caught.value.written, caught.value.not_sent) == (("A", "B"), ("C", "D", "E"))
    assert "'A', 'B'" in caught.value.message


@pytest.mark.parametrize(
    "row", [{"variableName": "Typo", "error": "Not Found"}, {"error": "Not Found"}, {"errorcode": 2048}]
)
def test_the_write_of_an_unknown_tag_is_a_tag_not_found_error(answers: RequestsMock, row: dict[str, Any]) -> None:
    answers.put(VALUES, json=[row])

    with pytest.raises(WinCCTagNotFoundError) as caught:
        client_with().write_tags({"Typo": 1})

    assert "No tag of this request was written" in caught.value.message


@pytest.mark.parametrize(
    "row", [{"variableName": "A", "errorcode": 0}, {"errorcode": 0}, {"errorCode": "0"}, {"variableName": "a"}]
)
def test_a_single_write_is_confirmed_with_or_without_the_name(answers: RequestsMock, row: dict[str, Any]) -> None:
    answers.put(f"{VALUES.removesuffix('s')}/A", json=row)

    client_with().write_tag("A", 1)

    assert answers.calls[0].request.body == b'{"value":1}'


def test_a_write_sends_json_types_as_they_are(answers: RequestsMock) -> None:
    answers.put(VALUES, json=[{"variableName": name} for name in "ABCD"])

    client_with().write_tags({"A": True, "B": 42.5, "C": "Süd", "D": 0})

    assert answers.calls[0].request.body.decode() == (
        '[{"variableName":"A","value":true},{"variableName":"B","value":42.5},'
        '{"variableName":"C","value":"Süd"},{"variableName":"D","value":0}]'
    )
