"""Secrets that a test plants, and how to know them again however they were encoded or cut."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

SPECIAL = '/@:%#?&"<ä\\ ;'
"""Characters that a URL, JSON, HTML, a shell and Basic each write in another way."""


@dataclass(frozen=True)
class PlantedSecret:
    """A secret with a mark at each end that no encoding of text changes, so that also half of it is known again.

    :param name: what a test calls it.
    :param login: the user that it belongs to, as Basic has both in one text.
    :param core: what stands between the marks.
    """

    name: str
    login: str = ""
    core: str = SPECIAL

    @property
    def text(self) -> str:
        """The secret itself."""
        return f"{self._mark('A')}{self.core}{self._mark('Z')}"

    @property
    def in_url(self) -> str:
        """The secret as it stands in a URL."""
        return quote(self.text, safe="")

    @property
    def basic(self) -> str:
        """What HTTP Basic makes of it."""
        return base64.b64encode(f"{self.login}:{self.text}".encode()).decode()

    @property
    def needles(self) -> tuple[bytes, ...]:
        """What at least one of is in everything that gives away the secret, or half of it."""
        plain = [self._mark("A").encode(), self._mark("Z").encode()]
        return (
            *plain,
            *(mark.hex().encode() for mark in plain),
            *(form for mark in plain for form in _base64_of(mark)),
        )

    def _mark(self, end: str) -> str:
        return f"{end}q{self.name}{end}q"


@dataclass(frozen=True)
class KeyFile:
    """A private key in PEM form, known again by each of its lines.

    :param name: what a test calls it.
    :param path: of the file.
    """

    name: str
    path: Path

    @property
    def needles(self) -> tuple[bytes, ...]:
        """What at least one of is in everything that gives away a part of the key."""
        return tuple(line for line in self.path.read_bytes().splitlines() if not line.startswith(b"-----"))


def _base64_of(mark: bytes) -> list[bytes]:
    # The same bytes have three forms, by where in a group of three they begin; what the neighbours decide is left out.
    forms = []
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + mark)
        first = -(-before * 8 // 6)
        last = (before + len(mark)) * 8 // 6
        forms.append(encoded[first:last])
    return forms
