from __future__ import annotations

import json
import threading
from datetime import timedelta
from enum import IntEnum

import msgspec
import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException

from airflow_provider_wincc.client import (
    WinCCClient,
    WinCCConfigurationError,
    WinCCError,
    WinCCInterlockNotMetError,
    WinCCTagError,
    WinCCWriteOutcomeUnknownError,
    WinCCWriteVerificationError,
)
from airflow_provider_wincc.conditions import number, tag
from airflow_provider_wincc.operators.tags import WinCCWriteTagsOperator

pytestmark = pytest.mark.usefixtures("connect")


def write(context, values, **arguments):
    operator = WinCCWriteTagsOperator(task_id="write", values=values, **{"verify_timeout": 1, **arguments})
    operator.render_template_fields({**context, "task": operator})
    return operator.execute(context)


def puts(station):
    return [request for request in station.requests if request.method == "PUT"]


def test_a_write_leaves_a_receipt(station, context):
    station.set("Tank1.Setpoint", 40.0)

    result = write(context, {"Tank1.Setpoint": 55.5})

    (receipt,) = result["receipts"]
    assert station.get("Tank1.Setpoint").value == 55.5
    assert (receipt["tag"], receipt["old_value"], receipt["new_value"]) == ("Tank1.Setpoint", 40, 55.5)
    assert receipt["verified"] is True
    assert receipt["outcome"] == "verified"
    assert result["station"] == station.url
    assert (result["dag_id"], result["run_id"], result["task_id"]) == ("line3", "manual__1", "task")
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_a_receipt_of_a_text_of_many_digits_is_one_that_airflow_can_pass_on(station, context):
    old, new = "123456789012345678901234", "223456789012345678901234"
    station.set("Plant.BatchId", old)

    result = write(context, {"Plant.BatchId": new})

    (receipt,) = msgspec.msgpack.decode(msgspec.msgpack.encode(result))["receipts"]
    assert (receipt["old_value"], receipt["new_value"], receipt["verified"]) == (old, new, True)
    assert station.get("Plant.BatchId").value == new


def test_the_receipt_is_in_the_log(station, context, caplog):
    caplog.set_level("INFO")

    write(context, {"Tank1.Setpoint": 55.5})

    assert "'Tank1.Setpoint': '40' -> 55.5 (verified" in caplog.text


def test_a_set_is_written_in_one_request(station, context):
    write(context, {"Tank1.Setpoint": 50, "Tank2.Setpoint": 60, "Mixer1.Recipe": "B"})

    assert len(puts(station)) == 1


def test_the_receipt_of_a_later_group_has_the_value_just_before_that_group(station, context):
    result = write(context, [{"Tank1.Setpoint": 50}, {"Tank1.Setpoint": 60}])

    assert [(receipt["old_value"], receipt["new_value"]) for receipt in result["receipts"]] == [(40, 50), (50, 60)]


def test_a_later_group_whose_tags_cannot_be_read_any_more_is_not_sent(station, context, monkeypatch):
    write_tags = WinCCClient.write_tags

    def write_and_lose_the_other(client, values):
        station.remove("Tank2.Setpoint")
        return write_tags(client, values)

    monkeypatch.setattr(WinCCClient, "write_tags", write_and_lose_the_other)

    with pytest.raises(AirflowFailException, match=r"Nothing was sent of 'Tank2\.Setpoint'.*Written before.*'Tank1"):
        write(context, [{"Tank1.Setpoint": 50}, {"Tank2.Setpoint": 60}])

    assert len(puts(station)) == 1


def test_groups_are_sent_one_after_the_other_each_proved_before_the_next(station, context):
    write(context, [{"Tank1.Setpoint": 50}, {"Tank2.Setpoint": 60}])

    assert [request.method for request in station.requests] == ["POST", "PUT", "POST", "POST", "PUT", "POST"]
    assert [body["variableName"] for request in puts(station) for body in request.body] == [
        "Tank1.Setpoint",
        "Tank2.Setpoint",
    ]


def test_a_group_after_one_that_was_not_proved_is_not_sent(station, context):
    station.set("Feedback", 0.0, data_type="float64")

    with pytest.raises(WinCCWriteVerificationError, match="Feedback"):
        write(
            context,
            [{"Tank1.Setpoint": 50}, {"Tank2.Setpoint": 60}],
            verify_with={"Tank1.Setpoint": "Feedback"},
            verify_timeout=0.1,
        )

    assert len(puts(station)) == 1


