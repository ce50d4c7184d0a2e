"""The reviewed list of vulnerabilities that we know of and cannot mend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from demo.environment import REPOSITORY
from demo.errors import DemoError

if TYPE_CHECKING:
    from pathlib import Path

ACCEPTED = REPOSITORY / "constraints" / "accepted-vulnerabilities.txt"
LONGEST = timedelta(days=183)
"""After so long somebody has to look again."""


@dataclass(frozen=True)
class AcceptedVulnerability:
    """A line of the list.

    :param vulnerability: its id, such as ``PYSEC-2018-28``.
    :param looked_at: day on which somebody last looked at it.
    :param reason: why it does no harm here, or what we wait for.
    """

    vulnerability: str
    looked_at: date
    reason: str

    def is_too_old(self, today: date) -> bool:
        """Whether somebody has to look again."""
        return today - self.looked_at > LONGEST


def read_accepted(file: Path = ACCEPTED) -> list[AcceptedVulnerability]:
    """Read the list.

    :raises DemoError: quoting a line that is none.
    """
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [_read(line) for line in lines if line and not line.startswith("#")]


def _read(line: str) -> AcceptedVulnerability:
    match line.split(maxsplit=2):
        case [vulnerability, day, reason]:
            try:
                return AcceptedVulnerability(vulnerability, date.fromisoformat(day), reason)
            except ValueError:
                pass
    raise DemoError(f"This is no accepted vulnerability: {line!r}. Expected an id, a date and a reason.")
