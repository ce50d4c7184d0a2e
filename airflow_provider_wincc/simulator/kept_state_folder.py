"""The folder in which a station keeps its state: one station at a time, written whole or not at all."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.errors import KeptStateError

if TYPE_CHECKING:
    from os import PathLike

_LOCK = "station.lock"
_STATE = "state.json"
_CERTIFICATES = ("ca.pem", "ca.key", "station.pem", "station.key")


class StateFolder:
    """A folder that one station holds from :meth:`hold` to :meth:`release`.

    The lock is the operating system's and ends with the process, however that ends.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path).absolute()
        self._lock: IO[bytes] | None = None

    def hold(self) -> None:
        """Make the folder, if need be, and hold it.

        :raises KeptStateError: when another station holds it, or it cannot be written to.
        """
        lock = self.path / _LOCK
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = lock.open("a+b")
        except OSError as problem:
            raise self._error(f"cannot be written to: {problem.strerror or problem}; choose another one") from None
        try:
            _lock(file)
        except OSError:
            holder = _holder(lock)
            file.close()
            raise self._error(
                f"is used by another simulator{holder}; stop that one, or give this one a folder of its own"
            ) from None
        self._lock = file
        with suppress(OSError):
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()

    def release(self) -> None:
        """Let another station have the folder; does nothing when it is not held."""
        file, self._lock = self._lock, None
        if file is not None:
            with suppress(OSError):
                file.truncate(0)
            file.close()

    def forget(self) -> None:
        """Remove what was kept, certificates too; other files stay.

        :raises KeptStateError: when it cannot be removed.
        """
        try:
            for name in (_STATE, *_CERTIFICATES):
                (self.path / name).unlink(missing_ok=True)
            for client in self.path.glob("client-*"):
                if client.suffix in {".pem", ".key"}:
                    client.unlink(missing_ok=True)
        except OSError as problem:
            raise self._error(f"cannot be emptied: {problem.strerror or problem}") from None

    def load(self) -> dict[str, Any] | None:
        """Read what was kept; None where there is nothing.

        :raises KeptStateError: when it cannot be read.
        """
        try:
            content = json.loads((self.path / _STATE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            raise self.damaged() from None
        if not isinstance(content, dict):
            raise self.damaged()
        return content

    def save(self, text: str) -> None:
        """Write what is to be kept, in place of what was there.

        :raises OSError: when it cannot be written; what was there stays.
        """
        # mkstemp makes the file readable by its owner only, and the rename shows it complete or not at all.
        handle, temporary = tempfile.mkstemp(dir=self.path, prefix=f".{_STATE}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.path / _STATE)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise

    def damaged(self) -> KeptStateError:
        """Make the error for a state that is damaged."""
        return self._error("has a state that is damaged; forget it with --reset (in Python: reset=True)")

    def _error(self, problem: str) -> KeptStateError:
        return KeptStateError(f"the state folder {self.path} {problem}")


def _holder(lock: Path) -> str:
    with suppress(OSError, ValueError):
        return f" (process {int(lock.read_bytes())})"
    return ""


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        # A byte far behind the text, so that others can read who holds it.
        file.seek(2**20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