def test_a_tag_of_a_group_that_was_proved_may_stand_in_the_one_that_is_not(station, context):
    station.set("Feedback", 50.0, data_type="float64")
    operator = WinCCWriteTagsOperator(
        task_id="write",
        values=[{"Tank1.Setpoint": 50}, {"Tank1.Setpoint": 60}, {"Tank2.Setpoint": 70}],
        verify_with={"Tank1.Setpoint": "Feedback"},
        verify_timeout=0,
    )

    with pytest.raises(WinCCWriteVerificationError, match=r"Written before.*'Tank1\.Setpoint'") as caught:
        operator.execute(context)

    assert caught.value.written == ("Tank1.Setpoint",)
    assert [dataset.name for dataset in operator.get_openlineage_facets_on_complete(None).outputs] == ["Tank1.Setpoint"]


@pytest.mark.parametrize(
    ("extra", "rule"),
    [
        ({"read_only": True}, "read_only"),
        ({"writable_tags": ["Mixer1.*"]}, "writable_tags"),
        ({"tag_limits": {"TANK*": [0, 50]}}, "tag_limits"),
    ],
)
def test_the_policy_of_the_connection_refuses_by_name_and_nothing_is_sent(station, connect, context, extra, rule):
    connect("strict", **extra)

    with pytest.raises(AirflowFailException, match=rule):
        write(context, {"Mixer1.Speed": 1, "Tank1.Setpoint": 55}, wincc_conn_id="strict")

    assert puts(station) == []


def test_the_limits_of_the_task_refuse_also_numbers_given_as_text(station, context):
    with pytest.raises(AirflowFailException, match=r"limits.*'Tank1\.Setpoint'.*0 to 100.*outside"):
        write(context, {"Tank1.Setpoint": "100.5"}, limits={"Tank1.*": (0, 100)})

    assert puts(station) == []


def test_the_limits_of_the_task_hold_for_other_spellings_of_the_tag(station, context):
    for name in ("TANK1.SETPOINT", "WINCC01::Tank1.Setpoint"):
        with pytest.raises(AirflowFailException, match="outside"):
            write(context, {name: 101}, limits={"Tank1.Setpoint": (0, 100)})

    assert station.requests == []


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"Tank1.Setpoint": "full"}, "'full'"),
        ({"Tank1.Setpoint": float("nan")}, "nan"),
        ({"Tank1.Setpoint": float("inf")}, "inf"),
        ({"Tank1.Setpoint": [1]}, "list"),
        ({"Tank1.Setpoint": None}, "NoneType"),
        ({"Tank1.ValveOpen": 7}, "bool"),
        ({"Mixer1.Recipe": 5}, "text"),
        ({"Tank1.Setpoint": 10**30}, "integer type"),
    ],
)
def test_a_value_that_does_not_fit_its_tag_is_refused_and_nothing_is_sent(station, context, values, what):
    station.set("Mixer1.Recipe", "A")
    station.set("Tank1.Setpoint", 40.5)

    with pytest.raises(AirflowFailException, match=what):
        write(context, {**values, "Tank2.Setpoint": 50})

    assert puts(station) == []
    assert station.writes == []


@pytest.mark.parametrize("value", ["0042", "+42", "42,5", " 42", "1.10", "42.0000000000000000001", "-0"])
def test_a_text_that_is_no_plain_number_is_not_taken_for_one(station, context, value):
    station.set("Plant.BatchId", "42")

    with pytest.raises(AirflowFailException, match=r"Plant\.BatchId.*written plainly.*types="):
        write(context, {"Plant.BatchId": value})

    assert puts(station) == []


def test_a_text_that_a_number_would_not_give_back_is_taken_where_the_type_is_told(station, context):
    station.set("Plant.BatchId", "1.9")

    write(context, {"Plant.BatchId": "1.10"}, types={"Plant.BatchId": "text"})
    write(context, {"Tank1.Setpoint": "42.50"}, types={"Tank1.Setpoint": "float"})
    station.set_dialect(value_typing="json")
    write(context, {"Tank2.Setpoint": "42.50"})

    assert station.get("Plant.BatchId").value == "1.10"
    assert [station.get(f"Tank{number}.Setpoint").value for number in (1, 2)] == [42.5, 42.5]


