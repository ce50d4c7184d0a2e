"""Which packages a user gets by installing this one: its dependencies, and theirs, as they are installed here."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Iterator

DISTRIBUTION = "airflow-provider-wincc"
RUNTIME_EXTRAS = ("cli", "simulator", "pytest", "arrow", "pandas")
"""The extras that are for users; the others are for the development of the package itself."""


def runtime_packages() -> dict[str, str]:
    """Return version by name of all packages that the distribution needs to run, with all of its runtime extras.

    :raises DemoError: naming a package that is not installed.
    """
    pending = [(canonicalize_name(DISTRIBUTION), extra) for extra in ("", *RUNTIME_EXTRAS)]
    done: set[tuple[str, str]] = set()
    versions: dict[str, str] = {}
    while pending:
        package = pending.pop()
        if package in done:
            continue
        done.add(package)
        name, extra = package
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            raise DemoError(f"{name} is not installed here. Run `make lint` once, which installs everything.") from None
        versions[name] = installed.version
        for needed in _needed(installed.requires or [], extra):
            pending += [(canonicalize_name(needed.name), wanted) for wanted in ("", *needed.extras)]
    del versions[DISTRIBUTION]
    return dict(sorted(versions.items()))


def _needed(lines: list[str], extra: str) -> Iterator[Requirement]:
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement
