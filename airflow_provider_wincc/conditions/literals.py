"""What a tag is compared with: numbers, texts, bools and patterns, some of them Jinja templates."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from airflow_provider_wincc.client.models import read_number
from airflow_provider_wincc.conditions.errors import WinCCConditionError


def number(value: float | str) -> Number | NumberTemplate:
    """Make a template count as a number where it would be compared as text.

    Only ``==``, ``!=`` and ``is_in`` need it: ``tag("A") == number("{{ params.target }}")``.

    :param value: a Jinja template, a text with a number in it, or a number.
    :raises WinCCConditionError: when it is none of these, or not finite.
    """
    if isinstance(value, str):
        text = str.__str__(value)
        return NumberTemplate(text) if is_template(text) else Number(_number_from_text(text, text))
    return Number(value)


def is_template(text: str) -> bool:
    """Whether the text holds Jinja."""
    return "{{" in text or "{%" in text


def quoted(text: str) -> str:
    """Return the text as a Python literal, in double quotes where that needs no more escapes."""
    literal = repr(text)
    return literal if '"' in text or literal.startswith('"') else f'"{literal[1:-1]}"'


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A finite number. 1 and 1.0 are different literals, because they look different in JSON.

    :raises WinCCConditionError: when the value is no number (a bool is none), or not finite.
    """

    value: int | float

    def __post_init__(self) -> None:
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WinCCConditionError(
                f"expected a number, not {value!r}",
                hint="Give an int, a float, or a Jinja template in a text. To compare with a bool or a text, "
                "use == or !=.",
            )
        if not is_finite(value):
            raise WinCCConditionError(f"expected a finite number, not {_short(value)}")
        # Adding zero turns -0.0 into 0.0, so that equal numbers are the same JSON.
        plain = int(value) if isinstance(value, int) else float(value) + 0.0
        object.__setattr__(self, "value", plain)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[bool, int | float]:
        return isinstance(self.value, float), self.value

    @property
    def is_templated(self) -> bool:
        """Never: a number is a number."""
        return False


@dataclass(frozen=True, slots=True)
class NumberTemplate:
    """A Jinja template that must render to a number."""

    template: str

    def __post_init__(self) -> None:
        if not isinstance(self.template, str) or not is_template(self.template):
            raise WinCCConditionError(
                f"expected a number or a Jinja template, not {self.template!r}",
                hint="Write a number without quotes.",
            )

    @property
    def is_templated(self) -> bool:
        """Always: the number is known only after rendering."""
        return True

    def rendered(self, result: object) -> Number | NumberTemplate:
        """Return what the template stands for.

        :raises WinCCConditionError: when the result is no finite number.
        """
        if isinstance(result, str):
            if is_template(result):
                return NumberTemplate(result)
            return Number(_number_from_text(result, self.template))
        if isinstance(result, bool) or not isinstance(result, int | float):
            raise _not_rendered_to("a number", self.template, result)
        return Number(result)


@dataclass(frozen=True, slots=True)
class Bool:
    """True or false."""

    value: bool

    @property
    def is_templated(self) -> bool:
        """Never."""
        return False

    def __str__(self) -> str:
        return f"the bool {self.value}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text, perhaps with Jinja in it, which stays a text after rendering."""

    value: str

    @property
    def is_templated(self) -> bool:
        """Whether it holds Jinja."""
        return is_template(self.value)

    def rendered(self, result: object) -> Text:
        """Return the text that the template stands for.

        Native rendering gives numbers and bools instead of texts; they count as the text that ordinary rendering
        would have given.

        :raises WinCCConditionError: when the result is anything else.
        """
        return Text(rendered_text(self.value, result))

    def __str__(self) -> str:
        return f"the text {self.value!r}"


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression that must match a whole text.

    :raises WinCCConditionError: when it is no text, or cannot be compiled.
    """

    pattern: str

    def __post_init__(self) -> None:
        if not isinstance(self.pattern, str):
            raise WinCCConditionError(
                f"expected a regular expression as text, not {self.pattern!r}",
                hint='Give the pattern itself; flags go into it, as in "(?i)b-[0-9]+".',
            )
        object.__setattr__(self, "pattern", str.__str__(self.pattern))
        if not self.is_templated:
            try:
                re.compile(self.pattern)
            except (re.error, OverflowError, RecursionError) as error:
                raise WinCCConditionError(f"bad regular expression {self.pattern!r}: {error}") from None

    @property
    def is_templated(self) -> bool:
        """Whether it holds Jinja."""
        return is_template(self.pattern)

    def rendered(self, result: object) -> Regex:
        """Return the pattern that the template stands for.

        :raises WinCCConditionError: when the result is no text, or no regular expression.
        """
        return Regex(rendered_text(self.pattern, result))


Literal = Number | NumberTemplate | Bool | Text
"""A literal that a tag can be compared with for equality."""


def read_literal(value: object) -> Literal:
    """Return the literal that a Python value is when it stands right of ``==``.

    :raises WinCCConditionError: when it is not a number, a bool, a text or ``number(...)``.
    """
    if isinstance(value, Number | NumberTemplate):
        return value
    if isinstance(value, bool):
        return Bool(value)
    if isinstance(value, str):
        return Text(str.__str__(value))
    if isinstance(value, int | float):
        return Number(value)
    raise WinCCConditionError(
        f"a tag cannot be compared with {_short(value)}",
        hint="Compare it with a number, a bool, a text, another tag, or a Jinja template in a text.",
    )


def read_number_literal(value: object) -> Number | NumberTemplate:
    """Return the literal that a Python value is where only numbers can stand.

    :raises WinCCConditionError: when it is not a finite number, a Jinja template or ``number(...)``.
    """
    if isinstance(value, Number | NumberTemplate):
        return value
    if isinstance(value, str):
        return NumberTemplate(str.__str__(value))
    if isinstance(value, int | float):
        return Number(value)
    raise WinCCConditionError(
        f"expected a number, not {_short(value)}",
        hint="Give an int, a float, or a Jinja template in a text that renders to a number.",
    )


def rendered_text(template: str, result: object) -> str:
    """Return the result of a rendering as text.

    :raises WinCCConditionError: when it is not a text, a number or a bool.
    """
    if not isinstance(result, str | bool | int | float):
        raise _not_rendered_to("a text", template, result)
    return str.__str__(result) if isinstance(result, str) else str(result)


def is_finite(value: float) -> bool:
    """Whether the number is one that a float can hold."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _number_from_text(text: str, template: str) -> int | float:
    try:
        value = read_number(text)
    except ValueError:
        value = None
    if value is None:
        if text == template:
            raise WinCCConditionError(f"expected a finite number, not the text {text!r}")
        raise _not_rendered_to("a finite number", template, text)
    return value


def _not_rendered_to(what: str, template: str, result: object) -> WinCCConditionError:
    return WinCCConditionError(
        f"the template {template!r} rendered to {_short(result)}, which is not {what}",
        hint="Check the template and the values that it takes.",
    )


_LONGEST_SHOWN = 100


def _short(value: object) -> str:
    if isinstance(value, int) and not is_finite(value):
        return "an integer of more than 300 digits"
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
