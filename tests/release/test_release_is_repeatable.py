"""The same files give the same bytes, wherever, whenever and by whomever they are built."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from release.source_archive import unpack
from release.source_tree import date_of

if TYPE_CHECKING:
    from pathlib import Path

    from release.build import Built

pytestmark = pytest.mark.long


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_source_distribution_builds_itself_and_the_wheel_again_byte_for_byte(
    built: Built, checkout: Path, tmp_path: Path, fresh_variables: dict[str, str]
) -> None:
    elsewhere = unpack(built.sdist, tmp_path / "another folder")
    for file in elsewhere.rglob("*"):
        # As a strict umask leaves them, and as old as they can be.
        file.chmod(file.stat().st_mode & 0o700)
        os.utime(file, (0, 0))
    (elsewhere / "airflow_provider_wincc" / "__pycache__").mkdir()
    (elsewhere / "airflow_provider_wincc" / "__pycache__" / "left.cpython-311.pyc").touch()
    (elsewhere / "build" / "lib" / "airflow_provider_wincc").mkdir(parents=True)
    (elsewhere / "build" / "lib" / "airflow_provider_wincc" / "left_from_yesterday.py").touch()
    again = tmp_path / "dist"
    surroundings = {
        "SOURCE_DATE_EPOCH": str(date_of(checkout)),
        "TZ": "Pacific/Chatham",
        "LC_ALL": "C",
    }

    subprocess.run(
        [sys.executable, "-m", "release.build", "--out", str(again)],
        cwd=elsewhere,
        env={**fresh_variables, **surroundings},
        umask=0o077,
        check=True,
        timeout=300,
    )

    assert {file.name: digest(file) for file in again.iterdir()} == {
        file.name: digest(file) for file in (built.sdist, built.wheel)
    }


def test_the_date_of_a_release_is_given_or_that_of_the_last_commit_or_a_constant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    without_git = date_of(tmp_path)
    commit = ["git", "-c", "user.name=n", "-c", "user.email=e", "commit", "--allow-empty", "--quiet", "--message", "m"]
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    dated = {**os.environ, "GIT_COMMITTER_DATE": "@1772440200 +0200"}
    subprocess.run(commit, cwd=tmp_path, env=dated, check=True)
    of_the_commit = date_of(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772440201")
    given = date_of(tmp_path)

    assert (without_git, of_the_commit, given) == (315532800, 1772440200, 1772440201)
