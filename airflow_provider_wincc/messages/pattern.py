"""``MessagePattern``: which messages are meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Self

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.messages.values import MessageState
from airflow_provider_wincc.client.policy import matches_pattern

if TYPE_CHECKING:
    from airflow_provider_wincc.client.messages.values import Message

HIGHEST_PRIORITY = 16
"""Priorities go from 0 to it. Source: the alarm rows of WinCC's OLE DB provider, Siemens documentation."""


@dataclass(frozen=True, slots=True)
class MessagePattern:
    """Picks messages: all that is given must hold, and a pattern without anything picks every message.

    Names and texts are patterns: ``*`` stands for any characters, ``?`` for one; letter case is ignored. What the
    station does not say of a message fits no pattern that asks for it. Any text may be a Jinja template where an
    operator or sensor takes the pattern.

    :param number: message number, or several of which one must be it.
    :param class_name: name of the message class, such as ``Error``, in the language that is asked for.
    :param type_name: name of the message type, such as ``Alarm``, in the language that is asked for.
    :param text: what one of the user text blocks says. Without ``*`` and ``?`` it is looked for inside the text;
        with them it must fit the whole text.
    :param priority: 0 to 16, or the lowest and the highest that fit.
    :param state: what happened to the message, such as ``came in``, or several of which one must be it.
    :raises WinCCConfigurationError: naming what is wrong, when it is defined or rendered.

    ``is_templated`` says whether it holds Jinja.
    """

    number: int | str | Sequence[int | str] | None = None
    class_name: str | None = None
    type_name: str | None = None
    text: str | None = None
    priority: int | str | tuple[int | str, int | str] | None = None
    state: MessageState | int | str | Sequence[MessageState | int | str] | None = None
    is_templated: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # One form of each, so that what means the same is equal: several are a sorted tuple, a priority is a range.
        normal: dict[str, object] = {
            "number": _several("number", self.number, _number),
            "priority": _priority(self.priority),
            "state": _several("state", self.state, _state),
        }
        for name, value in normal.items():
            object.__setattr__(self, name, value)
        for name in ("class_name", "type_name", "text"):
            _check_text(name, getattr(self, name))
        object.__setattr__(self, "is_templated", any(map(_has_template, self._given.values())))

    def __repr__(self) -> str:
        given = (f"{name}={_as_python(value)}" for name, value in self._given.items())
        return f"{type(self).__name__}({', '.join(given)})"

    def matches(self, message: Message) -> bool:
        """Whether a message is one of those meant, for sure.

        :raises WinCCConfigurationError: when the pattern holds a template that was not rendered.
        """
        return self.judge(message) is True

    def judge(self, message: Message) -> bool | None:
        """Whether a message is one of those meant; None when the station does not say what the pattern asks for.

        :raises WinCCConfigurationError: when the pattern holds a template that was not rendered.
        """
        if self.is_templated:
            raise WinCCConfigurationError(
                f"{self!r} holds a template that was not rendered.",
                hint="Templates are rendered in tasks. Watchers run outside of DAG runs: write the value itself there.",
            )
        parts = (
            _is_one_of(message.number, self.number),
            _is_one_of(message.state_code if message.state is None else message.state, self.state),
            _is_within(message.priority, self.priority),
            _is_named(message.class_name, self.class_name),
            _is_named(message.type_name, self.type_name),
            _says(message.texts, self.text),
        )
        if False in parts:
            return False
        return None if None in parts else True

    def rendered(self, render: Callable[[object], object]) -> Self:
        """Return the pattern with every template in it replaced by what ``render`` makes of it.

        :raises WinCCConfigurationError: when a result does not fit its place.
        """
        return replace(self, **{name: _rendered(name, value, render) for name, value in self._given.items()})

    def resolve(self, context: Mapping[str, Any]) -> Self:
        """Return the pattern rendered by the task of an Airflow context; Airflow's templater calls this."""
        if not self.is_templated:
            return self
        task = context["task"]
        return self.rendered(lambda text: task.render_template(text, context))

    def to_json(self) -> dict[str, Any]:
        """Return what is given as plain JSON types; states in words, a priority as ``[lowest, highest]``."""
        return {name: _plain(value) for name, value in self._given.items()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Return the pattern that :meth:`to_json` has told.

        :raises WinCCConfigurationError: when it is none, naming what is wrong.
        """
        known = [each.name for each in fields(cls) if each.init]
        if not isinstance(told, Mapping) or any(name not in known for name in told):
            raise WinCCConfigurationError(
                f"{told!r} is no message pattern.", hint=f"Expected a mapping with any of {', '.join(known)}."
            )
        return cls(**told)

    @property
    def _given(self) -> dict[str, Any]:
        names = (each.name for each in fields(self) if each.init)
        return {name: value for name in names if (value := getattr(self, name)) is not None}


# Each judges one part: true when it fits or is not asked for, None when the station does not say.


def _is_one_of(value: object, allowed: Any) -> bool | None:
    if allowed is None:
        return True
    return None if value is None else value in allowed


def _is_within(priority: int | None, allowed: Any) -> bool | None:
    if allowed is None:
        return True
    return None if priority is None else allowed[0] <= priority <= allowed[1]


def _is_named(name: str | None, pattern: str | None) -> bool | None:
    if pattern is None:
        return True
    return None if name is None else matches_pattern(name, pattern)


def _says(texts: Sequence[str | None], pattern: str | None) -> bool | None:
    if pattern is None:
        return True
    whole = pattern if "*" in pattern or "?" in pattern else f"*{pattern}*"
    said = [text for text in texts if text is not None]
    return any(matches_pattern(text, whole) for text in said) if said else None


def _several(name: str, given: Any, read: Callable[[str, Any], Any]) -> tuple[Any, ...] | None:
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Sequence):
        given = (given,)
    if not given:
        raise _wrong(name, given, "at least one, or None for any")
    # Templates last: they cannot be compared with numbers.
    read_ones = dict.fromkeys(each if _has_template(each) else read(name, each) for each in given)
    return tuple(sorted(read_ones, key=lambda one: (isinstance(one, str), one)))


def _number(name: str, given: object) -> int:
    number = _whole_number(given)
    if number is None or number < 0:
        raise _wrong(name, given, "a message number, such as 1001, or several")
    return number


def _state(name: str, given: Any) -> MessageState:
    if not isinstance(given, int | str):
        raise _wrong(name, given, "a state in words, such as 'came in', or several")
    return MessageState.parse(given)


def _priority(given: Any) -> object:
    if given is None:
        return None
    ends = tuple(given) if isinstance(given, Sequence) and not isinstance(given, str) else (given, given)
    if _has_template(ends):
        return ends if len(set(ends)) > 1 else ends[0]
    numbers = [_whole_number(end) for end in ends]
    if len(numbers) == 2 and all(number is not None and 0 <= number <= HIGHEST_PRIORITY for number in numbers):
        low, high = numbers
        if low <= high:  # type: ignore[operator]  # neither is None
            return low, high
    raise _wrong(
        "priority", given, f"a whole number from 0 to {HIGHEST_PRIORITY}, or the lowest and the highest of a range"
    )


def _whole_number(given: object) -> int | None:
    if isinstance(given, str) and given.strip().isdecimal():
        return int(given)
    return int(given) if isinstance(given, int) and not isinstance(given, bool) else None


def _check_text(name: str, given: object) -> None:
    if given is not None and (not isinstance(given, str) or not given.strip()):
        raise _wrong(name, given, "a text that is not empty, with * and ? as wildcards, or None for any")


def _wrong(name: str, given: object, expected: str) -> WinCCConfigurationError:
    return WinCCConfigurationError(f"The {name} of a message pattern is {given!r}.", hint=f"Expected {expected}.")


def _has_template(part: object) -> bool:
    if isinstance(part, str):
        return "{{" in part or "{%" in part
    return isinstance(part, Sequence) and any(map(_has_template, part))


def _rendered(name: str, part: Any, render: Callable[[object], object]) -> Any:
    if isinstance(part, tuple):
        results = [_rendered(name, one, render) for one in part]
        # Native rendering may make a list of a single template.
        return results[0] if len(results) == 1 else results
    if not _has_template(part):
        return part
    result = render(part)
    if result is None:
        raise _wrong(name, part, "a template that renders to a value, and this one rendered to None")
    return result


def _plain(value: Any) -> Any:
    if isinstance(value, MessageState):
        return value.words
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _as_python(value: Any) -> str:
    if isinstance(value, tuple):
        if len(set(value)) == 1:
            return _as_python(value[0])
        inner = ", ".join(map(_as_python, value))
        return f"({inner})"
    return repr(_plain(value))
