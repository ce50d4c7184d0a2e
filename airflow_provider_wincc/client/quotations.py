"""What of a station's words can stand in an error: their start, on one line, with nothing that a terminal obeys."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOKED_AT = 20_000
"""Characters of an answer that are looked at for a quotation: a page of HTML may begin with a long style sheet."""

_LONGEST_START = 200
_LONGEST_REASON = 500
# What is never closed counts to the end, so that a text of many openings is looked through once only.
_MARKUP = re.compile(r"<(?:style|script|title)[^<>]*>.*?(?:</[^<>]*>|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE)


def start_of(text: str) -> str:
    """Return the first 200 characters of a text as one line, without HTML tags. Quote it with ``repr``."""
    text = text[:LOOKED_AT]
    if "<" in text:
        text = _MARKUP.sub(" ", text)
    return " ".join(text.split())[:_LONGEST_START]


def reason_of(text: str) -> str:
    """Return the first 500 characters of a reason as one printable line."""
    return printable(" ".join(text[:LOOKED_AT].split()))[:_LONGEST_REASON]


def printable(text: str) -> str:
    r"""Return the text with all that a terminal would obey, or that nobody can see, written as ``\x1b``, ``\u202e``.

    A text from the plant must neither move the cursor nor colour the screen, nor turn the reading direction of what
    stands around it, nor look like another line of a log.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def text_of(content: bytes) -> str:
    """Return the start of a body as text, whatever it is."""
    return content[: 4 * LOOKED_AT].decode("utf-8", errors="replace")


def json_start(value: object) -> str:
    """Return the start of a value of JSON types as JSON, without writing the rest of it."""
    written: Iterator[str] = json.JSONEncoder(ensure_ascii=False).iterencode(value)
    return "".join(islice(written, LOOKED_AT))


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