def test_an_order_number_keeps_its_zeros(station, context):
    station.set("Plant.BatchId", "42")

    write(context, {"Plant.BatchId": "0042"}, types={"Plant.BatchId": "text"})

    assert station.get("Plant.BatchId").value == "0042"


def test_an_unknown_tag_in_the_interlock_fails_without_retries(station, context):
    with pytest.raises(AirflowFailException, match=r"Nothing was sent.*'Tank9\.Level'"):
        write(context, {"Tank1.Setpoint": 50}, only_if=tag("Tank9.Level") > 1, when_not_allowed="skip")

    assert puts(station) == []


def test_a_declared_type_bounds_the_value(station, context):
    with pytest.raises(AirflowFailException, match="outside the range of int16"):
        write(context, {"Line3.SpeedSetpoint": 70_000}, types={"Line3.SpeedSetpoint": "int16"})

    assert puts(station) == []


def test_a_declared_text_is_written_as_text_though_the_tag_now_shows_a_number(station, context):
    station.set("Plant.BatchId", "42")

    result = write(context, {"Plant.BatchId": "B-7"}, types={"Plant.BatchId": "text"})

    assert station.get("Plant.BatchId").value == "B-7"
    assert result["receipts"][0]["verified"] is True


def test_a_rendered_number_becomes_a_number(station, context):
    write(context, {"Tank1.Setpoint": "{{ params.level }}"})

    assert puts(station)[0].body == [{"variableName": "Tank1.Setpoint", "value": 60.0}]


def test_a_tag_name_can_be_a_template(station, context):
    context["params"]["unit"] = "Tank2"

    write(context, {"{{ params.unit }}.Setpoint": 70})

    assert station.get("Tank2.Setpoint").value == 70


class FromAnotherTask:
    """What the output of a task is to Airflow while it renders arguments."""

    def __init__(self, value):
        self.value = value

    def resolve(self, context, **_):
        return self.value


SECRET_NAME = "{{ conn.erp.password }}"


def the_output_of_a_task(argument, given):
    return WinCCWriteTagsOperator(
        task_id="write", **{"values": {"Tank1.Setpoint": 50}, argument: FromAnotherTask(given)}
    )


def the_argument_of_a_mapped_task(argument, given):
    other = {} if argument == "values" else {"values": {"Tank1.Setpoint": 50}}
    mapped = WinCCWriteTagsOperator.partial(task_id="write", **other).expand(**{argument: [given]})
    return mapped.unmap({**other, argument: given})


@pytest.mark.parametrize("comes_as", [the_output_of_a_task, the_argument_of_a_mapped_task])
@pytest.mark.parametrize(
    ("argument", "value"), [("values", 5), ("limits", (0, 100)), ("types", "float64"), ("verify_with", "Echo")]
)
def test_a_name_that_comes_as_data_is_never_taken_for_a_template(
    station, context, monkeypatch, comes_as, argument, value
):
    monkeypatch.setenv("AIRFLOW_CONN_ERP", "sqlite://user:the-secret@/erp.db")
    operator = comes_as(argument, {SECRET_NAME: value})
    operator.render_template_fields({**context, "task": operator})

    with pytest.raises(
        AirflowFailException, match=rf"The {argument} of task 'write' name .*looks like a template"
    ) as error:
        operator.execute(context)

    assert "the-secret" not in str(error.value)
    assert station.requests == []


def test_the_patterns_of_limits_can_be_templates(station, context):
    context["params"]["unit"] = "Tank2"
    arguments = {"values": {"{{ params.unit }}.Setpoint": 999.0}, "limits": {"{{ params.unit }}.Setpoint": (0, 100)}}

    with pytest.raises(AirflowFailException, match=r"limits 'Tank2\.Setpoint' to 0 to 100.*outside"):
        write(context, **arguments)
    write(context, {"{{ params.unit }}.Setpoint": 99.0}, limits=arguments["limits"])

    assert [request.body for request in puts(station)] == [[{"variableName": "Tank2.Setpoint", "value": 99.0}]]


