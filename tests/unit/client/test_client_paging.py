"""Stations that page in ways of their own must neither lose tags nor keep us in a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import responses
from mocked_station import VARIABLES

from airflow_provider_wincc.client import WinCCNotFoundError, WinCCResponseError

if TYPE_CHECKING:
    from responses import RequestsMock

    from airflow_provider_wincc.client import WinCCClient


def rows(*names: str) -> list[dict[str, Any]]:
    return [{"variableName": name} for name in names]


def browsed(client: WinCCClient, pattern: str = "*") -> list[str]:
    return [tag.name for tag in client.browse_tags(pattern, page_size=2)]


@pytest.mark.parametrize("point", [{}, {"continuationPoint": 2}, {"continuationPoint": "7"}, {"continuationPoint": -1}])
def test_a_station_that_answers_the_same_page_for_ever_does_not_loop(
    client: WinCCClient, point: dict[str, Any]
) -> None:
    with responses.RequestsMock() as answers:
        answers.post(VARIABLES, json={"variables": rows("A", "B"), **point})

        assert browsed(client) == ["A", "B"]
        assert len(answers.calls) <= 2


def test_a_station_that_repeats_the_last_row_on_the_next_page_loses_and_doubles_nothing(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.post(VARIABLES, json={"variables": rows("A", "B"), "continuationPoint": 1})
    answers.post(VARIABLES, json={"variables": rows("B", "C"), "continuationPoint": 2})
    answers.post(VARIABLES, json={"variables": rows("C"), "continuationPoint": 0})

    assert browsed(client) == ["A", "B", "C"]


def test_a_continuation_point_of_zero_ends_the_list_though_the_page_is_full(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.post(VARIABLES, json={"variables": rows("A", "B"), "continuationPoint": 0})

    assert browsed(client) == ["A", "B"]


@pytest.mark.parametrize("header", ["continuationPoint", "Continuation-Point", "X-Continuation-Point"])
def test_a_continuation_point_may_stand_in_a_header(client: WinCCClient, answers: RequestsMock, header: str) -> None:
    answers.post(VARIABLES, json=rows("A"), headers={header: "1"})
    answers.post(
        VARIABLES,
        json=rows("B"),
        match=[
            responses.matchers.query_param_matcher({"continuationPoint": "1", "itemLimit": "2", "variableName": "*"})
        ],
    )

    assert browsed(client) == ["A", "B"]


def test_a_continuation_point_that_is_no_number_is_counted_instead(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(VARIABLES, json={"variables": rows("A", "B"), "continuationPoint": "next"})
    answers.post(
        VARIABLES,
        json=rows("C"),
        match=[responses.matchers.query_param_matcher({"continuationPoint": "2"}, strict_match=False)],
    )

    assert browsed(client) == ["A", "B", "C"]


def test_a_station_that_ignores_the_pattern_is_filtered_here(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(VARIABLES, json={"variables": rows("Tank1.Level", "Mixer1.Level", "tank2.level")})

    assert browsed(client, "Tank*") == ["Tank1.Level", "tank2.level"]


@pytest.mark.parametrize("status", [404, 405])
def test_a_station_that_does_not_browse_by_post_is_asked_by_get_from_then_on(
    client: WinCCClient, answers: RequestsMock, status: int
) -> None:
    answers.post(VARIABLES, status=status)
    answers.get(VARIABLES, json={"variables": rows("A", "B")})
    answers.get(VARIABLES, json={"variables": []})

    assert browsed(client) == ["A", "B"]


def test_a_station_without_browsing_is_a_not_found_error(client: WinCCClient, answers: RequestsMock) -> None:
    answers.post(VARIABLES, status=404)
    answers.get(VARIABLES, status=404)

    with pytest.raises(WinCCNotFoundError):
        browsed(client)


@pytest.mark.parametrize("answer", [{"variables": []}, [], {"variables": [{"comment": "no name"}]}])
def test_nothing_found_is_an_empty_list(client: WinCCClient, answers: RequestsMock, answer: Any) -> None:
    answers.post(VARIABLES, json=answer)

    assert browsed(client) == []


@pytest.mark.parametrize("body", ['{"error": "no right to browse"}', "<html>no right to browse</html>"])
def test_an_answer_that_is_no_list_is_an_error(client: WinCCClient, answers: RequestsMock, body: str) -> None:
    answers.post(VARIABLES, body=body)

    with pytest.raises(WinCCResponseError, match="no right to browse"):
        browsed(client)
