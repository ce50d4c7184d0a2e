from __future__ import annotations

from demo.task_log import full_text, wincc_lines


def test_lines_of_the_provider_are_kept_whatever_they_say() -> None:
    entries = [
        {"event": "Read 3 tags", "level": "info", "logger": "airflow_provider_wincc.client"},
        {
            "event": "Wrote 1 tag",
            "level": "warning",
            "logger": "airflow.task.operators.airflow_provider_wincc.operators.tags.WinCCWriteTagsOperator",
        },
    ]

    assert wincc_lines(entries) == ["Read 3 tags", "Wrote 1 tag"]


def test_lines_that_speak_of_wincc_are_kept_whoever_wrote_them() -> None:
    entries = [{"event": "asking WinCC", "level": "info", "logger": "task"}, "WinCC said yes"]

    assert wincc_lines(entries) == ["asking WinCC", "WinCC said yes"]


def test_all_else_and_debug_lines_are_left_out() -> None:
    entries = [
        {"event": "Pushing xcom", "level": "info", "logger": "task"},
        {"event": "WinCC detail", "level": "debug", "logger": "airflow_provider_wincc.client"},
        {"timestamp": None},
        "some text",
    ]

    assert wincc_lines(entries) == []


def test_a_long_or_many_lined_message_becomes_one_short_line() -> None:
    entries = [{"event": "WinCC answers\nwith more"}, {"event": "WinCC " + "x" * 500}]

    first, second = wincc_lines(entries)

    assert first == "WinCC answers"
    assert len(second) == 200
    assert second.endswith("x…")


def test_what_ended_a_task_is_a_line_of_its_own() -> None:
    refused = {"exc_type": "AirflowFailException", "exc_value": "Order '000102' was refused.\nMore of it", "frames": []}

    lines = wincc_lines([{"event": "Task failed with exception", "logger": "task", "error_detail": [refused]}])

    assert lines == ["AirflowFailException: Order '000102' was refused."]


def test_the_full_text_has_exceptions_and_no_folding_marks() -> None:
    entries = [
        {"event": "::group::Pre Execute"},
        {
            "event": "Task failed with exception",
            "error_detail": [
                {
                    "exc_type": "WinCCTagError",
                    "exc_value": "1 of 2 tags failed",
                    "frames": [{"filename": "tags.py", "lineno": 7, "name": "execute"}],
                }
            ],
        },
        {"event": "::endgroup::"},
        "the end",
    ]

    assert full_text(entries) == [
        "Task failed with exception",
        "  tags.py:7 in execute",
        "WinCCTagError: 1 of 2 tags failed",
        "the end",
    ]
