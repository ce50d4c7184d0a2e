"""Which tags of a unit play which role, and what does not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from order_board import OURS, unit_tags

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.orders import STANDARD_NAMES, JobState, OrderHandoffTags, ProductionOrder

HANDSHAKES = {
    "A": {"sequence", "ack_sequence"},
    "B": {"sequence", "ack_sequence"},
    "C": {"request", "acknowledge"},
    "D": {"client_status", "unit_status"},
}
ALL_HANDSHAKE_ROLES = set().union(*HANDSHAKES.values())


@pytest.mark.parametrize("profile", HANDSHAKES)
def test_a_map_has_the_standard_names_and_the_signals_of_its_profile_alone(profile: str) -> None:
    roles = OrderHandoffTags(prefix="Mixer1.", profile=profile).roles  # type: ignore[arg-type]

    assert set(roles) == set(STANDARD_NAMES) - ALL_HANDSHAKE_ROLES | HANDSHAKES[profile]
    assert roles["id"] == "Mixer1.Order.Id"
    assert roles["heartbeat"] == "Mixer1.Unit.Heartbeat"


def test_names_payload_echo_and_results_can_be_given_tag_by_tag() -> None:
    tags = OrderHandoffTags(
        prefix="L3/",
        names={"id": "JobNo", "state": "JobState"},
        payload={"Recipe": "SP_Recipe", "Amount": "DB7.Amount"},
        echo={"Recipe": "PV_Recipe"},
        results={"Made": "PV_Made"},
    )

    assert (tags.roles["id"], tags.roles["state"]) == ("L3/JobNo", "L3/JobState")
    assert tags.payload_tags == {"Recipe": "L3/SP_Recipe", "Amount": "L3/DB7.Amount"}
    assert tags.echo_tags == {"Recipe": "L3/PV_Recipe"}
    assert tags.result_tags == {"Made": "L3/PV_Made"}


def test_parameters_by_name_have_standard_tags_and_echoes() -> None:
    tags = unit_tags()

    assert tags.payload_tags == {"WorkMaster": "Mixer1.Order.WorkMaster", "Quantity": "Mixer1.Order.Quantity"}
    assert tags.echo_tags == {
        "WorkMaster": "Mixer1.Order.CurrentWorkMaster",
        "Quantity": "Mixer1.Order.CurrentQuantity",
    }
    assert tags.result_tags == {"ActualQuantity": "Mixer1.Order.ActualQuantity"}


def test_all_tags_of_a_map_are_read_once() -> None:
    tags = unit_tags()

    assert len(tags.tags) == len(set(tags.tags))
    assert set(tags.tags) == {
        *tags.roles.values(),
        *tags.payload_tags.values(),
        *tags.echo_tags.values(),
        *tags.result_tags.values(),
    }


@pytest.mark.parametrize(
    ("arguments", "unit"),
    [
        ({"prefix": "Mixer1."}, "Mixer1"),
        ({"prefix": "Line3_"}, "Line3"),
        ({}, "Order.Id"),
        ({"names": {"id": "No"}}, "No"),
    ],
)
def test_a_unit_is_called_by_its_prefix_or_by_its_id_tag(arguments: dict[str, Any], unit: str) -> None:
    assert OrderHandoffTags(**arguments).unit == unit


def test_a_unit_without_a_revision_has_no_revision_of_the_stored_order_either() -> None:
    roles = unit_tags(without=["revision"]).roles

    assert "revision" not in roles
    assert "current_revision" not in roles


def test_the_commands_of_a_unit_are_those_that_it_has_tags_for() -> None:
    assert unit_tags(without=["stop", "abort"]).methods == ("start", "clear", "cancel")


# What does not fit


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"names": {"state": "Order.Id"}}, r"'Mixer1\.Order\.Id' stands twice.*role 'id' and for role 'state'"),
        ({"names": {"state": "ORDER.ID"}}, "stands twice"),
        ({"payload": {"Recipe": "Order.Id"}}, "for role 'id' and for payload 'Recipe'"),
        ({"payload": ["Id"]}, "for role 'id' and for payload 'Id'"),
        ({"payload": {"A": "Order.X", "B": "Order.X"}}, "for payload 'A' and for payload 'B'"),
        ({"payload": ["A"], "echo": {"A": "Order.A"}}, "for payload 'A' and for echo of 'A'"),
        ({"results": ["State"]}, "for role 'state' and for result 'State'"),
        ({"payload": ["A"], "results": ["CurrentA"]}, "for echo of 'A' and for result 'CurrentA'"),
    ],
)
def test_a_tag_that_stands_twice_is_refused_with_both_places(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(WinCCConfigurationError, match=problem):
        OrderHandoffTags(prefix="Mixer1.", **arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"names": {"job": "X"}}, r"names has 'job', which is no role\. .*Known are id, revision"),
        ({"without": ["job"]}, "without has 'job', which is no role"),
        ({"without": "cancel"}, r"without is 'cancel'\. .*a list of roles"),
        ({"without": {"cancel"}}, "a list of roles"),
        ({"names": ["id"]}, "a mapping of role to tag"),
        ({"names": {"id": ""}}, r"names is ''\. .*texts that are not empty"),
        ({"names": {"id": 7}}, "names is 7"),
        ({"prefix": None}, "prefix is None"),
        ({"payload": "WorkMaster"}, r"payload is 'WorkMaster'\. .*a list of names, or a mapping of name to tag"),
        ({"payload": 7}, "payload is 7"),
        ({"payload": ["A", ""]}, "payload is ''"),
        ({"payload": {"A": 7}}, "payload is 7"),
        ({"payload": ["A", "a"]}, "each name once"),
        ({"results": [7]}, "results is 7"),
        ({"echo": ["A"]}, r"echo is \['A'\]\. .*a mapping of parameter to tag, or None"),
        ({"payload": ["A"], "echo": {"B": "X"}}, "echo has 'B', which the payload does not have"),
        ({"profile": "E"}, "no profile 'E'"),
        ({"states": "s88"}, "no state map 's88'"),
        ({"states": {}}, r"states are \{\}"),
        ({"id_length": 0}, r"id_length is 0\. .*a whole number from 1"),
        ({"id_length": "32"}, "id_length is '32'"),
        ({"id_length": True}, "id_length is True"),
        ({"accept_code": "1"}, r"accept_code is '1'\. .*a whole number from 0"),
        ({"unable_now_code": 8.0}, "unable_now_code is 8.0"),
        ({"already_taken_code": None}, "already_taken_code is None"),
        ({"production_mode": -1}, "production_mode is -1"),
    ],
)
def test_a_map_that_makes_no_sense_is_refused_and_says_what_was_expected(
    arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(WinCCConfigurationError) as caught:
        OrderHandoffTags(**arguments)

    assert caught.match(problem)
    assert caught.value.hint


@pytest.mark.parametrize("role", ["id", "start", "clear", "state", "current_sequence", "sequence", "ack_sequence"])
def test_a_unit_cannot_be_without_what_the_handoff_rests_on(role: str) -> None:
    with pytest.raises(WinCCConfigurationError, match=f"profile A cannot be without '{role}'"):
        OrderHandoffTags(without=[role])


@pytest.mark.parametrize(
    ("profile", "without", "is_possible"),
    [
        ("A", ["ack_id", "current_id"], False),
        ("B", ["ack_id", "current_id"], True),
        ("C", ["ack_id", "current_id"], False),
        ("D", ["ack_id", "current_id"], True),
        ("B", ["ack_id"], False),
        ("D", ["current_id"], False),
        ("A", ["return_status"], False),
        ("B", ["return_status"], False),
        ("C", ["return_status"], False),
        ("D", ["return_status"], True),
    ],
)
def test_only_some_profiles_can_do_without_an_id_echo_or_a_status(
    profile: str, without: list[str], is_possible: bool
) -> None:
    if is_possible:
        assert OrderHandoffTags(profile=profile, without=without).roles  # type: ignore[arg-type]
    else:
        with pytest.raises(WinCCConfigurationError, match="without"):
            OrderHandoffTags(profile=profile, without=without)  # type: ignore[arg-type]


def test_a_map_knows_whether_the_unit_echoes_ids() -> None:
    assert unit_tags("B").has_id_echo
    assert not unit_tags("B", without=["ack_id", "current_id"]).has_id_echo


# An order against a map


def test_an_order_with_a_parameter_without_a_tag_is_refused() -> None:
    order = ProductionOrder("1", {**OURS.payload, "Colour": "red"})

    with pytest.raises(WinCCConfigurationError, match=r"parameters 'Colour', for which.*'WorkMaster', 'Quantity'"):
        unit_tags().check_order(order)


def test_an_order_that_lacks_a_parameter_is_refused() -> None:
    with pytest.raises(
        WinCCConfigurationError, match=r"lacks the parameters 'Quantity' of unit 'Mixer1'.*order before"
    ):
        unit_tags().check_order(ProductionOrder("1", {"WorkMaster": "R-001"}))


def test_an_order_id_that_is_longer_than_its_tag_is_refused_and_never_cut_off() -> None:
    tags = unit_tags(id_length=8)
    tags.check_order(ProductionOrder("12345678", OURS.payload))

    with pytest.raises(
        WinCCConfigurationError, match=r"has 9 characters.*'Mixer1\.Order\.Id' holds 8.*Nothing was sent"
    ):
        tags.check_order(ProductionOrder("123456789", OURS.payload))


def test_an_order_that_fits_is_let_through() -> None:
    unit_tags(id_length=6).check_order(OURS)


def test_a_revision_for_which_the_unit_has_no_tag_is_refused() -> None:
    tags = unit_tags(without=["revision"])
    tags.check_order(ProductionOrder("1", OURS.payload, 0))

    with pytest.raises(WinCCConfigurationError, match=r"revision 1, and unit 'Mixer1' has no tag for it"):
        tags.check_order(OURS)


# JSON


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"prefix": "Mixer1.", "payload": ["A", "B"], "results": ["C"], "without": ["heartbeat"]},
        {"payload": {"A": "X.A"}, "echo": {"A": "X.B"}, "results": {"C": "X.C"}, "names": {"id": "X.Id"}},
        {"profile": "D", "without": ("ack_id", "current_id"), "states": "packml"},
        {"states": {0: "none", 10: JobState.RUNNING, 20: 5}, "accept_code": 0, "status_bits": False},
    ],
)
def test_a_map_survives_json(arguments: dict[str, Any]) -> None:
    tags = OrderHandoffTags(**arguments)

    again = OrderHandoffTags.from_json(json.loads(json.dumps(tags.to_json())))

    assert again.to_json() == tags.to_json()
    assert (again.tags, again.state_map, again.return_codes) == (tags.tags, tags.state_map, tags.return_codes)
    assert again.profile == tags.profile


def test_json_with_a_key_that_is_no_parameter_is_refused() -> None:
    with pytest.raises(WinCCConfigurationError, match=r"has no 'prefx'.*Known are .*prefix"):
        OrderHandoffTags.from_json({"prefx": "Mixer1."})
