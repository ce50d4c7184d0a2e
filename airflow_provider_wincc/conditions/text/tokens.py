"""The text of a condition as words, numbers, quoted texts and signs; anything else is refused here."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from airflow_provider_wincc.conditions.text.pointing import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.conditions.errors import WinCCConditionError
    from airflow_provider_wincc.conditions.text.pointing import ConditionText

LONGEST_TEXT = 20_000
"""Characters. Python's parser needs a level of its stack for each sign in a row, and must not run out of it."""
LONGEST_NUMBER = 320
"""Characters. A float has up to 309 digits before its point, and Python refuses to read thousands."""
CONSTANTS = frozenset({"True", "False"})
WORDS = frozenset({"and", "or", "not"})


class Kind(StrEnum):
    """What a token is."""

    NAME = "name"
    NUMBER = "number"
    TEXT = "text"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, quoted text or sign, and where it stands."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + len(self.text)


def scan(source: ConditionText) -> list[Token]:
    """Return the tokens of the text, without the white space between them.

    :raises WinCCConditionError: when the text is too long or empty, is one whole template, or holds something that
        no condition can hold.
    """
    text = source.text
    if len(text) > LONGEST_TEXT:
        raise source.error(
            0,
            1,
            f"it has {len(text):,} characters, and may have up to {LONGEST_TEXT:,}",
            hint="Write long conditions as Python, or as JSON.",
        )
    if not text.strip():
        raise source.error(0, 0, "it is empty", hint=_EXAMPLE)
    if is_whole_template(text):
        start = len(text) - len(text.lstrip())
        raise source.error(
            start,
            len(text.rstrip()),
            "the whole condition is a template, which cannot be checked before the task runs",
            hint='Write the condition, and only its names and values as templates in quotes: tag("Tank1.Level") >= '
            '"{{ params.level }}".',
        )
    return list(_tokens(source))


def is_whole_template(text: str) -> bool:
    """Whether the text begins with Jinja, where a condition begins with a tag."""
    return text.lstrip().startswith(("{{", "{%", "{#"))


_EXAMPLE = 'Write an expression such as tag("Tank1.Level") >= 40.'
_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<foreign>&&|\|\||<>|===|=>|=<|:=|!(?!=))
  | (?P<text>[rRuU]?(?:"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*'))
  | (?P<number>0[xX][0-9a-fA-F]+|(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign>==|!=|<=|>=|[&|~<>()\[\],.=+-])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|U0010[0-9a-fA-F]{4}|.)")
_UNENCODABLE = re.compile("[\0\ud800-\udfff]")
_INSTEAD = {
    "&&": "Write and.",
    "||": "Write or.",
    "!": "Write not, or != for two values that differ.",
    "<>": "Write !=.",
    "===": "Write ==.",
    "=>": "Write >=.",
    "=<": "Write <=.",
    "{": 'A template stands in quotes: tag("Tank1.Level") >= "{{ params.level }}".',
    **dict.fromkeys(
        "\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb\u00b4`", "Use straight quotes: \"IDLE\" or 'IDLE'."
    ),
    **dict.fromkeys("*/%^", "Conditions do not calculate; write the value itself."),
}
_FOREIGN_WORDS = {
    "in": 'Write tag("Mixer1.State").is_in(["IDLE", "READY"]).',
    "is": "Write ==.",
    "None": "A tag without a reading that counts makes a condition unknown; see quality_is for bad ones.",
}


def _tokens(source: ConditionText) -> Iterator[Token]:
    unencodable = _UNENCODABLE.search(source.text)
    if unencodable:
        raise _foreign(source, unencodable.start(), unencodable.group())
    position = 0
    while position < len(source.text):
        match = _TOKEN.match(source.text, position)
        if match is None or match.lastgroup == "foreign":
            raise _foreign(source, position, match.group() if match else source.text[position])
        position = match.end()
        if match.lastgroup != "space":
            token = Token(Kind(str(match.lastgroup)), match.group(), match.start())
            _check(source, token)
            yield token


def _foreign(source: ConditionText, start: int, found: str) -> WinCCConditionError:
    if found in {'"', "'"}:
        line = re.split(r"[\r\n]", source.text[start:], maxsplit=1)[0]
        return source.error(start, start + len(line), "this quote is not closed on its line")
    shown = repr(found) if found.isprintable() else f"the character U+{ord(found):04X}"
    return source.error(
        start, start + len(found), f"{shown} cannot stand in a condition", hint=_INSTEAD.get(found, _EXAMPLE)
    )


def _check(source: ConditionText, token: Token) -> None:
    match token.kind:
        case Kind.TEXT:
            _check_escapes(source, token)
        case Kind.NUMBER:
            _check_number(source, token)
        case Kind.NAME if keyword.iskeyword(token.text) and token.text not in CONSTANTS | WORDS:
            raise source.error(
                token.start,
                token.end,
                f"{token.text!r} cannot stand in a condition",
                hint=_FOREIGN_WORDS.get(token.text, _EXAMPLE),
            )


def _check_number(source: ConditionText, token: Token) -> None:
    if len(token.text) > LONGEST_NUMBER:
        raise source.error(
            token.start, token.end, f"the number has {len(token.text)} characters, which no tag can hold"
        )
    behind = re.compile(r"\w*").match(source.text, token.end)
    if behind and behind.group():
        raise source.error(
            token.start,
            behind.end(),
            f"{short(source.text[token.start : behind.end()])!r} is not a number",
            hint="Write the number without its unit, or a text in quotes.",
        )
    if re.fullmatch(r"0[0-9_]+", token.text):
        raise source.error(
            token.start, token.end, "a number must not begin with 0", hint="Compare with a text by writing quotes."
        )


def _check_escapes(source: ConditionText, token: Token) -> None:
    if token.text[0] in "rR":
        return
    for escape in _ESCAPE.finditer(token.text):
        what = escape.group(1)
        # Python also knows \b, \1 and the like. In a regular expression they would silently mean something else.
        if len(what) == 1 and what not in "\\'\"nrt":
            start = token.start + escape.start()
            raise source.error(
                start,
                start + 2,
                f"the backslash before {what!r} means nothing in a text",
                hint='Write a regular expression with an r before its quotes, as in r"B-\\d+"; elsewhere double the '
                "backslash.",
            )
