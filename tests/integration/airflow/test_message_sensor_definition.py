"""What a message sensor says of its arguments when it is defined, and what it makes of templates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.messages import MessageList, MessagePattern
from airflow_provider_wincc.sensors.messages import WinCCMessageSensor


def sensor(**arguments):
    return WinCCMessageSensor(**{"task_id": "wait", "rest_filter": "Errors", "deferrable": False, **arguments})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"rest_filter": " "}, "rest_filter is ' '.*list_rest_filters"),
        ({"pattern": "level high"}, "pattern of task 'wait' is 'level high'.*MessagePattern"),
        ({"until": "gone"}, "until is 'gone'.*'present'"),
        ({"until": "absent", "message_list": "short_term_archive", "since": "2026-03-02T07:00Z"}, "until is 'absent'"),
        ({"until": "absent", "message_list": MessageList.HIT_LIST}, "until is 'absent'.*'hit_list'"),
        ({"message_list": "long_term_archive"}, "since is not given"),
        ({"message_list": "alarms"}, "message_list is 'alarms'.*'short_term_archive'"),
        ({"since": "yesterday"}, "since is 'yesterday'.*2026-03-02T07:00:00Z"),
        ({"since": "2026-03-02T07:00:00"}, "since is 2026-03-02T07:00:00, which has no time zone"),
        ({"since": datetime(2026, 3, 2)}, "no time zone"),  # noqa: DTZ001  the very mistake
        ({"language": "german"}, "language is 'german'.*'de-DE'"),
        ({"name_language": "de_DE"}, "name_language is 'de_DE'"),
        ({"max_values": 1001}, "max_values is 1001.*1 to 1000"),
        ({"max_values": 0}, "max_values is 0"),
        ({"poke_interval": 0.01}, "poke_interval of task 'wait'"),
        ({"max_consecutive_failures": -1}, "max_consecutive_failures of task 'wait'"),
    ],
)
def test_bad_arguments_are_refused_when_the_task_is_defined(arguments, told):
    with pytest.raises(WinCCConfigurationError, match=told):
        sensor(**arguments)


@pytest.mark.parametrize(
    "since", ["{{ data_interval_start }}", "2026-03-02T07:00:00Z", datetime(2026, 3, 2, tzinfo=UTC)]
)
def test_an_archive_may_be_waited_for_since_a_moment_even_one_that_is_rendered_later(since):
    assert sensor(message_list="short_term_archive", since=since).since == since


def render(task, context, **params):
    task.render_template_fields({**context, "task": task, "params": params})
    return task


@pytest.mark.usefixtures("connect")
def test_templates_are_rendered(station, context):
    station.raise_message(1002)
    task = sensor(
        rest_filter="{{ params.filter }}",
        pattern=MessagePattern(number="{{ params.number }}", text="Tank{{ params.tank }}*"),
        message_list="short_term_archive",
        since="{{ params.since }}",
        language="{{ params.language }}",
    )

    since = datetime.now(UTC) - timedelta(minutes=5)
    render(task, context, filter="Errors", number=1002, tank=2, since=since, language="en-US")
    result = task.execute(context)

    assert task.pattern == MessagePattern(number=1002, text="Tank2*")
    assert [message["number"] for message in result["messages"]] == [1002]


@pytest.mark.usefixtures("connect")
@pytest.mark.parametrize(
    ("argument", "rendered", "told"),
    [
        ("rest_filter", "", "rest_filter is ''"),
        ("since", "None", "since is 'None'"),
        ("language", "german", "language is 'german'"),
    ],
)
@pytest.mark.parametrize("mode", ["poke", "deferrable"])
def test_what_is_rendered_to_something_wrong_fails_without_retries(station, context, argument, rendered, told, mode):
    arguments = {"rest_filter": "Errors", "message_list": "short_term_archive", "since": "2026-03-02T07:00Z"}
    task = sensor(**{**arguments, argument: "{{ params.it }}"}, deferrable=mode == "deferrable")
    render(task, context, it=rendered)

    with pytest.raises(AirflowFailException, match=told):
        task.execute(context)

    assert station.requests == []


@pytest.mark.usefixtures("connect")
def test_a_wrong_rendering_is_a_skip_for_a_task_that_never_fails(context):
    task = sensor(rest_filter="{{ params.it }}", never_fail=True)
    render(task, context, it="")

    with pytest.raises(AirflowSkipException, match="rest_filter"):
        task.execute(context)


def test_mapped_tasks_take_templated_and_other_arguments():
    partial = WinCCMessageSensor.partial(task_id="wait", pattern=MessagePattern(number=1001), deferrable=False)

    mapped = partial.expand(rest_filter=["Errors", "All"])

    assert mapped.partial_kwargs["pattern"] == MessagePattern(number=1001)
