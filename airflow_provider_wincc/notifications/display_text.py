"""Makes any text into one that a field on an operator's screen can show."""

from __future__ import annotations

_CUT = "..."
SHORTEST_LIMIT = len(_CUT) + 1


def display_text(text: str, limit: int) -> str:
    """Return the text as one line of at most ``limit`` characters; ``...`` at its end says that it was cut.

    Line ends, control characters and whatever else does not print (marks that turn the direction of writing among
    them) become spaces, and several spaces become one. Markup stays what it is: text.

    :param limit: at least ``SHORTEST_LIMIT``.
    """
    printable = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - len(_CUT)].rstrip() + _CUT
