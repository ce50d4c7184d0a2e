"""Programs that the demo starts, and how it makes sure that nothing of them stays behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Self

from demo.errors import DemoError
from demo.process_table import Process, family_of, list_processes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

LOG_TAIL_LINES = 30


class Service:
    """A program that runs beside the demo, in a session of its own, with its output in a log file.

    Use it as a context manager: however the block is left, the program and every process that it started
    are gone afterwards.

    :param name: how messages call it.
    :param command: program and arguments.
    :param environment: the program's whole environment.
    :param log: file for its output, begun anew.
    :raises DemoError: when the program cannot be started at all.
    """

    def __init__(self, name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(environment),
                    # Ctrl-C in the terminal must reach the demo alone, which then stops things in order.
                    start_new_session=True,
                )
            except OSError as error:
                raise DemoError(f"Cannot start {name} ({command[0]}): {error.strerror or error}.") from error
        self._family: set[Process] = set()
        self._stopped = False

    @property
    def pid(self) -> int:
        """Process id of the program itself."""
        return self._process.pid

    def check(self) -> None:
        """Raise :class:`DemoError`, with the end of the log, if the program has ended by itself."""
        code = self._process.poll()
        if code is not None:
            raise DemoError(f"{self.name} ended by itself (exit code {code}).", details=self.log_tail())

    def log_tail(self) -> list[str]:
        """Path of the log file and its last lines, to print below an error message."""
        return [f"The end of {self.log}:", *tail(self.log)]

    def stop(self, *, grace: float = 10.0) -> None:
        """End the program and every process that it started: SIGTERM first, after `grace` seconds SIGKILL.

        Calling it again does nothing.
        """
        self._stop_by((signal.SIGTERM, grace), (signal.SIGKILL, grace))

    def kill(self, *, patience: float = 10.0) -> None:
        """End the program and every process that it started by SIGKILL, as a machine does that loses its power."""
        self._stop_by((signal.SIGKILL, patience))

    def _stop_by(self, *attempts: tuple[signal.Signals, float]) -> None:
        if self._stopped:
            return
        for number, patience in attempts:
            if self._end_family(number, patience):
                self._process.wait()
                self._stopped = True
                return
        left = ", ".join(str(process.pid) for process in sorted(self._survivors()))
        raise DemoError(f"{self.name} does not end, even after SIGKILL. Processes left: {left}.")

    def _end_family(self, number: signal.Signals, patience: float) -> bool:
        deadline = time.monotonic() + patience
        told: set[Process] = set()
        while survivors := self._survivors():
            # Also processes that appeared after the first round get the signal, each process once.
            for process in survivors - told:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, number)
            told |= survivors
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _survivors(self) -> set[Process]:
        self._process.poll()
        alive = list_processes()
        # What was once seen stays in the family, although a process whose parent died has a new parent.
        self._family |= family_of(self._process.pid, alive)
        self._family &= set(alive)
        return set(self._family)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def tail(path: Path, *, lines: int = LOG_TAIL_LINES) -> list[str]:
    """Last lines of a text file, or one line that says why there are none."""
    try:
        content = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return [f"(cannot read it: {error.strerror or error})"]
    return content.splitlines()[-lines:] or ["(it is empty)"]
