"""Where on this machine a certain Python is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def find_python(version: str, *, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the path of a Python that works, None if there is none.

    Looked through are the Python that runs this, `PATH`, and the Pythons that pyenv has installed, which need not be
    on the `PATH`.

    :param version: two numbers, such as `3.12`.
    """
    return next((path for path in _candidates(version, environment) if _is(path, version)), None)


def _candidates(version: str, environment: Mapping[str, str]) -> Iterator[Path]:
    yield Path(sys.executable)
    name = f"python{version}"
    if on_path := shutil.which(name, path=environment.get("PATH", "")):
        yield Path(on_path)
    pyenv = environment.get("PYENV_ROOT") or Path(environment.get("HOME", "~")).expanduser() / ".pyenv"
    yield from sorted(Path(pyenv).glob(f"versions/{version}.*/bin/{name}"), reverse=True)


def _is(path: Path, version: str) -> bool:
    """Run it: a shim of pyenv is on the path of every version, and fails for those that are not chosen."""
    try:
        answer = subprocess.run(
            [str(path), "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == version
