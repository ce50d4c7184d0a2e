"""What of the checkout goes into a release, and the one date that all of it bears."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

REPOSITORY = Path(__file__).resolve().parent.parent
# Where nothing says how old the files are: the earliest date that a zip file, and so a wheel, can bear.
DATE_WITHOUT_GIT = 315532800
_LISTED_BY_SETUPTOOLS = Path("airflow_provider_wincc.egg-info") / "SOURCES.txt"


def files_of(tree: Path) -> list[Path]:
    """Return the files of a checkout, or of an unpacked source distribution, sorted, relative to it.

    In a checkout these are the files that git tracks, and the new ones that it does not ignore, as they are now.
    """
    if (tree / ".git").exists():
        listed = _git(tree, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    else:
        listed = (tree / _LISTED_BY_SETUPTOOLS).read_text(encoding="utf-8").splitlines()
    kept = (name for name in set(listed) if name and Path(name).parent != _LISTED_BY_SETUPTOOLS.parent)
    return sorted(Path(name) for name in kept if (tree / name).is_file())


def uncommitted(tree: Path) -> list[str]:
    """Return the lines of `git status` for what differs from the last commit; empty outside a checkout."""
    return _git(tree, "status", "--porcelain").splitlines() if (tree / ".git").exists() else []


def date_of(tree: Path) -> int:
    """Return the date of a release in seconds since 1970.

    It is `SOURCE_DATE_EPOCH` if that is set, else the date of the last commit, else :data:`DATE_WITHOUT_GIT`.
    """
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    if (tree / ".git").exists():
        return int(_git(tree, "log", "-1", "--format=%ct"))
    return DATE_WITHOUT_GIT


def copy_tree(tree: Path, target: Path, *, date: int) -> None:
    """Copy the files of a release, with the modes and the date that they have on every machine."""
    for name in files_of(tree):
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree / name, copy)
        copy.chmod(0o755 if (tree / name).stat().st_mode & 0o100 else 0o644)
        os.utime(copy, (date, date))


def _git(tree: Path, *arguments: str) -> str:
    command: Sequence[str] = ["git", "-C", str(tree), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
