"""Texts from the plant, made safe to show on a terminal."""

from __future__ import annotations


def shown(text: str) -> str:
    r"""Return the text with all that a terminal would obey, or that nobody can see, written as ``\x1b``, ``\u202e``.

    A text from the plant must neither move the cursor nor colour the screen, nor turn the reading direction of what
    stands around it.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def shown_lines(text: str) -> str:
    """Return a text of our own, that may quote some of the plant's, in the same way; its line breaks stay."""
    return "\n".join(map(shown, text.split("\n")))


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
