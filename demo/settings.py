"""What the user can choose about the demo, read from the environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).resolve().parent.parent
DEFAULT_TIMEOUT = 240.0


@dataclass(frozen=True)
class DemoSettings:
    """The user's choices.

    :param timeout: seconds that the demo may take until its DAG run has ended.
    :param stay: keep Airflow and the station up afterwards, until Ctrl-C.
    :param dags_folder: where Airflow looks for the DAG.
    :param home: folder for everything the demo writes.
    """

    timeout: float
    stay: bool
    dags_folder: Path
    home: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, terminal: bool) -> DemoSettings:
        """Read DEMO_TIMEOUT, DEMO_EXIT and DEMO_DAGS_FOLDER.

        :param terminal: whether a person at a terminal started the demo.
        :raises DemoError: when a variable holds something that cannot be used.
        """
        return cls(
            timeout=_timeout(environment.get("DEMO_TIMEOUT", "")),
            stay=terminal and environment.get("DEMO_EXIT", "") in {"", "0"},
            dags_folder=_dags_folder(environment.get("DEMO_DAGS_FOLDER", "")),
            home=REPOSITORY / ".demo",
        )


def _timeout(text: str) -> float:
    if not text:
        return DEFAULT_TIMEOUT
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise DemoError(f"DEMO_TIMEOUT is {text!r}. It must be a number of seconds above 0, for example 300.")
    return seconds


def _dags_folder(text: str) -> Path:
    folder = Path(text).resolve() if text else REPOSITORY / "example_dags"
    if not folder.is_dir():
        raise DemoError(f"DEMO_DAGS_FOLDER is {text!r}, which is not a folder. Give the path of one with DAGs.")
    return folder
