"""Make the project's virtual environment: `python -m demo.environment EXTRA`.

Runs before anything is installed, so it uses the standard library only.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPOSITORY = Path(__file__).resolve().parent.parent
AIRFLOW_VERSION = "3.3.2"
CONSTRAINTS = REPOSITORY / "constraints" / f"airflow-{AIRFLOW_VERSION}.txt"
_TAIL_LINES = 40


class InstallationError(Exception):
    """A step of the installation failed; the message says which, and shows the end of its log."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make `.venv` if it is not there, and install the project, one extra and Airflow into it."""
    parser = argparse.ArgumentParser(prog="python -m demo.environment", description=main.__doc__)
    parser.add_argument("extra", help="extra of the project to install, for example simulator or dev")
    extra = parser.parse_args(arguments).extra
    environment = REPOSITORY / ".venv"
    # SIGTERM ends the installation as Ctrl-C does, and pip with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        make_environment(environment)
        with stage(f"installing Airflow {AIRFLOW_VERSION} and the project with its extra '{extra}'"):
            install(environment, extra, constraints=CONSTRAINTS)
    except InstallationError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; the next call goes on from here", file=sys.stderr)
        return 130
    return 0


def make_environment(environment: Path) -> None:
    """Make a virtual environment, unless there is one that works."""
    if _works(environment):
        return
    shutil.rmtree(environment, ignore_errors=True)
    with stage(f"making {environment.name} with Python {platform.python_version()}"):
        environment.parent.mkdir(parents=True, exist_ok=True)
        log = environment.with_name(f"{environment.name}.log")
        run_logged([sys.executable, "-m", "venv", str(environment)], log)
        log.rename(environment / "creation.log")


def install(environment: Path, extra: str, *, constraints: Path | None) -> None:
    """Install the project as editable, one of its extras, and the pinned Airflow.

    :param constraints: file with the exact version of each package; None lets pip choose.
    """
    command = [
        str(environment / "bin" / "python"),
        *("-m", "pip", "install"),
        *("--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
        *("--editable", f"{REPOSITORY}[{extra}]"),
        f"apache-airflow=={AIRFLOW_VERSION}",
    ]
    if constraints is not None:
        command += ["--constraint", str(constraints)]
    run_logged(command, environment / "install.log")


@contextmanager
def stage(text: str) -> Iterator[None]:
    """Print one line for a stage: what it does, and when it is done how long it took."""
    print(f"{text:<70}", end="", flush=True)
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:6.1f} s", flush=True)


def run_logged(command: Sequence[str], log: Path) -> None:
    """Run a command whose output goes to a log.

    :raises InstallationError: when it fails; with the end of the log.
    """
    with log.open("wb") as output:
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        ).returncode
    if code != 0:
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
        raise InstallationError("\n".join([*tail, "", f"This failed (exit code {code}). The whole log: {log}"]))


def _works(environment: Path) -> bool:
    check = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    command = [str(environment / "bin" / "python"), "-c", check]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
