"""The real command in a process of its own, piped or at a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.simulator import Simulator

COMMAND = str(Path(sys.executable).with_name("airflow-wincc"))
PATIENCE = 60
# What would decide about colours, widths and buffers in place of the terminal or pipe.
_FOREIGN = {
    *("COLUMNS", "LINES", "TERM", "NO_COLOR", "FORCE_COLOR", "CI", "GITHUB_ACTIONS"),
    *("PYTHONUNBUFFERED", "WINCC_PASSWORD"),
}
_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def at(station: Simulator, user: str = "engineer") -> list[str]:
    """Return the options that name the station."""
    return ["--url", station.url, "--user", user, "--ca-file", str(station.ca_file)]


def environment_for(station: Simulator | None, *, user: str = "engineer", **more: str) -> dict[str, str]:
    """Return an environment with the user's password, or with none when there is no station."""
    environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    if station is not None:
        environment["WINCC_PASSWORD"] = station.users[user].password
    return environment | more


def run(*arguments: str, environment: Mapping[str, str], typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal, to its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        input=typed,
        timeout=PATIENCE * 2,
        check=False,
        env=dict(environment),
    )


def run_at(
    station: Simulator, *arguments: str, user: str = "engineer", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the command against the station, without a terminal, to its end."""
    return run(*arguments, *at(station, user), environment=environment_for(station, user=user, **more))


class Terminal:
    """The command at a terminal of its own; what it shows is collected.

    :param columns: width of the terminal.
    """

    def __init__(self, *arguments: str, environment: Mapping[str, str], columns: int = 100) -> None:
        self._received = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self._process = subprocess.Popen(
            [COMMAND, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={"TERM": "xterm-256color", **environment},
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)

    @property
    def shown(self) -> str:
        """What was shown, with colours and movements of the cursor."""
        # All of it at once: a read can end in the middle of a character.
        return self._received.decode(errors="replace").replace("\r\n", "\n")

    def wait_for(self, text: str) -> None:
        """Read on until the text has been shown."""
        patience = time.monotonic() + PATIENCE
        while text not in plain(self.shown):
            assert time.monotonic() < patience, f"{text!r} was not shown:\n{self.shown}"
            assert self._read_some(), f"it ended without {text!r}:\n{self.shown}"

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Read on to the end; return the exit code."""
        patience = time.monotonic() + PATIENCE
        while self._read_some():
            assert time.monotonic() < patience, f"it does not end:\n{self.shown}"
        return self._process.wait(PATIENCE)

    def _read_some(self) -> bool:
        """Read what there is within a second; return whether there may be more."""
        if not select.select([self._master], [], [], 1)[0]:
            return True
        # Linux says that a terminal has been closed at its other end by an error.
        with suppress(OSError):
            found = os.read(self._master, 65536)
            self._received += found
            return bool(found)
        return False


def plain(text: str) -> str:
    """Return what was shown without colours and movements of the cursor."""
    return _ESCAPE_SEQUENCE.sub("", text)


def is_coloured(text: str) -> bool:
    return re.search(r"\x1b\[[0-9;]*m", text) is not None
