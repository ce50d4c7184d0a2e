"""Run the test suite in the environment of a cell, and count what became of the tests."""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.environment import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

_CHAOS = "tests/integration/chaos"
# What is released, and what is known of its weaknesses, does not depend on the cell, and needs the developers' tools.
_SAME_IN_ALL_CELLS = ("--ignore", "tests/release", "--ignore", "tests/integration/audit")
_PROGRESS_SECONDS = 60.0
_TAIL_BYTES = 64 * 1024
_TAIL_LINES = 60
_SAID_AT_THE_END = re.compile(r" in \d+\.\d+s")
_NUMBER = re.compile(r"(\d+) (passed|failed|error|skipped)")


@dataclass(frozen=True)
class Part:
    """A part of the suite that runs in one go.

    :param options: what pytest is given.
    :param long: whether a hurried run leaves the part out.
    """

    name: str
    options: tuple[str, ...]
    long: bool = False


# As in `make test` and `make long`: the walk under faults and the whole Airflows have the machine to themselves.
PARTS = (
    Part(
        "tests",
        (
            *_SAME_IN_ALL_CELLS,
            "-m",
            "not long and not services",
            "--ignore",
            _CHAOS,
            "-n",
            "4",
            "--dist",
            "loadfile",
            "--no-loadscope-reorder",
        ),
    ),
    Part("walk", (_CHAOS,), long=True),
    Part("long", (*_SAME_IN_ALL_CELLS, "-m", "long and not services"), long=True),
)


@dataclass(frozen=True)
class Counts:
    """What became of tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Add up two parts of a suite."""
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


class SuiteError(Exception):
    """Tests failed, or could not run; the message is the end of what pytest said.

    :param counts: of the part that failed.
    """

    def __init__(self, message: str, counts: Counts) -> None:
        super().__init__(message)
        self.counts = counts


def run_part(part: Part, *, python: Path, folder: Path) -> Counts:
    """Run a part of the suite, and print every minute how far it is.

    :param folder: where the part's log goes.
    :raises SuiteError: when a test failed, or pytest itself did.
    """
    log = folder / f"{part.name}.log"
    command = [str(python), "-m", "pytest", "-o", f"cache_dir={folder / 'pytest_cache'}", *part.options]
    with log.open("wb") as output:
        pytest = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(python),
        )
        try:
            code = _wait_for(pytest, log)
        finally:
            if pytest.poll() is None:
                pytest.terminate()
                pytest.wait()
    counts = count(log)
    if code != 0:
        lines = [*_end_of(log).splitlines()[-_TAIL_LINES:], "", f"pytest ended with {code}. The whole log: {log}"]
        raise SuiteError("\n".join(lines), counts)
    return counts


def count(log: Path) -> Counts:
    """Count what pytest says at its end (`3 failed, 881 passed, 36 skipped in 95.11s`); all zero if it did not."""
    ends = [line for line in _end_of(log).splitlines() if _SAID_AT_THE_END.search(line)]
    found = {what: int(number) for number, what in _NUMBER.findall(ends[-1])} if ends else {}
    return Counts(
        passed=found.get("passed", 0),
        failed=found.get("failed", 0) + found.get("error", 0),
        skipped=found.get("skipped", 0),
    )


def _environment(python: Path) -> dict[str, str]:
    """Return variables for the tests; the commands of the cell's environment come first, as in an activated one."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    return kept | {"PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])}


def _wait_for(pytest: subprocess.Popen[bytes], log: Path) -> int:
    started = time.monotonic()
    while True:
        try:
            return pytest.wait(timeout=_PROGRESS_SECONDS)
        except subprocess.TimeoutExpired:
            percents = re.findall(r"\[ *(\d+)%\]", _end_of(log))
            done = f"{percents[-1]} %" if percents else "starting"
            print(f"    {done} after {time.monotonic() - started:.0f} s", flush=True)


def _end_of(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        return file.read().decode(errors="replace")
