"""The settings, commands, connections and DAGs that the page on deployment shows, for the tests that run them."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = Path(__file__).parents[2] / "docs" / "deployment.md"


def documented_settings(heading: str, replaced: Mapping[str, str]) -> dict[str, str]:
    """Return what the airflow.cfg below a heading of the page says, as variables of the environment.

    :param replaced: what stands for something else in a test, such as a host name for an address.
    """
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(_block(heading, "ini", replaced))
    return {
        f"AIRFLOW__{name.upper()}__{option.upper()}": value
        for name in parser.sections()
        for option, value in parser.items(name)
    }


def documented_command(heading: str, replaced: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the command below a heading of the page: the variables that are set for it, and its words."""
    words = shlex.split(_block(heading, "bash", replaced))
    start = words.index("airflow")
    variables = dict(word.split("=", maxsplit=1) for word in words[:start])
    return variables, words[start + 1 :]


def documented_connection(heading: str, replaced: Mapping[str, str]) -> dict[str, Any]:
    """Return the connection below a heading of the page."""
    connection: dict[str, Any] = json.loads(_block(heading, "json", replaced))
    return connection


def documented_dags(chapter: str) -> str:
    """Return the code of a chapter as the file that it makes: later blocks go on where the first ones end."""
    text = re.split(r"^## ", PAGE.read_text(encoding="utf-8").partition(f"\n## {chapter}\n")[2], flags=re.MULTILINE)[0]
    found = _blocks("python", text)
    assert found, f"{PAGE.name} shows no DAGs in {chapter!r}"
    return "\n".join(found)


def _block(heading: str, language: str, replaced: Mapping[str, str]) -> str:
    section = re.split(r"^#+ ", PAGE.read_text(encoding="utf-8").partition(f" {heading}\n")[2], flags=re.MULTILINE)[0]
    (block,) = _blocks(language, section)
    for written, meant in replaced.items():
        assert written in block, f"{PAGE.name} does not say {written!r} below {heading!r}"
        block = block.replace(written, meant)
    return str(block)


def _blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
