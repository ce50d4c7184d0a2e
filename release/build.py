"""Build the source distribution, and the wheel from it: `python -m release.build` (or `make build`).

The same files give the same bytes, in whatever folder, at whatever time and by whomever they are built: they are
built from a copy with normal modes and dates, by one exact version of setuptools (constraints/build.txt). Only another
Python may compress them otherwise, because it may have another zlib.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from release.source_archive import unpack, write_again
from release.source_tree import REPOSITORY, copy_tree, date_of, uncommitted

if TYPE_CHECKING:
    from collections.abc import Sequence

_TAIL_LINES = 40


@dataclass(frozen=True)
class Built:
    """The files of a release."""

    sdist: Path
    wheel: Path


class BuildError(Exception):
    """A step of the build failed; the message has the end of what it printed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build into a folder, and check what indexes and installers check."""
    parser = argparse.ArgumentParser(prog="python -m release.build", description=main.__doc__)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "dist", help="folder for the files (default: dist)")
    out = parser.parse_args(arguments).out
    if differing := uncommitted(REPOSITORY):
        print("Not the last commit; this is in none:", *differing, sep="\n", file=sys.stderr)
    try:
        built = build(out, tree=REPOSITORY)
        check(built)
    except BuildError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    for file in (built.sdist, built.wheel):
        print(f"{file}  {file.stat().st_size:,} bytes")
    print(f"dated {datetime.fromtimestamp(date_of(REPOSITORY), UTC):%Y-%m-%d %H:%M:%S} UTC")
    return 0


def build(out: Path, *, tree: Path) -> Built:
    """Build both files from a checkout or an unpacked source distribution.

    :param out: folder for them; is made if it is not there, and files of the same names in it are replaced.
    :raises BuildError: when setuptools fails.
    """
    date = date_of(tree)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        work = Path(name)
        copy_tree(tree, work / "tree", date=date)
        made = _setuptools("--sdist", work / "tree", work / "sdist", date=date)
        sdist = out / made.name
        write_again(made, sdist, tree=work / "tree", date=date)
        unpacked = unpack(sdist, work / "unpacked")
        made = _setuptools("--wheel", unpacked, work / "wheel", date=date)
        wheel = out / made.name
        wheel.write_bytes(made.read_bytes())
    return Built(sdist, wheel)


def check(built: Built) -> None:
    """Check the metadata, the description and what is in the wheel.

    :raises BuildError: when something is wrong; it says what.
    """
    _run([sys.executable, "-m", "twine", "check", "--strict", str(built.sdist), str(built.wheel)])
    _run([sys.executable, "-m", "check_wheel_contents", str(built.wheel)])


def _setuptools(kind: str, tree: Path, out: Path, *, date: int) -> Path:
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(date),
        # As an address, because pip takes a space for the end of a path here.
        "PIP_CONSTRAINT": (REPOSITORY / "constraints" / "build.txt").as_uri(),
        "PYTHONHASHSEED": "0",
    }
    _run([sys.executable, "-m", "build", kind, "--outdir", str(out), str(tree)], environment)
    (made,) = out.iterdir()
    return made


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        umask=0o022,
        check=False,
    )
    if done.returncode != 0:
        tail = done.stdout.splitlines()[-_TAIL_LINES:]
        raise BuildError("\n".join([*tail, "", f"This failed (exit code {done.returncode}): {' '.join(command[1:])}"]))


if __name__ == "__main__":
    sys.exit(main())
