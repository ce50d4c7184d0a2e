"""Archive requests as they go over the wire, and the answers that stations may give."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pendulum
import pytest
import responses
from mocked_station import BASE, HOST

from airflow_provider_wincc.client import (
    StationSettings,
    WinCCClient,
    WinCCConfigurationError,
    WinCCNotFoundError,
    WinCCResponseError,
    WinCCTagError,
    WinCCTagNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
END = START + timedelta(minutes=5)
SINGLE = f"{BASE}/tagLogging/Archive/ProcessData/values"
MULTIPLE = f"{BASE}/tagLogging/Values"
ARCHIVES = f"{BASE}/tagLogging/Archives"
ROW = {"timestamp": "2026-03-02T07:01:00.000Z", "value": "70.9", "qualitycode": "128"}


def client_with(**extra: Any) -> WinCCClient:
    settings = StationSettings.from_url(HOST, **extra)
    object.__setattr__(settings, "retry_wait", 0.001)
    return WinCCClient(settings)


def item(name: str, *rows: Any) -> dict[str, Any]:
    return {"variableName": name, "values": list(rows)}


def answered(answers: Iterable[Any] | Callable[[dict[str, Any]], Any], *, url: str = SINGLE, **extra: Any) -> Any:
    """Read A and B with made-up answers; return the rows as (tag, value), and the requests.

    When only one of them has rows, the other one is asked for once more; it has none then, either.
    """
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for answer in (*answers, [item("B")]):
            mock.post(url, json=answer)
        rows = list(client_with(**extra).read_archive("ProcessData", ["A", "B"], START, END))
        return [(row.tag, row.value) for row in rows], [call.request for call in mock.calls]


@pytest.mark.parametrize(
    ("times", "extra", "begin", "end"),
    [
        ("utc", {}, "2026-03-02T06:59:59", "2026-03-02T07:05:00"),
        ("utc_z", {}, "2026-03-02T06:59:59Z", "2026-03-02T07:05:00Z"),
        ("local", {"timezone": "Europe/Berlin"}, "2026-03-02T07:59:59", "2026-03-02T08:05:00"),
    ],
)
def test_times_are_written_as_the_connection_says(times: str, extra: dict[str, str], begin: str, end: str) -> None:
    _, (request, _) = answered([[item("A", ROW), item("B")]], archive_times=times, **extra)

    assert parse_qs(urlsplit(request.url).query) == {"begin": [begin], "end": [end], "maxValues": ["20000"]}
    assert json.loads(request.body) == {"variableNames": ["A", "B"]}


def test_the_form_for_several_archives_carries_times_and_limit_of_each_tag() -> None:
    answer = {"archives": [{"name": "ProcessData", "variables": [{"name": "A", "values": [ROW]}, {"name": "B"}]}]}

    rows, (request, _) = answered([answer], url=MULTIPLE, archive_form="multiple", archive_max_values=500)

    span = {"timeFrom": "2026-03-02T06:59:59", "timeTo": "2026-03-02T07:05:00", "maxValues": 500}
    assert rows == [("A", 70.9)]
    assert json.loads(request.body) == {
        "archives": [{"name": "ProcessData", "variables": [{"name": "A", **span}, {"name": "B", **span}]}]
    }


@pytest.mark.parametrize(
    "answer",
    [
        [item("A", ROW), item("B")],
        [item("B"), item("a", ROW)],
        [item("ProcessData\\A", ROW), item("processdata\\B")],
        {"values": [item("A", ROW), {"variableName": "B"}]},
        [{"VariableName": "A", "Values": [ROW], "ErrorCode": 0}, {"variableName": "B", "values": None}],
        [{"values": [ROW]}, {"values": []}],
        [{"variableName": "A", "values": ROW}, item("B")],
        [{"archiveName": "ProcessData", **item("A", ROW)}, {"archiveName": "ProcessData", "variableName": "B"}],
        {"archives": [{"archiveName": "PROCESSDATA", "variables": [{"name": "A", "values": [ROW]}, {"name": "B"}]}]},
        [item("A", {"Time": "2026-03-02T07:01:00Z", "realValue": 70.9, "Quality": 128, "flags": "0x10"}), item("B")],
    ],
    ids=str,
)
def test_an_answer_is_understood_in_every_form(answer: Any) -> None:
    assert answered([answer])[0] == [("A", 70.9)]


def test_several_items_of_one_tag_are_taken_as_one() -> None:
    later = {**ROW, "timestamp": "2026-03-02T07:02:00Z", "value": "71"}

    assert answered([[item("A", later), item("B"), item("A", ROW)]])[0] == [("A", 70.9), ("A", 71.0)]


@pytest.mark.parametrize("answer", [{"values": [ROW]}, {"variableName": "A", "values": [ROW]}, [{"values": [ROW]}]])
def test_the_answer_for_one_tag_may_leave_the_name_out(client: WinCCClient, answer: Any) -> None:
    with responses.RequestsMock() as mock:
        mock.post(SINGLE, json=answer)

        assert client.read_latest_archived("ProcessData", ["A"])["A"].value == 70.9


def test_the_latest_values_are_asked_for_without_times(client: WinCCClient) -> None:
    with responses.RequestsMock() as mock:
        mock.post(SINGLE, json=[item("A", ROW), item("B", ROW)])

        latest = client.read_latest_archived("ProcessData", ["B", "A"])

        assert list(latest) == ["B", "A"]
        assert parse_qs(urlsplit(mock.calls[0].request.url).query) == {"maxValues": ["1"]}


def test_a_row_without_a_readable_time_is_an_error_that_quotes_it() -> None:
    with pytest.raises(WinCCResponseError, match=r"'A'.*'timestamp': 'yesterday'"):
        answered([[item("A", ROW, {**ROW, "timestamp": "yesterday"}), item("B")]])


@pytest.mark.parametrize("values", [["70.9"], [ROW, None], {"value": "1"}])
def test_rows_that_are_none_are_an_error(values: Any) -> None:
    with pytest.raises(WinCCResponseError, match="'A'"):
        answered([[{"variableName": "A", "values": values}, item("B")]])


def test_a_tag_without_an_item_is_asked_for_once_more() -> None:
    rows, requests = answered([[item("A", ROW)], [item("B", ROW)]])

    assert rows == [("A", 70.9), ("B", 70.9)]
    assert json.loads(requests[1].body) == {"variableNames": ["B"]}


def test_a_tag_that_has_an_item_only_for_its_latest_row_has_none_in_the_interval() -> None:
    rows, requests = answered([[item("A", ROW)], [], [item("B", ROW)]])

    assert rows == [("A", 70.9)]
    assert "begin" not in requests[2].url


def test_a_tag_without_any_item_is_unknown() -> None:
    with pytest.raises(WinCCTagNotFoundError, match=r"1 of 2 tags of the archive 'ProcessData'.*'B'") as caught:
        answered([[item("A", ROW)], [], []])

    assert "without the archive's name" in caught.value.hint


def test_a_failure_that_lasts_is_an_error_in_the_stations_words() -> None:
    failing = {"variableName": "B", "errorcode": 8192, "error": "archive server away"}

    with pytest.raises(WinCCTagError, match="archive server away") as caught:
        answered([[item("A", ROW), failing], [failing]])

    assert caught.value.retryable
    assert list(caught.value.errors) == ["B"]


def refusing(most: int, status: int) -> Callable[[Any], tuple[int, dict[str, str], str]]:
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        names = json.loads(request.body)["variableNames"]
        if len(names) > most:
            return status, {}, "too much"
        return 200, {}, json.dumps([item(name, ROW) for name in names])

    return answer


@pytest.mark.parametrize("status", [400, 413, 414])
def test_a_batch_that_is_refused_is_halved_for_good(status: int) -> None:
    tags = [f"T{number}" for number in range(16)]
    with responses.RequestsMock() as mock:
        mock.add_callback(responses.POST, SINGLE, refusing(5, status))

        rows = list(client_with(archive_batch_size=16).read_archive("ProcessData", tags, START, END))

        assert [row.tag for row in rows] == tags
        assert len(mock.calls) == 2 + 4  # 16 and 8 are too many, then 4 at a time


def test_one_tag_that_is_refused_does_not_hide_that_another_is_too() -> None:
    with responses.RequestsMock() as mock:
        mock.add_callback(responses.POST, SINGLE, refusing(0, 400))

        with pytest.raises(WinCCTagError, match="too much") as caught:
            list(client_with().read_archive("ProcessData", ["A", "B"], START, END))

    assert list(caught.value.errors) == ["A", "B"]
    assert "archive_max_values" in caught.value.hint


def test_a_server_error_is_not_split() -> None:
    with responses.RequestsMock() as mock:
        mock.post(SINGLE, status=500)

        with pytest.raises(Exception, match="runtime problem"):
            list(client_with().read_archive("ProcessData", ["A", "B"], START, END))

        assert len(mock.calls) == 1


@pytest.mark.parametrize(
    ("listed", "error", "match"),
    [
        ({"json": {"archives": [{"archiveName": "Other"}]}}, WinCCNotFoundError, "no archive 'ProcessData'"),
        ({"json": {"archives": [{"name": "processdata"}]}}, WinCCTagNotFoundError, "2 of 2 tags"),
        ({"json": {"archives": []}}, WinCCTagNotFoundError, "2 of 2 tags"),
        ({"status": 404}, WinCCTagNotFoundError, "2 of 2 tags"),
        ({"status": 403}, WinCCTagNotFoundError, "2 of 2 tags"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "refusal", [{"status": 404}, {"json": [{"variableName": name, "error": "Not Found"} for name in "AB"]}], ids=str
)
def test_an_archive_is_unknown_only_when_the_list_of_archives_says_so(
    refusal: dict[str, Any], listed: dict[str, Any], error: type[Exception], match: str
) -> None:
    with responses.RequestsMock() as mock:
        mock.post(SINGLE, **refusal)
        mock.get(ARCHIVES, **listed)

        with pytest.raises(error, match=match) as caught:
            list(client_with().read_archive("ProcessData", ["A", "B"], START, END))

    assert type(caught.value) is error


@pytest.mark.parametrize("name", ["Ofen/1", "Öfen & Co", "a:b", " x", "Archiv."])
def test_a_name_that_no_path_carries_goes_into_the_body(client: WinCCClient, name: str) -> None:
    with responses.RequestsMock() as mock:
        mock.post(MULTIPLE, json=[{"archiveName": name, **item("A", ROW)}])

        assert client.read_latest_archived(name, ["A"])["A"].value == 70.9

        assert json.loads(mock.calls[0].request.body)["archives"][0]["name"] == name


def test_a_name_with_letters_of_any_script_goes_into_the_path(client: WinCCClient) -> None:
    with responses.RequestsMock() as mock:
        mock.post(f"{BASE}/tagLogging/Archive/%C3%96fen%5B1%5D/values", json=[item("A", ROW)])

        assert client.read_latest_archived("Öfen[1]", ["A"])["A"].value == 70.9


def test_moments_of_pendulum_and_of_other_zones_are_the_same_interval(client: WinCCClient) -> None:
    start = pendulum.instance(START).in_timezone("Asia/Kolkata")
    end = END.astimezone(timezone(timedelta(hours=-3)))
    with responses.RequestsMock() as mock:
        mock.post(SINGLE, json=[item("A", ROW)])

        (window,) = client.read_archive_windows("ProcessData", ["A"], start, end)

    assert (window.start, window.end) == (START, END)
    assert type(window.start) is datetime


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"archive": ""}, "''"),
        ({"archive": None}, "None"),
        ({"tags": []}, "empty"),
        ({"tags": "A"}, "not a list"),
        ({"tags": ["A", "B", "A"]}, "'A' is named twice"),
        ({"tags": ["A", "a"]}, "'a' is named twice"),
        ({"tags": ["A", ""]}, "''"),
        ({"start": datetime(2026, 3, 2)}, "start 2026-03-02T00:00:00 has no time zone"),  # noqa: DTZ001
        ({"end": datetime(2026, 3, 2)}, "end .* has no time zone"),  # noqa: DTZ001
        ({"start": "2026-03-02"}, "'2026-03-02'"),
        ({"start": END}, "not before"),
        ({"start": END + timedelta(1)}, "not before"),
        ({"end": datetime(9999, 1, 1, tzinfo=UTC)}, "in the future"),
    ],
    ids=str,
)
def test_a_wrong_argument_is_an_error_when_called(client: WinCCClient, wrong: dict[str, Any], match: str) -> None:
    arguments = {"archive": "ProcessData", "tags": ["A"], "start": START, "end": END, **wrong}

    for call in (client.read_archive, client.read_archive_windows):
        with pytest.raises(WinCCConfigurationError, match=match):
            call(**arguments)
    if not {"start", "end"} & set(wrong):
        with pytest.raises(WinCCConfigurationError, match=match):
            client.read_latest_archived(arguments["archive"], arguments["tags"])


def test_lists_are_read_page_by_page(client: WinCCClient) -> None:
    with responses.RequestsMock() as mock:
        mock.get(ARCHIVES, json={"archives": [{"archiveName": "A", "type": 1}], "continuationPoint": 1})
        mock.get(ARCHIVES, json={"archives": [{"name": "B"}]})

        archives = list(client.list_archives(page_size=1))

    assert [(archive.name, archive.raw.get("type")) for archive in archives] == [("A", 1), ("B", None)]


def test_tags_are_listed_without_the_archives_name(client: WinCCClient) -> None:
    with responses.RequestsMock() as mock:
        mock.get(
            f"{BASE}/tagLogging/Archive/ProcessData/Variables",
            json={"variables": [{"variableName": "ProcessData\\A"}, {"name": "B"}]},
        )

        assert [(tag.name, tag.archive) for tag in client.list_archive_tags("ProcessData")] == [
            ("A", "ProcessData"),
            ("B", "ProcessData"),
        ]


@pytest.mark.parametrize("call", ["list_archives", "list_timers"])
def test_a_page_of_nothing_is_an_error_when_called(client: WinCCClient, call: str) -> None:
    with pytest.raises(WinCCConfigurationError):
        getattr(client, call)(page_size=0)