def test_the_names_in_types_and_verify_with_can_be_templates(station, context):
    context["params"]["unit"] = "Tank2"
    station.set("Echo", 0, data_type="float64")

    with pytest.raises(AirflowFailException, match="outside the range of uint16"):
        write(context, {"Tank2.Setpoint": 70_000}, types={"{{ params.unit }}.Setpoint": "uint16"})
    with pytest.raises(WinCCWriteVerificationError, match="'Echo' shows '0'"):
        write(
            context,
            {"Tank2.Setpoint": 70},
            verify_with={"{{ params.unit }}.Setpoint": "Echo"},
            verify_timeout=0,
        )


@pytest.mark.parametrize(
    "limits",
    [
        {},
        "",
        "{{ params.nothing | default('') }}",
        "{}",
        {"{{ '{{' }} params.unit }}.Setpoint": (0, 100)},
        {"{{ params.level }}": (0, 50), "{{ 60.0 }}": (0, 100)},
        "{\"{{ '{{' }} params.unit }}.Setpoint\": [0, 100]}",
    ],
)
def test_limits_that_are_given_and_bound_nothing_fail_the_task_and_nothing_is_sent(station, context, limits):
    with pytest.raises(AirflowFailException, match="limits of task 'write'"):
        write(context, {"Tank1.Setpoint": 999.0}, limits=limits)

    assert station.requests == []


