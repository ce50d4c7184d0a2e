"""``airflow-wincc browse``: tags as a tree, a table or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from command_runs import Terminal, at, environment_for, plain, run_at

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator


def test_tags_stand_in_a_tree_that_is_cut_at_their_dots(plant: Simulator) -> None:
    result = run_at(plant, "browse", "Mixer1.Order.*Id")

    assert result.returncode == 0
    assert [line.rstrip() for line in result.stdout.splitlines()] == [
        "Mixer1",
        "└── Order",
        "    ├── Id",
        "    ├── AckId",
        "    └── CurrentId",
    ]


def test_a_table_has_what_the_station_says_of_each_tag(plant: Simulator) -> None:
    result = run_at(plant, "browse", "Tank?.Level", "--table")

    head, first, second = result.stdout.splitlines()
    assert result.returncode == 0
    assert {"tag", "connection", "comment"} <= set(head.split())
    assert (first.split()[0], second.split()[0]) == ("Tank1.Level", "Tank2.Level")
    assert "S7_Tanks" in first


def test_json_has_every_tag_with_what_the_station_says(plant: Simulator) -> None:
    result = run_at(plant, "browse", "--json")

    tags = json.loads(result.stdout)
    assert result.returncode == 0
    assert {tag["name"] for tag in tags} >= {"Tank1.Level", "Mixer1.State"}
    assert {tag["name"]: tag["raw"]["group"] for tag in tags}["Tank1.Level"] == "Tank1"


def test_a_pattern_that_fits_nothing_ends_with_1(plant: Simulator) -> None:
    result = run_at(plant, "browse", "Boiler*")

    assert (result.returncode, result.stdout) == (1, "")
    assert "No tag fits 'Boiler*'" in result.stderr


def test_json_is_a_list_also_when_nothing_fits(plant: Simulator) -> None:
    result = run_at(plant, "browse", "Boiler*", "--json")

    assert (result.returncode, json.loads(result.stdout)) == (1, [])


def test_two_forms_at_once_are_wrong_usage(plant: Simulator) -> None:
    result = run_at(plant, "browse", "--json", "--table")

    assert result.returncode == 2
    assert plant.requests == []


def test_names_and_comments_cannot_colour_the_screen_and_fit_forty_columns(plant: Simulator) -> None:
    plant.set("Odd.[red]X", 1)
    environment = environment_for(plant, NO_COLOR="1")

    with Terminal("browse", "Odd*", "--table", *at(plant), environment=environment, columns=40) as terminal:
        code = terminal.end()

    assert code == 0
    assert plain(terminal.shown).startswith("Odd.[red]X\n")
    assert max(map(len, plain(terminal.shown).splitlines())) <= 40
    plant.remove("Odd.[red]X")
