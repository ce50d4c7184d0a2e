"""Names of tags go over the wire byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from airflow_provider_wincc.client import WinCCTagNotFoundError

if TYPE_CHECKING:
    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.simulator import Simulator

NAMES = [
    "T.Plain_1",
    "T.State[1]",
    "T.@Local$~()-x",
    "T./slash",
    "T.\\backslash",
    "T.#hash",
    "T.%41percent",
    "T.?question*star",
    "T.blank in the middle",
    "T. ",
    "T.plus+and&and=and;and:",
    "T.'\"quotes",
    "T.Süd",
    "T.Su\u0308d",
    "T.搅拌机1.3Alarm",
    "T.zero\u200cwidth",
    "T.trailing.",
    "T...",
    "T.😀",
    "T.line\nbreak",
    f"T.{'长' * 126}",
    f"T.{'x' * 300}",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_and_written_byte_for_byte(station: Simulator, client: WinCCClient, name: str) -> None:
    station.set(name, 1.0)

    values = [client.read_tag(name).value, client.read_tags([name])[name].value]
    client.write_tag(name, 2.0)
    value_of_one = station.get(name).value
    client.write_tags({name: 3.0})

    assert values == [1.0, 1.0]
    assert (value_of_one, station.get(name).value) == (2.0, 3.0)
    assert {write.tag for write in station.writes[-2:]} == {name}


@pytest.mark.parametrize("name", ["T.Plain_1", "T.State[1]", "T.Süd", "T.搅拌机1"])
def test_a_harmless_name_goes_into_the_path_percent_encoded(station: Simulator, client: WinCCClient, name: str) -> None:
    station.set(name, 1.0)

    client.read_tag(name)

    assert (
        station.requests[-1].raw_path.lower() == f"/winccrestservice/tagmanagement/value/{quote(name, safe='')}".lower()
    )


@pytest.mark.parametrize("name", ["T./slash", "T.#hash", "T.%41", "T.?", "T. x", "T.\u200c", "T.trailing."])
def test_a_name_that_a_web_server_may_change_goes_into_the_body(
    station: Simulator, client: WinCCClient, name: str
) -> None:
    station.set(name, 1.0)

    client.read_tag(name)

    assert station.requests[-1].body == {"variableNames": [name]}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("T.zero\u200cwidth", "U+200C ZERO WIDTH NON-JOINER at position 7"),
        ("T.x ", "U+0020 SPACE at position 4"),
        (" T.x", "U+0020 SPACE at position 1"),
        ("T.\u00a0x", "U+00A0 NO-BREAK SPACE at position 3"),
        ("T.\u202ex", "U+202E"),
        ("T.\tx", "U+0009"),
    ],
)
def test_a_name_not_found_mentions_its_invisible_characters(client: WinCCClient, name: str, said: str) -> None:
    for read in (lambda: client.read_tag(name), lambda: client.read_tags([name]), lambda: client.write_tags({name: 1})):
        with pytest.raises(WinCCTagNotFoundError) as caught:
            read()

        assert said in str(caught.value)


def test_a_plain_name_not_found_mentions_no_characters(client: WinCCClient) -> None:
    with pytest.raises(WinCCTagNotFoundError) as caught:
        client.read_tag("T.Typo")

    assert "U+" not in str(caught.value)


def test_a_tag_in_two_letter_cases_is_read_under_both(station: Simulator, client: WinCCClient) -> None:
    values = client.read_tags(["T.A", "t.a"])

    assert {name: reading.value for name, reading in values.items()} == {"T.A": 1.0, "t.a": 1.0}
