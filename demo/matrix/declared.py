"""What `setup.cfg` declares as the lowest version of each dependency."""

from __future__ import annotations

import re
from configparser import ConfigParser
from typing import TYPE_CHECKING

from demo.environment import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = "airflow-provider-wincc"
SETUP = REPOSITORY / "setup.cfg"
_OWN_EXTRA = re.compile(rf"{PROJECT}\[(?P<extras>[\w,\s-]+)\]")
_WITH_FLOOR = re.compile(r"(?P<name>[\w.-]+)>=(?P<version>[\w.]+)")


class DeclarationError(Exception):
    """`setup.cfg` declares a dependency in a way that says no lowest version."""


def floors(extra: str, *, setup: str | None = None) -> dict[str, str]:
    """Return the lowest version of each package that the project with an extra depends on, by its name.

    :param setup: text of a `setup.cfg`; that of the project if None.
    :raises DeclarationError: when a dependency has no lowest version, or two different ones.
    """
    found: dict[str, str] = {}
    parser = _parsed(setup)
    for requirement in [*_lines(parser["options"]["install_requires"]), *_of_extra(parser, extra)]:
        match = _WITH_FLOOR.fullmatch(requirement)
        if match is None:
            raise DeclarationError(f"setup.cfg must say the lowest version, as NAME>=VERSION: {requirement}")
        name, version = match["name"].lower(), match["version"]
        if found.setdefault(name, version) != version:
            raise DeclarationError(f"setup.cfg has two lowest versions of {name}: {found[name]} and {version}")
    return found


def requirements(extra: str) -> list[str]:
    """Return the requirements of one extra as they stand in `setup.cfg`."""
    return list(_of_extra(_parsed(None), extra))


def _parsed(setup: str | None) -> ConfigParser:
    parser = ConfigParser()
    parser.read_string(SETUP.read_text(encoding="utf-8") if setup is None else setup)
    return parser


def _of_extra(parser: ConfigParser, extra: str) -> Iterator[str]:
    for line in _lines(parser["options.extras_require"][extra]):
        if own := _OWN_EXTRA.fullmatch(line):
            for name in own["extras"].split(","):
                yield from _of_extra(parser, name.strip())
        else:
            yield line


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
