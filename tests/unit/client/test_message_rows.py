"""Rows of messages as a station may spell them: whatever the keys, nothing is required and nothing is lost."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client import Message, MessageState
from airflow_provider_wincc.client.messages.rows import read_message

AT = datetime(2026, 3, 2, 8, 14, 58, 310_000, tzinfo=UTC)
STRANGE = "<script>alert(1)</script> {{ ds }} \x1b[31mred\x1b[0m\x00\u202e\r\n"


def read(row: dict[str, Any]) -> Message:
    return read_message(row, UTC)


def test_a_row_as_the_dossier_assumes_it() -> None:
    row = {
        "msgNo": 1004,
        "state": 1,
        "dateTime": "2026-03-02T08:14:58.310Z",
        "className": "Error",
        "typeName": "Alarm",
        "text1": "Kesseltemperatur hoch",
        "text2": "Kesselhaus",
        "priority": 8,
        "pValue1": 96.4,
        "counter": 2207,
    }

    assert read(row) == Message(
        number=1004,
        state=MessageState.CAME_IN,
        state_code=1,
        time=AT,
        class_name="Error",
        type_name="Alarm",
        texts=("Kesseltemperatur hoch", "Kesselhaus"),
        process_values=(96.4,),
        priority=8,
        counter=2207,
    )


def test_a_row_of_the_message_archive_as_siemens_documents_it() -> None:
    row: dict[str, Any] = {"MsgNo": 1004, "State": 7, "DateTime": "2026-03-02 08:14:58", "Ms": 310, "Instance": "K1"}
    row |= {"Flags1": 4, "PValueUsed": 3, "ComputerName": "OS1", "Application": "AlgRt", "Comment": "seen"}
    row |= {f"PValue{block}": 0 for block in range(1, 11)} | {f"PText{block}": "" for block in range(1, 11)}
    row |= {f"Text{block}": "" for block in range(1, 11)}
    row |= {"PValue1": 96.4, "PText2": "B-0042", "Text1": "Temperature high", "Text3": "Boiler"}
    row |= {"UserName": "ada", "Counter": 2207, "TimeDiff": 4500, "ClassName": "Error", "TypeName": "Alarm"}
    row |= {"Class": 1, "Type": 2, "AG_NR": 5, "CPU_NR": None, "Priority": 16, "InfoText": "", "Servername": "OSS"}

    assert read(row) == Message(
        number=1004,
        state=MessageState.WENT_OUT_AND_ACKNOWLEDGED,
        state_code=7,
        time=AT,
        class_name="Error",
        class_number=1,
        type_name="Alarm",
        type_number=2,
        texts=("Temperature high", None, "Boiler"),
        process_values=(96.4, "B-0042", 0, 0, 0, 0, 0, 0, 0, 0),
        priority=16,
        instance="K1",
        user="ada",
        computer="OS1",
        comment="seen",
        counter=2207,
        duration=timedelta(seconds=4.5),
        server="OSS",
        other={"Flags1": 4, "PValueUsed": 3, "Application": "AlgRt", "AG_NR": 5, "CPU_NR": None, "InfoText": ""},
    )


def test_a_row_with_the_names_of_the_opc_servers() -> None:
    row = {"OS_EVENTID": "1004", "MODIFYSTATE": "2", "Time": "2026-03-02T08:14:58.310Z", "CLASSID": 1, "TYPEID": 2}
    row |= {"CLASSNAME": "Error", "TYPENAME": "Alarm", "TEXT01": "high", "TEXT10": "last", "PROCESSVALUE02": "96.4"}
    row |= {"USER": "ada", "COMPUTER": "OS1", "COMMENT": "seen", "PRIORITY": "3", "BIG_COUNTER": 2207, "DURATION": 1500}
    others = {"ALARMCOUNT": 12, "STATETEXT": "-", "QUITSTATETEXT": "", "BACKCOLOR": 255}

    assert read(row | others) == Message(
        number=1004,
        state=MessageState.WENT_OUT,
        state_code=2,
        time=AT,
        class_name="Error",
        class_number=1,
        type_name="Alarm",
        type_number=2,
        texts=("high", *[None] * 8, "last"),
        process_values=(None, 96.4),
        priority=3,
        user="ada",
        computer="OS1",
        comment="seen",
        counter=2207,
        duration=timedelta(seconds=1.5),
        # The number of pending messages changes while the row stays the same: it must not get into its key.
        other=others,
    )


@pytest.mark.parametrize(
    "key", ["msgNo", "MsgNr", "MSG_NR", "message-number", "Message No", "msgNumber", "number", "nr", "OS_EVENTID"]
)
def test_the_spelling_of_a_key_does_not_matter(key: str) -> None:
    assert read({key: 7}) == Message(number=7)


@pytest.mark.parametrize(
    ("row", "texts"),
    [
        ({"Text1": "a", "text02": "b", "USERTEXT_3": "c", "userTextBlock04": "d"}, ("a", "b", "c", "d")),
        ({"texts": ["a", None, "", "d", None, ""]}, ("a", None, None, "d")),
        ({"userTexts": ["a", 7, True]}, ("a", "7", "true")),
        ({"text2": "b"}, (None, "b")),
        ({"text1": "a", "text2": "", "text10": None}, ("a",)),
        ({"message": "a"}, ("a",)),
        ({"text": "a", "text2": 7}, ("a", "7")),
        ({"texts": []}, ()),
    ],
    ids=str,
)
def test_text_blocks_come_numbered_or_in_a_list(row: dict[str, Any], texts: tuple[str | None, ...]) -> None:
    assert read(row) == Message(texts=texts)


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ({"pValue1": 96.4, "PVALUE02": "71.25", "processValue3": True}, (96.4, 71.25, True)),
        ({"PROCESSVALUE01": "000123", "ProcessValueBlock02": "B-7"}, ("000123", "B-7")),
        ({"processValues": [96.4, None, "B-7", None]}, (96.4, None, "B-7")),
        ({"pText1": "96.4 °C"}, ("96.4 °C",)),
        ({"PValue1": 0, "PText1": "B-7"}, ("B-7",)),
        ({"PValue1": 96.4, "PText1": "96.40"}, (96.4,)),
        ({"PValue1": 0, "PText1": "0"}, (0,)),
        ({"PValue1": False, "PText1": ""}, (False,)),
        ({"pValue1": "9" * 30}, ("9" * 30,)),
    ],
    ids=str,
)
def test_process_values_come_numbered_as_text_or_in_a_list(row: dict[str, Any], values: tuple[Any, ...]) -> None:
    assert read(row) == Message(process_values=values)


def test_a_process_value_and_another_text_of_it_are_both_kept() -> None:
    row = {"PValue1": 96.4, "PText1": "too hot"}

    assert read(row) == Message(process_values=(96.4,), other={"PText1": "too hot"})


@pytest.mark.parametrize(
    "row",
    [
        {"dateTime": "2026-03-02T08:14:58.310Z"},
        {"timestamp": "2026-03-02T09:14:58.310+01:00"},
        {"Time": "2026-03-02 09:14:58.3100000"},
        {"ts": "2026-03-02T09:14:58.3109999"},
        {"time": 1772439298310},
        {"time": "1772439298310"},
        {"DateTime": "02.03.2026 09:14:58", "Ms": 310},
        {"DateTime": "3/2/2026 9:14:58 AM", "ms": "310"},
        {"dateTime": "2026-03-02T08:14:58.000Z", "milliseconds": 310},
        {"dateTime": "2026-03-02T08:14:58.310Z", "Ms": 310},
        {"dateTime": None, "timestamp": "2026-03-02T08:14:58.310Z"},
        {"Date": "02.03.2026", "Time": "09:14:58", "Ms": 310},
        {"Date": "2026-03-02", "Time": "09:14:58.310"},
    ],
    ids=str,
)
def test_every_form_of_a_time_is_read_to_the_millisecond_in_utc(row: dict[str, Any]) -> None:
    message = read_message(row, ZoneInfo("Europe/Berlin"))

    assert message == Message(time=AT)
    assert type(message.time) is datetime
    assert message.time.tzinfo is UTC


@pytest.mark.parametrize("milliseconds", [1000, -1, 12.5, "many", 311], ids=str)
def test_milliseconds_that_do_not_fit_the_time_are_kept_aside(milliseconds: Any) -> None:
    assert read({"time": "2026-03-02T08:14:58.310Z", "ms": milliseconds}) == Message(
        time=AT, other={"ms": milliseconds}
    )


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        (1, MessageState.CAME_IN),
        ("3", MessageState.ACKNOWLEDGED),
        (2.0, MessageState.WENT_OUT),
        ("0x10", MessageState.ACKNOWLEDGED_BY_SYSTEM),
        ("came in", MessageState.CAME_IN),
        ("WENT_OUT", MessageState.WENT_OUT),
        ("CameInAndWentOut", MessageState.CAME_IN_AND_WENT_OUT),
        ("gegangen", MessageState.WENT_OUT),
        ("Quittiert", MessageState.ACKNOWLEDGED),
    ],
)
def test_a_state_is_a_number_or_words(raw: Any, state: MessageState) -> None:
    assert read({"state": raw}) == Message(state=state, state_code=int(state))


def test_a_state_text_says_the_state_only_where_nothing_else_does() -> None:
    assert read({"StateText": "Gekommen"}) == Message(state=MessageState.CAME_IN, state_code=1)
    assert read({"StateText": "+"}) == Message(other={"StateText": "+"})
    assert read({"StateText": "7"}) == Message(other={"StateText": "7"})
    assert read({"State": 2, "StateText": "Gekommen"}) == Message(
        state=MessageState.WENT_OUT, state_code=2, other={"StateText": "Gekommen"}
    )


def test_a_state_that_nobody_knows_keeps_its_number() -> None:
    assert read({"state": 99}) == Message(state_code=99)


def test_a_class_is_named_numbered_or_both_by_what_its_key_holds() -> None:
    assert read({"class": 1, "type": "2"}) == Message(class_number=1, type_number=2)
    assert read({"Class": "Error", "MessageType": "Alarm"}) == Message(class_name="Error", type_name="Alarm")
    assert read({"className": "17", "class": 1}) == Message(class_name="17", class_number=1)


@pytest.mark.parametrize(
    ("raw", "seconds"), [(4500, 4.5), ("4500", 4.5), ("0:01:30", 90), ("00:00:04.5", 4.5), ("100:00:00", 360_000)]
)
def test_a_duration_is_milliseconds_or_a_clock(raw: Any, seconds: float) -> None:
    assert read({"timeDiff": raw}) == Message(duration=timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "row",
    [
        {"priority": "high"},
        {"msgNo": "A17"},
        {"msgNo": True},
        {"msgNo": 2**63},
        {"msgNo": "9" * 5000},
        {"counter": 1.5},
        {"state": {"number": 1}},
        {"state": "so so"},
        {"dateTime": "yesterday"},
        {"dateTime": [2026, 3, 2]},
        {"Date": "02.03.2026", "Time": "noon"},
        {"timeDiff": -1},
        {"timeDiff": 2**62},
        {"timeDiff": "long"},
        {"comment": ["a"]},
        {"text1": {"de": "hoch"}},
        {"texts": ["a", {"de": "hoch"}]},
        {"texts": "a"},
        {"texts": ["a"] * 11},
        {"text11": "a"},
        {"text0": "a"},
        {"pValue1": [1]},
        {"pValue1": 2**64},
        {"pValue1": "NaN"},
        {"class": {"name": "Error"}},
        {"ALARMCOUNT": 12},
        {"": "nameless"},
        {"Höhe über NN": 7},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_kept_as_the_station_spells_it(row: dict[str, Any]) -> None:
    assert read(row) == Message(other=row)


def test_what_a_second_key_says_of_a_field_is_kept() -> None:
    row = {"className": "Error", "messageClassName": "Fault", "priority": "high", "prio": 3}

    assert read(row) == Message(class_name="Error", priority=3, other={"messageClassName": "Fault", "priority": "high"})


def test_keys_that_say_nothing_are_no_field_and_nothing_else() -> None:
    assert (
        read({"comment": "", "userName": None, "text1": "", "pValue1": None, "dateTime": "", "state": None})
        == Message()
    )


def test_texts_are_kept_with_whatever_is_in_them() -> None:
    row = {"text1": STRANGE, "comment": STRANGE, "className": STRANGE, "instance": STRANGE, STRANGE: STRANGE}

    assert read(row) == Message(
        texts=(STRANGE,), comment=STRANGE, class_name=STRANGE, instance=STRANGE, other={STRANGE: STRANGE}
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KNOWN_KEYS = [
    "msgNo",
    "MSGNR",
    "State",
    "stateText",
    "DateTime",
    "time",
    "date",
    "Ms",
    "class",
    "className",
    "CLASSID",
    "type",
    "typeName",
    "text1",
    "TEXT01",
    "text",
    "texts",
    "text10",
    "pValue1",
    "PText1",
    "PROCESSVALUE03",
    "processValues",
    "priority",
    "instance",
    "user",
    "USERNAME",
    "computer",
    "comment",
    "counter",
    "timeDiff",
    "serverName",
]
LIKELY_TEXTS = [
    "1",
    "0x10",
    "NaN",
    "Gekommen",
    "2026-03-02T08:14:58Z",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59-01:00",
    "02.03.2026",
    "08:14:58",
    "999999:59:59",
    "\u0661",
]
SAID = JSON | st.sampled_from(LIKELY_TEXTS) | st.integers(-1, 1000)
KNOWN = st.dictionaries(st.sampled_from(KNOWN_KEYS), SAID)
UNKNOWN = st.dictionaries(st.text(max_size=6).map("nobody knows ".__add__), SAID, max_size=4)
ROWS = st.builds(lambda known, unknown: known | unknown, KNOWN, UNKNOWN) | st.dictionaries(st.text(), SAID)
NOTHING_SAID = (None, "")


@given(known=KNOWN, unknown=UNKNOWN, zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]))
def test_no_row_is_an_error_and_none_loses_a_key_that_nobody_knows(
    known: dict[str, Any], unknown: dict[str, Any], zone: str
) -> None:
    row = known | unknown

    other = read_message(row, ZoneInfo(zone)).other

    assert unknown.keys() <= other.keys() <= row.keys()
    assert all(other[key] is row[key] for key in other)


@given(row=ROWS)
def test_a_message_comes_back_from_its_json(row: dict[str, Any]) -> None:
    message = read(row)

    told = json.loads(json.dumps(message.to_json(), allow_nan=False))

    again = Message.from_json(told)
    assert again.to_json() == message.to_json()
    assert again.key == message.key


@given(key=st.sampled_from(KNOWN_KEYS), raw=SAID)
def test_what_a_known_key_says_is_understood_or_kept(key: str, raw: Any) -> None:
    message = read({key: raw})

    is_understood = message != Message() and not message.other
    assert is_understood or message.other == {key: raw} or raw in NOTHING_SAID or raw in ([], {}) or is_empty_list(raw)


def is_empty_list(raw: Any) -> bool:
    return isinstance(raw, list) and all(block in NOTHING_SAID for block in raw)


@pytest.mark.parametrize("moment", [{}, {"dateTime": "2026-03-02T08:00:00Z"}, {"counter": 7}], ids=str)
def test_rows_are_told_apart_by_all_that_they_say(moment: dict[str, Any]) -> None:
    rows = [{"msgNo": 1, "frequency": 3}, {"msgNo": 1, "frequency": 4}, {"msgNo": 1, "frequency": 3, "priority": 2}]

    assert len({read(row | moment).key for row in [*rows, *rows]}) == 3


def test_five_thousand_rows_are_read_in_well_under_a_second() -> None:
    rows = [
        {
            "msgNo": 1004 + number,
            "state": 1,
            "dateTime": (AT + timedelta(milliseconds=number)).isoformat().replace("+00:00", "Z"),
            "className": "Error",
            "typeName": "Alarm",
            **{f"text{block}": f"text {block} of {number}" for block in range(1, 11)},
            **{f"pValue{block}": 96.4 for block in range(1, 11)},
            "counter": number,
        }
        for number in range(5_000)
    ]

    # The time of this process alone, so that a busy machine says nothing of it.
    before = time.process_time()
    messages = [read(row) for row in rows]

    assert time.process_time() - before < 2
    assert len({message.key for message in messages}) == 5_000