@pytest.mark.parametrize(
    ("limits", "idle"),
    [
        ({"Tnak1.Setpoint": (0, 100)}, "'Tnak1.Setpoint'"),
        ({"Tank1.*": (0, 6000), "Mixer?.*": (0, 100), "WINCC02::Tank1.Setpoint": (0, 1)}, "'Mixer?.*', 'WINCC02::"),
        ({"{{ params.unit }}.Setpoint": (0, 100)}, "'Tank9.Setpoint'"),
        ('{"Tnak1.Setpoint": [0, 100]}', "'Tnak1.Setpoint'"),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_limits_that_fit_none_of_the_tags_fail_the_task_and_nothing_is_sent(station, context, limits, idle, dry_run):
    context["params"]["unit"] = "Tank9"

    with pytest.raises(AirflowFailException, match=r"limits of task 'write' name .*none of the tags") as caught:
        write(context, [{"Tank2.Setpoint": 50}, {"WINCC01::Tank1.Setpoint": 5000}], limits=limits, dry_run=dry_run)

    assert idle in str(caught.value)
    assert "'Tank1.*'" not in str(caught.value)
    assert station.requests == []


def test_each_of_the_limits_may_be_for_another_group_and_those_of_the_connection_for_other_tags(
    station, connect, context
):
    connect("limited", tag_limits={"Mixer1.*": [0, 1]})

    write(
        context,
        [{"Tank1.Setpoint": 50}, {"Tank2.Setpoint": 60}],
        limits={"TANK1.*": (0, 100), "WINCC01::Tank2.Setpoint": (0, 100)},
        wincc_conn_id="limited",
    )

    assert len(puts(station)) == 2


@pytest.mark.parametrize("option", ["dry_run", "verify"])
@pytest.mark.parametrize("value", ["{{ params.dry_run }}", "False", "", 0, 1, None])
def test_what_is_neither_true_nor_false_is_refused_when_the_task_is_defined(option, value):
    with pytest.raises(WinCCConfigurationError, match=f"{option} of task 'write' is .*not True or False") as caught:
        WinCCWriteTagsOperator(task_id="write", values={"Tank1.Setpoint": 50}, **{option: value})

    assert repr(value) in str(caught.value)


class Step(IntEnum):
    FILL = 7


class Decimals(float):
    """A number whose text is that of code, as NumPy's are."""

    def __repr__(self):
        return f"Decimals({float(self)})"


@pytest.mark.parametrize(
    ("name", "value", "data_type", "sent"),
    [
        ("Tank1.Setpoint", Decimals(42.5), "float", 42.5),
        ("Tank1.Setpoint", Step.FILL, "int", 7),
        ("Tank1.Setpoint", Step.FILL, "float", 7.0),
        ("Tank1.ValveOpen", True, "bool", True),
        ("Plant.BatchId", Step.FILL, "text", "7"),
    ],
)
def test_a_value_of_a_class_made_of_a_plain_one_is_written_as_that(station, context, name, value, data_type, sent):
    result = write(context, {name: value}, types={name: data_type})

    assert [request.body for request in puts(station)] == [[{"variableName": name, "value": sent}]]
    assert type(result["receipts"][0]["new_value"]) is type(sent)


@pytest.mark.parametrize("limits", ["0 to 100", {"Tank1.Setpoint": 100}, {"Tank1.Setpoint": [0, 50, 100]}])
def test_limits_of_another_form_are_named_as_the_argument_of_the_task(station, context, limits):
    with pytest.raises(AirflowFailException, match=r"The argument 'limits' of task 'write' is .*Expected an object"):
        write(context, {"Tank1.Setpoint": 50.0}, limits=limits)

    assert station.requests == []


def test_limits_of_another_task_that_came_to_nothing_fail_the_task(station, context):
    operator = WinCCWriteTagsOperator(task_id="write", values={"Tank1.Setpoint": 999.0}, limits={"Tank1.*": (0, 100)})
    operator.limits = None  # as Airflow renders the output of a task that returned nothing

    with pytest.raises(AirflowFailException, match="limits of task 'write' are None"):
        operator.execute(context)

    assert station.requests == []


@pytest.mark.parametrize("option", ["types", "verify_with"])
def test_an_option_by_tag_that_was_rendered_to_a_text_fails_the_task(station, context, option):
    with pytest.raises(AirflowFailException, match=rf"{option} of task 'write' are a str.*render_template_as_native"):
        write(context, {"Tank1.Setpoint": 50}, **{option: "{{ params.level }}"})

    assert station.requests == []


@pytest.mark.parametrize("option", ["verify_timeout", "tolerance"])
@pytest.mark.parametrize(
    "number",
    ["30", "0.5", None, True, -1, float("nan"), float("inf"), pytest.param(10**5000, id="huge"), timedelta(seconds=1)],
)
def test_a_wrong_number_is_named_when_the_task_is_defined_and_again_before_anything_is_sent(
    station, context, option, number
):
    with pytest.raises(WinCCConfigurationError, match=f"{option} of task 'write' is .*not a finite number from 0"):
        WinCCWriteTagsOperator(task_id="write", values={"Tank1.Setpoint": 50}, **{option: number})
    operator = WinCCWriteTagsOperator(task_id="write", values={"Tank1.Setpoint": 50})
    setattr(operator, option, number)
    with pytest.raises(AirflowFailException, match=f"The {option} is .*not a finite number from 0"):
        operator.execute(context)

    assert station.requests == []


@pytest.mark.parametrize("state", ["false", "unknown", "simulated", "overridden"])
def test_the_interlock_stops_the_write_unless_it_is_true(station, context, state):
    value, quality = {
        "false": ("MIXING", 0x80),
        "unknown": ("IDLE", 0x18),
        "simulated": ("IDLE", 0x60),
        "overridden": ("IDLE", 0xD8),
    }[state]
    station.set("Mixer1.State", value, quality=quality)
    interlock = (tag("Mixer1.State") == "IDLE").accept_uncertain()

    with pytest.raises(WinCCInterlockNotMetError, match=r"Mixer1\.State"):
        write(context, {"Tank1.Setpoint": 50}, only_if=interlock)
    with pytest.raises(AirflowSkipException):
        write(context, {"Tank1.Setpoint": 50}, only_if=interlock, when_not_allowed="skip")

    assert puts(station) == []


@pytest.mark.parametrize("when_not_allowed", ["fail", "skip"])
def test_the_interlock_is_read_again_before_each_group_and_half_done_is_never_a_skip(
    station, context, when_not_allowed
):
    with pytest.raises(WinCCInterlockNotMetError, match=r"Written before.*'Tank1\.Setpoint'") as caught:
        write(
            context,
            [{"Tank1.Setpoint": 50}, {"Tank2.Setpoint": 60}],
            only_if=tag("Tank1.Setpoint") == 40,
            when_not_allowed=when_not_allowed,
        )

    assert caught.value.written == ("Tank1.Setpoint",)
    assert station.get("Tank2.Setpoint").value == 40


def test_a_true_interlock_lets_the_write_pass(station, context):
    write(context, {"Tank1.Setpoint": 50}, only_if=tag("Tank1.Level") < number("{{ params.level }}"))

    assert station.get("Tank1.Setpoint").value == 50


def test_an_interlock_that_needs_a_memory_is_refused_when_the_task_is_defined():
    with pytest.raises(WinCCError, match=r"only_if.*held_for.*WinCCTagSensor"):
        WinCCWriteTagsOperator(task_id="write", values={"A": 1}, only_if=(tag("B") > 1).held_for(seconds=1))


def test_an_unknown_tag_stops_the_whole_set_before_anything_is_sent(station, context):
    with pytest.raises(AirflowFailException, match=r"Nothing was sent.*'Tank9\.Setpoint'"):
        write(context, {"Tank1.Setpoint": 50, "Tank9.Setpoint": 50})

    assert puts(station) == []


def test_a_value_that_the_station_refuses_is_told_beside_what_was_written(station, context):
    station.set("Small", 1, data_type="int16")

    with pytest.raises(AirflowFailException, match=r"refused 1 of 2 tags: 'Small'.*Written: 'Tank1\.Setpoint'"):
        write(context, {"Tank1.Setpoint": 50, "Small": 70_000})

    assert len(puts(station)) == 1


def test_a_write_whose_answer_was_lost_is_found_by_reading_back_and_not_sent_again(station, context):
    station.fail_next("drop_after", method="PUT")

    result = write(context, {"Tank1.Setpoint": 50})

    assert "reading back" in result["receipts"][0]["confirmed_by"]
    assert len(puts(station)) == 1
    assert station.get("Tank1.Setpoint").value == 50


def test_a_write_that_did_not_arrive_is_of_unknown_outcome_and_not_sent_again(station, context):
    station.fail_next("drop_before", method="PUT")

    with pytest.raises(WinCCWriteOutcomeUnknownError, match="did not show it") as caught:
        write(context, {"Tank1.Setpoint": 50}, verify_timeout=0.2)

    assert caught.value.unknown == ("Tank1.Setpoint",)
    assert len(puts(station)) == 1


@pytest.mark.parametrize(
    ("before", "value", "tolerance"),
    [(2000000.0, 2000001.5, 0), (40.0, 40.4, 1), (2000000.0, 2000000.04, 0), (40.0, 40.00000001, 0), (40, 41, 5)],
)
def test_a_lost_write_is_not_taken_for_written_because_the_old_value_is_near(
    station, context, before, value, tolerance
):
    station.set("Big", before, data_type="float64")
    station.fail_next("drop_before", method="PUT")

    with pytest.raises(WinCCWriteOutcomeUnknownError, match="did not show it: 'Big' shows") as caught:
        write(context, {"Big": value}, tolerance=tolerance, verify_timeout=0.2)

    assert caught.value.unknown == ("Big",)
    assert station.get("Big").value == before


@pytest.mark.parametrize(("before", "value", "tolerance"), [(40.0, 40.4, 1), (40.0, 40.0, 0), (16777217, 0.1, 0)])
def test_a_lost_answer_of_a_write_that_arrived_is_found_though_the_old_value_was_near(
    station, context, before, value, tolerance
):
    station.set("Near", before, data_type="float32")
    station.fail_next("drop_after", method="PUT")

    result = write(context, {"Near": value}, tolerance=tolerance)

    assert "reading back" in result["receipts"][0]["confirmed_by"]


def test_a_write_that_timed_out_is_not_sent_again(station, connect, context):
    connect("hasty", read_timeout=3)
    station.fail_next("stall", method="PUT", seconds=60)

    with pytest.raises(WinCCWriteOutcomeUnknownError):
        write(context, {"Tank1.Setpoint": 50}, wincc_conn_id="hasty", verify_timeout=0.2)

    assert len(puts(station)) == 1


def test_an_empty_answer_is_not_taken_for_success(station, context):
    station.fail_next("empty_body", method="PUT")

    result = write(context, {"Tank1.Setpoint": 50})

    assert "reading back" in result["receipts"][0]["confirmed_by"]


def test_a_value_that_does_not_stay_fails_the_verification_and_says_what_stands_there(station, context):
    station.set("Tank1.Level", 12.5)

    with pytest.raises(WinCCWriteVerificationError, match=r"'Tank1\.Level' shows '12\.5'.*expected 50"):
        write(context, {"Tank1.Setpoint": 50}, verify_with={"Tank1.Setpoint": "Tank1.Level"}, verify_timeout=0.1)


def test_a_value_of_bad_quality_proves_nothing(station, context):
    station.set("Feedback", 50.0, quality=0x18, data_type="float64")

    with pytest.raises(WinCCWriteVerificationError, match="no communication"):
        write(context, {"Tank1.Setpoint": 50}, verify_with={"Tank1.Setpoint": "Feedback"}, verify_timeout=0.1)


def test_a_slow_controller_is_waited_for(station, context):
    station.set("Feedback", 0.0, data_type="float64")
    arrives = threading.Timer(0.5, lambda: station.set("Feedback", 50.04))
    arrives.start()

    result = write(
        context,
        {"Tank1.Setpoint": 50},
        verify_with={"Tank1.Setpoint": "Feedback"},
        tolerance=0.1,
        verify_timeout=10,
    )

    assert result["receipts"][0]["verified_with"] == "Feedback"


def test_a_refused_login_while_reading_back_is_not_repeated(station, context):
    station.fail_next("unauthorized", method="POST", count=99)
    with pytest.raises(AirflowFailException):
        write(context, {"Tank1.Setpoint": 50}, verify_timeout=5)
    assert len(station.requests) == 1

    station.clear_faults()
    station.clear_requests()
    station.fail_next("drop_after", method="PUT")
    lock = threading.Event()
    watcher = threading.Thread(target=lambda: _forbid_after_put(station, lock))
    watcher.start()
    with pytest.raises(WinCCError):
        write(context, {"Tank1.Setpoint": 51}, verify_with={"Tank1.Setpoint": "Tank1.Level"}, verify_timeout=5)
    lock.set()
    watcher.join()

    assert [request.status for request in station.requests].count(401) == 1


def _forbid_after_put(station, done):
    while not puts(station) and not done.wait(0.005):
        pass
    station.fail_next("unauthorized", method="POST", count=99)


def test_a_dry_run_sends_nothing_and_says_what_it_would(station, context, caplog):
    caplog.set_level("INFO")

    result = write(context, {"Tank1.Setpoint": 55.5}, dry_run=True, only_if=tag("Mixer1.State") == "IDLE")

    assert result["dry_run"] is True
    assert result["receipts"][0]["outcome"] == "dry run"
    assert result["receipts"][0]["verified"] is False
    assert "55.5 (dry run" in caplog.text
    assert puts(station) == []


def test_a_dry_run_evaluates_the_interlock_for_real(station, context):
    with pytest.raises(WinCCInterlockNotMetError):
        write(context, {"Tank1.Setpoint": 55.5}, dry_run=True, only_if=tag("Mixer1.State") == "MIXING")


def test_without_verification_the_receipt_says_so(station, context):
    result = write(context, {"Tank1.Setpoint": 50}, verify=False)

    assert result["receipts"][0]["outcome"] == "written"
    assert result["receipts"][0]["verified"] is False
    assert [request.method for request in station.requests] == ["POST", "PUT"]


@pytest.mark.parametrize("values", [{}, [], "Tank1.Setpoint=5", [["A", 1]], {"": 1}, {"A": 1, "a": 2}])
def test_bad_sets_are_named_and_nothing_is_sent(station, context, values):
    with pytest.raises(AirflowFailException):
        write(context, values)
    assert station.requests == []


@pytest.mark.parametrize("option", ["types", "verify_with"])
def test_an_option_for_a_tag_that_is_not_written_is_a_slip(station, context, option):
    with pytest.raises(AirflowFailException, match=rf"{option} names 'Tank2\.Setpoint'"):
        write(context, {"Tank1.Setpoint": 5}, **{option: {"Tank2.Setpoint": "int"}})
    assert station.requests == []


def test_a_read_only_user_cannot_write(station, connect, context):
    connect("viewer", login="viewer")

    with pytest.raises(AirflowFailException, match="not authorised for this"):
        write(context, {"Tank1.Setpoint": 50}, wincc_conn_id="viewer")

    assert station.writes == []


def test_a_feedback_tag_that_cannot_be_read_stops_the_write_before_anything_is_sent(station, context):
    station.set("Feedback", 0.0, data_type="float64")
    station.set("Feedback", 0.0, error_code=1, error="connection not established")

    with pytest.raises(WinCCTagError, match="Nothing was sent") as caught:
        write(context, {"Tank1.Setpoint": 50}, verify_with={"Tank1.Setpoint": "Feedback"})

    assert caught.value.retryable
    assert puts(station) == []
