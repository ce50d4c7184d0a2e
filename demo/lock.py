"""One demo at a time in one folder: a second one would empty the database below the first."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Hold the folder for this demo; the lock ends with the process, however it ends.

    :raises DemoError: when another demo holds it.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)  # the logs in it hold the logins of the demo
    with (home / "lock").open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoError(f"Another demo is running in {home}. Stop it first, with Ctrl-C.") from error
        yield
