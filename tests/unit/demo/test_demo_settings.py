from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.errors import DemoError
from demo.settings import DEFAULT_TIMEOUT, DemoSettings

if TYPE_CHECKING:
    from pathlib import Path


def test_the_defaults_are_the_repository_and_a_stay_for_a_person_at_a_terminal() -> None:
    settings = DemoSettings.from_environment({}, terminal=True)

    assert settings.timeout == DEFAULT_TIMEOUT
    assert settings.stay
    assert settings.dags_folder.name == "example_dags"
    assert settings.home.name == ".demo"


@pytest.mark.parametrize(
    ("environment", "terminal"), [({}, False), ({"DEMO_EXIT": "1"}, True), ({"DEMO_EXIT": "0"}, False)]
)
def test_without_a_terminal_or_with_demo_exit_it_does_not_stay(environment: dict[str, str], terminal: bool) -> None:
    assert not DemoSettings.from_environment(environment, terminal=terminal).stay


@pytest.mark.parametrize("text", ["soon", "0", "-3", "nan", "inf"])
def test_a_timeout_that_is_no_number_of_seconds_is_refused_by_name(text: str) -> None:
    with pytest.raises(DemoError, match=f"DEMO_TIMEOUT is '{text}'. It must be a number of seconds"):
        DemoSettings.from_environment({"DEMO_TIMEOUT": text}, terminal=False)


def test_another_folder_of_dags_can_be_chosen(tmp_path: Path) -> None:
    settings = DemoSettings.from_environment({"DEMO_DAGS_FOLDER": str(tmp_path)}, terminal=False)

    assert settings.dags_folder == tmp_path


def test_a_folder_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"DEMO_DAGS_FOLDER is '.*gone', which is not a folder"):
        DemoSettings.from_environment({"DEMO_DAGS_FOLDER": str(tmp_path / "gone")}, terminal=False)
