"""The page about own plants keeps its word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from airflow_provider_wincc.simulator import PlantFile, PlantFileError, Simulator
from airflow_provider_wincc.simulator.catalogue import station_tags
from airflow_provider_wincc.simulator.tag_list_words import COLUMNS

PAGE = (Path(__file__).parents[3] / "docs" / "own-plant.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def known_words(text: str) -> list[str]:
    """Return the words that the error of a plant with a wrong word in it says are known."""
    with pytest.raises(PlantFileError) as caught:
        PlantFile.parse(text)
    return str(caught.value).rpartition("nown are ")[2].split(", ")


def test_the_complete_example_does_what_it_says() -> None:
    station = Simulator(plant=PlantFile.parse("frozen: true\n" + EXAMPLE))
    seen = {}
    with station:
        for moment in (0, 10, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65):
            station.step(moment - max(seen, default=0))
            seen[moment] = (
                [message.number for message in station.pending_messages],
                station._state.service_on,
                [fault.fault.value for fault in station._state.faults.pending],
            )

        assert {moment: messages for moment, (messages, _, _) in seen.items() if 104 in messages} == {
            20: [101, 104],
            25: [101, 104],
        }
        assert [moment for moment, (_, on, _) in seen.items() if not on] == [45]
        assert (seen[0][2], seen[55][2], seen[60][2]) == (["delay"], ["delay", "bad_quality"], [])
        assert station.get("Oven.Batch").value == "000042"
        assert station.get("Conveyor.Count").value == 162
        assert station.get("Hall.Humidity").quality == 0x80
        assert station.unit("Kneader1").settings.run_seconds == 30


def test_the_example_has_each_key_each_behaviour_and_each_event() -> None:
    keys = known_words("nonsense_: 1")
    kinds = known_words("tags: {A: {value: 1, behaviour: {kind: nonsense_}}}")
    events = [word for word in known_words("timeline: [{at: 1, nonsense_: 1}]") if word != "at"]

    assert [word for word in keys if word != "frozen" and f"\n{word}:" not in f"\n{EXAMPLE}"] == []
    assert [word for word in kinds if f"kind: {word}" not in EXAMPLE] == []
    assert [word for word in events if f", {word}:" not in EXAMPLE] == []


@pytest.mark.parametrize(
    ("heading", "wrong"),
    [
        ("| Key | Meaning |", "nonsense_: 1"),
        ("| Key of a tag | Meaning |", "tags: {A: {nonsense_: 1}}"),
        ("| Kind of behaviour | Its keys | What the tag does |", "tags: {A: {value: 1, behaviour: {kind: nonsense_}}}"),
        ("| Key of a message | Meaning |", "messages: {1: {class: Error, text: x, nonsense_: 1}}"),
    ],
)
def test_each_table_has_the_words_that_the_file_may_have(heading: str, wrong: str) -> None:
    rows = PAGE.partition(heading)[2].partition("\n\n")[0].splitlines()[2:]
    described = [word for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[1])]

    assert sorted(described) == sorted(known_words(wrong))


def test_the_error_on_the_page_is_the_real_one() -> None:
    shown = re.search(r"airflow-wincc simulate: (bakery\.yaml, .*)", PAGE)
    assert shown is not None
    wrong = EXAMPLE.replace("behaviour:", "behavior:", 1)

    with pytest.raises(PlantFileError) as caught:
        PlantFile.parse(wrong, source="bakery.yaml")

    assert str(caught.value) == shown[1]


def test_the_tags_that_each_station_has_are_named() -> None:
    assert [tag.name for tag in station_tags() if f"`{tag.name}`" not in PAGE] == []


def test_the_columns_that_are_read_are_named() -> None:
    named = {column: [word for word in words if f"`{word}`" in PAGE] for column, words in COLUMNS.items()}

    assert [column for column, words in named.items() if not words and column != "unit"] == []
