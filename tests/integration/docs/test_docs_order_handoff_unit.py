"""The page for controller programmers says what the client does, and what the command checks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import typer.main
from documentation import blocks, table, text_of

from airflow_provider_wincc.order_handoff import DEFAULT_SETTLE, DEFAULT_TIMEOUTS
from airflow_provider_wincc.orders import STANDARD_NAMES, STATE_MAPS, JobState, OrderHandoffTags
from airflow_provider_wincc.orders.commits import PROFILES
from airflow_provider_wincc.orders.states import RESULT_WORDS, ReturnCodes
from airflow_provider_wincc.orders.steps import Wait
from airflow_provider_wincc.simulator import SimulatedUnit
from airflow_provider_wincc.simulator.unit_tags import unit_tags
from airflow_provider_wincc.unit_check import CHECKLIST, PROMISES
from airflow_provider_wincc.unit_check import plan as plan_module
from airflow_provider_wincc.unit_check.command import check_unit

PAGE = "docs/order-handoff-unit.md"
WIRE_TYPES = {"STRING": "text", "UDINT": "uint32", "DINT": "int32", "INT": "int16", "UINT": "uint16", "BOOL": "bool"}


def words_of(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def rows_with_a_role(after: str) -> dict[str, list[str]]:
    """Return role → row, for the rows of a table of tags that name a role."""
    return {words_of(row[1])[0]: row for row in table(PAGE, "tag", after=after) if words_of(row[1])}


def test_the_tags_of_profile_a_are_those_that_the_client_uses() -> None:
    described = {role: words_of(row[0])[0] for role, row in rows_with_a_role("## The tags").items()}

    assert described == dict(OrderHandoffTags().roles)


@pytest.mark.parametrize(("profile", "heading"), [("C", "### Profile C"), ("D", "### Profile D")])
def test_the_tags_of_the_other_profiles_are_those_that_the_client_uses(profile: str, heading: str) -> None:
    handshake = PROFILES[profile]
    rows = rows_with_a_role(heading)

    assert {role: words_of(row[0])[0] for role, row in rows.items()} == {
        role: STANDARD_NAMES[role] for role in (*handshake.client_roles, *handshake.unit_roles)
    }
    assert [row[3].startswith("C") for row in rows.values()] == [role in handshake.client_roles for role in rows]


@pytest.mark.parametrize(("profile", "heading"), [("A", "## The tags"), ("C", "### Profile C"), ("D", "### Profile D")])
def test_the_types_and_writers_are_those_of_the_simulated_unit(profile: Any, heading: str) -> None:
    simulated = {tag.name: tag for tag in unit_tags(SimulatedUnit(name="U1", profile=profile))}

    for row in rows_with_a_role(heading).values():
        tag = simulated[words_of(row[0])[0]]
        assert (WIRE_TYPES[row[2]], row[3].startswith("C")) == (tag.data_type.value, tag.by_client), row


def test_the_order_of_the_simulated_units_echo_and_results_is_named() -> None:
    names = [name for row in table(PAGE, "tag", after="## The tags") for name in words_of(row[0])]

    assert {"Order.WorkMaster", "Order.CurrentWorkMaster", "Order.CurrentQuantity", "Order.ActualQuantity"} <= set(
        names
    )


def test_what_the_unit_shows_for_good_is_retained() -> None:
    kept = {role for role, row in rows_with_a_role("## The tags").items() if row[4] == "yes"}

    assert kept == {
        "ack_sequence", "ack_id", "return_status", "current_id", "current_sequence", "current_revision", "state",
        "result",
    }  # fmt: skip


def test_the_numbers_of_the_states_are_those_of_the_client() -> None:
    described = {int(row[0]): (words_of(row[1])[0], row[2]) for row in table(PAGE, "number", after="## States")}

    assert {number: name for number, (name, _) in described.items()} == {
        int(state): state.name for state in STATE_MAPS["isa95"].states.values()
    }
    assert described[JobState.NOT_ALLOWED_TO_START][1] == JobState.NOT_ALLOWED_TO_START.words
    assert all(f"{number} {words}" in text_of(PAGE) for number, words in RESULT_WORDS.items())


@pytest.mark.parametrize(("column", "name"), [(1, "packml"), (2, "packml_tmc")])
def test_the_numbers_of_packml_are_those_of_the_client(column: int, name: str) -> None:
    rows = table(PAGE, "PackML state")
    states = STATE_MAPS[name]
    implied = {int(row[column]): int(row[3].rpartition("result ")[2]) for row in rows if "result" in row[3]}

    assert {int(row[column]): words_of(row[3])[0] for row in rows} == {
        number: state.name for number, state in states.states.items()
    }
    assert implied == states.implied_results


def test_the_return_codes_are_those_of_the_client() -> None:
    rows = table(PAGE, "status", after="## Return status")
    codes = ReturnCodes()

    assert [row[0] for row in rows[:3]] == [str(codes.accepted), str(codes.unable_now), str(codes.already_taken)]
    assert codes.bits
    assert codes.says_already_taken(codes.unable_now | codes.already_taken)
    assert not codes.says_unable_now(codes.unable_now | codes.already_taken)
    other = int(rows[3][0].rpartition(" ")[2])
    assert not any(says(other) for says in (codes.says_accepted, codes.says_unable_now, codes.says_already_taken))


def test_the_waits_of_the_client_are_those_of_the_code() -> None:
    waits = {"look": Wait.OBSERVE, "verify": Wait.VERIFY, "commit": Wait.ANSWER, "start": Wait.START}
    waits |= {"result": Wait.RESULT, "clear": Wait.CLEAR}
    described = {row[0]: row[3] for row in table(PAGE, "step", after="## A handoff in time")}

    assert {step: described[step] for step in waits} == {
        step: f"{DEFAULT_TIMEOUTS[wait]:g} s" for step, wait in waits.items()
    }
    assert f"({DEFAULT_SETTLE:g} s if left out)" in text_of(PAGE)


def test_the_promises_are_those_that_the_checks_name() -> None:
    section = text_of(PAGE).partition("## What the unit promises")[2].partition("\n## ")[0]
    described = {
        int(number): title for number, title in re.findall(r"^(\d)\. \*\*([^*]+?)\.?\*\*", section, re.MULTILINE)
    }

    assert described == dict(PROMISES)
    assert {check.promise for check in CHECKLIST} == set(PROMISES)


def test_the_checklist_is_that_of_the_command() -> None:
    described = [(words_of(row[0])[0], int(row[1]), row[2], row[3]) for row in table(PAGE, "check")]

    assert described == [(check.name, check.promise, check.done, check.expected) for check in CHECKLIST]


def test_the_options_and_their_defaults_are_those_of_the_command() -> None:
    app = typer.Typer(add_completion=False)
    app.command()(check_unit)
    options = {option.opts[0]: option.default for option in typer.main.get_command(app).params}
    described = {words_of(row[0])[0]: row[1] for row in table(PAGE, "option")}

    assert set(described) == set(options)
    for option, default in {
        "--settle": plan_module.DEFAULT_SETTLE,
        "--answer-timeout": plan_module.DEFAULT_ANSWER_TIMEOUT,
        "--run-timeout": plan_module.DEFAULT_RUN_TIMEOUT,
    }.items():
        assert options[option] == default
        assert f"{default:g} if left out" in described[option]


def test_the_tag_map_of_the_page_can_be_read() -> None:
    (block,) = blocks("json", PAGE)

    tags = OrderHandoffTags.from_json(json.loads(block.code))

    assert tags.roles["request"] == "Filler.Order.Request"
    assert tags.echo_tags["Quantity"] == "Filler.Recipe.ActiveBottles"


def test_the_sketch_uses_no_tag_that_the_page_does_not_name() -> None:
    sketch = text_of(PAGE).partition("## A sketch of the program")[2].partition("\n## ")[0]
    named = {name for row in table(PAGE, "tag", after="## The tags") for name in words_of(row[0])}

    assert set(re.findall(r"\b(?:Order|Unit)\.\w+", sketch)) <= named
