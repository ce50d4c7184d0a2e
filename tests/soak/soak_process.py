"""The processes of a soak, as the one that started them sees them."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from soak_plan import SoakPlan

_HERE = Path(__file__).parent
# Stand-ins for Airflow's database, which the integration tests have as well.
_SHARED = _HERE.parent / "integration" / "airflow"
_END_SECONDS = 20.0


class SoakProcessError(RuntimeError):
    """A process of the soak has ended, or does not answer."""


class SoakProcess:
    """A process of its own that answers each command with one line; use it as a context manager.

    :param name: of the process; its script is ``soak_<name>.py``, its log ``<name>.log`` in the folder.
    :param plan: of the soak.
    :param folder: where it may write.
    :param environment: what it gets beside the environment of this process.
    :param options: further arguments of the script.
    """

    def __init__(
        self, name: str, script: str, plan: SoakPlan, folder: Path, environment: Mapping[str, str], *options: str
    ) -> None:
        self.name = name
        self._log_path = folder / f"{name}.log"
        self._log = self._log_path.open("ab")
        command = [sys.executable, str(_HERE / script), str(folder), plan.to_json(), *options]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_HERE), str(_SHARED)]), **environment},
            # Ctrl-C is for the soak alone, which ends its processes.
            start_new_session=True,
        )
        self._waiting = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def ask(self, do: str, *, seconds: float = 60.0, **words: Any) -> dict[str, Any]:
        """Have it do something; return its answer.

        :raises SoakProcessError: when it has ended, or does not answer in time.
        """
        self.tell(do, **words)
        return self.answer(seconds=seconds)

    def tell(self, do: str, **words: Any) -> None:
        """Have it do something, and do not wait for it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, **words}).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def answer(self, *, seconds: float = 60.0) -> dict[str, Any]:
        """Return the answer to the last command."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + seconds
        while b"\n" not in self._waiting:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise SoakProcessError(f"the {self.name} did not answer within {seconds:g} s:\n{self._last_words()}")
            data = os.read(self._process.stdout.fileno(), 1 << 16)
            if not data:
                raise self._ended()
            self._waiting += data
        line, _, self._waiting = self._waiting.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def hang_up(self) -> None:
        """Tell it that there will be no further command, which ends it in a while."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def close(self) -> None:
        """End it."""
        assert self._process.stdout is not None
        self.hang_up()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()

    def _ended(self) -> SoakProcessError:
        code = self._process.wait(_END_SECONDS)
        return SoakProcessError(f"the {self.name} has ended with exit code {code}:\n{self._last_words()}")

    def _last_words(self) -> str:
        return self._log_path.read_text(errors="replace")[-4000:]
