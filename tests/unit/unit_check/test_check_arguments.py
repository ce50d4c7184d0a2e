"""What the command's arguments say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.orders import JobState, OrderHandoffTags
from airflow_provider_wincc.unit_check.arguments import read_pairs, read_settings, read_tags, refuse_password_in_url

if TYPE_CHECKING:
    from pathlib import Path


def test_a_value_may_have_an_equals_sign_in_it_and_may_be_empty() -> None:
    assert read_pairs("--payload", ["Note=a=b", "Lot="]) == {"Note": "a=b", "Lot": ""}


@pytest.mark.parametrize("text", ["Quantity", "=10", ""])
def test_a_pair_without_a_name_or_a_value_is_refused(text: str) -> None:
    with pytest.raises(WinCCConfigurationError, match="--bad has"):
        read_pairs("--bad", [text])


def test_without_a_file_the_standard_names_are_used() -> None:
    tags, knows_id_length = read_tags(None, prefix="Mixer1.", profile="C", id_length=None, parameters=["Quantity"])

    assert tags.roles["request"] == "Mixer1.Order.Request"
    assert tags.payload_tags == {"Quantity": "Mixer1.Order.Quantity"}
    assert not knows_id_length


def test_a_file_is_read_and_what_is_given_goes_before_it(tmp_path: Path) -> None:
    file = tmp_path / "tags.json"
    file.write_text(json.dumps(OrderHandoffTags(prefix="Mixer1.", states={10: "RUNNING"}, id_length=20).to_json()))

    tags, knows_id_length = read_tags(file, prefix="Mixer2.", profile=None, id_length=None, parameters=["Ignored"])

    assert tags.roles["id"] == "Mixer2.Order.Id"
    assert (tags.state_map.states, tags.id_length) == ({10: JobState.RUNNING}, 20)
    assert knows_id_length


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("{", "is not JSON"),
        ("[]", "has a list in it"),
        ('{"prefixx": "A."}', "has no 'prefixx'"),
        ('{"profile": "Z"}', "no profile 'Z'"),
    ],
)
def test_a_file_that_is_no_tag_map_is_named(content: str, word: str, tmp_path: Path) -> None:
    file = tmp_path / "tags.json"
    file.write_text(content)

    with pytest.raises(WinCCConfigurationError, match=word) as caught:
        read_tags(file, prefix=None, profile=None, id_length=None, parameters=[])

    assert str(file) in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WinCCConfigurationError, match="cannot be read"):
        read_tags(tmp_path / "none.json", prefix=None, profile=None, id_length=None, parameters=[])


def test_a_url_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(WinCCConfigurationError) as caught:
        refuse_password_in_url("https://engineer:hidden@wincc01")

    assert "hidden" not in str(caught.value)


def test_certificates_are_checked_with_and_without_a_file(tmp_path: Path) -> None:
    assert read_settings("https://wincc01", "engineer", "x", None).verify is True
    assert read_settings("https://wincc01", "engineer", "x", tmp_path / "ca.pem").verify == str(tmp_path / "ca.pem")
