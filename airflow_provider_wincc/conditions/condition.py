"""Conditions and how they combine: and, or, not, n of them, and held for a time.

A condition only describes. Its methods that do something with the description (write it, read it, render it,
evaluate it) live in modules of their own, which know all forms of conditions and therefore import this one;
that is why those imports stand inside the methods.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar, NoReturn

from airflow_provider_wincc.conditions.durations import checked_duration, read_duration
from airflow_provider_wincc.conditions.errors import WinCCConditionError
from airflow_provider_wincc.conditions.sources import TagSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime, timedelta
    from typing import Any

    from airflow_provider_wincc.client.models import TagFailure, TagValue
    from airflow_provider_wincc.conditions.evaluation import Evaluation
    from airflow_provider_wincc.conditions.memory import Memory


class Condition:
    """What to wait for: an immutable, hashable description that is true, false or unknown for given readings.

    It is made from :func:`tag` and :func:`alive`, and combined with ``&``, ``|``, ``~``, :func:`all_of`,
    :func:`any_of` and :func:`at_least`. Two conditions are equal when they are built alike. ``repr`` is Python
    that builds an equal one.
    """

    __slots__ = ()

    form: ClassVar[str]
    """The name of the form in JSON."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The names of all tags that it looks at, sorted, each once."""
        return tuple(sorted({source.name for node in self.walk() for source in node.sources}))

    @property
    def needs_memory(self) -> bool:
        """Whether it cannot be judged from one reading, because it compares with earlier ones."""
        return bool(self.memory_forms)

    @property
    def memory_forms(self) -> tuple[str, ...]:
        """The forms inside that need a memory, sorted, each once: of ``alive``, ``changed``, ``held_for``."""
        return tuple(sorted({node.form for node in self.walk()} & _FORMS_WITH_MEMORY))

    @property
    def is_templated(self) -> bool:
        """Whether it holds Jinja, and must be rendered before it can be evaluated."""
        return any(getattr(part, "is_templated", False) for part in self._parts())

    @property
    def children(self) -> tuple[Condition, ...]:
        """The conditions directly inside."""
        return tuple(part for part in self._parts() if isinstance(part, Condition))

    @property
    def sources(self) -> tuple[TagSource, ...]:
        """The tags that it looks at itself, without those of the conditions inside."""
        return tuple(part for part in self._parts() if isinstance(part, TagSource))

    def walk(self) -> Iterator[Condition]:
        """Give the condition itself and all conditions inside, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def held_for(
        self,
        duration: timedelta | None = None,
        /,
        *,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> Condition:
        """Return the condition that this one has been true without a break for that long.

        The time counts on the observer's own clock from the first reading for which this condition is true, and
        begins anew after every reading for which it is false or unknown. A dip between two readings is not seen.

        :raises WinCCConditionError: when no positive duration is given, or when it is given twice.
        """
        time = read_duration(duration, hours=hours, minutes=minutes, seconds=seconds, where="held_for")
        return HeldFor(self, time)

    def accept_uncertain(self) -> Condition:
        """Return the condition with readings of uncertain quality counted, for every tag in it."""
        from airflow_provider_wincc.conditions.rendering import with_sources

        return with_sources(self, TagSource.accepting_uncertain)

    def not_older_than(
        self,
        duration: timedelta | None = None,
        /,
        *,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> Condition:
        """Return the condition with an age limit for the readings of every tag in it.

        A reading whose timestamp is older is unknown. Where a tag has a limit already, the stricter holds.
        Timestamps mark the last *change* of a value: to see whether something still runs, use :func:`alive`.

        :raises WinCCConditionError: when no positive duration is given, or when it is given twice.
        """
        from airflow_provider_wincc.conditions.rendering import with_sources

        age = read_duration(duration, hours=hours, minutes=minutes, seconds=seconds, where="not_older_than")
        return with_sources(self, lambda source: source.limited_to(age))

    def render(self, render: Callable[[object], object]) -> Condition:
        """Return a rendered copy; the condition itself stays as it is.

        :param render: called with every text that holds Jinja (tag names, texts and numbers to compare with,
            regular expressions); returns what it stands for.
        :raises WinCCConditionError: when a result does not fit its place, such as a text for a number, an empty
            tag name or a low limit above the high one.
        """
        from airflow_provider_wincc.conditions.rendering import rendered

        return rendered(self, render)

    def resolve(self, context: Mapping[str, Any]) -> Condition:
        """Return a copy rendered by the task of an Airflow context; Airflow's templater calls this.

        The templater asks every object in a template field that has this method for its rendered form. A condition
        without templates returns itself.
        """
        if not self.is_templated:
            return self
        task = context["task"]
        return self.render(lambda text: task.render_template(text, context))

    def evaluate(
        self,
        readings: Mapping[str, TagValue | TagFailure],
        *,
        memory: Memory | None = None,
        now: float | None = None,
        wall_time: datetime | None = None,
        refuse_overridden: bool = False,
    ) -> Evaluation:
        """Judge the condition by these readings.

        :param readings: tag names to readings; a tag that is missing is unknown.
        :param memory: what is remembered of earlier readings of the same wait; it is changed. Needed when
            ``needs_memory``.
        :param now: the observer's monotonic clock in seconds, by default ``time.monotonic()``.
        :param wall_time: the time of day that ages count from, timezone-aware, by default now.
        :param refuse_overridden: count readings that are simulated or overridden on site as unknown, whatever
            else is accepted. For interlocks of writes, and for orders.
        :raises WinCCConditionError: when a value cannot be compared as the condition asks, when the condition
            has not been rendered, or when it needs a memory and none is given.
        """
        from airflow_provider_wincc.conditions.evaluation import evaluate

        return evaluate(
            self,
            readings,
            memory=memory,
            now=now,
            wall_time=wall_time,
            refuse_overridden=refuse_overridden,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the condition as plain JSON types, without loss; equal conditions give equal JSON."""
        from airflow_provider_wincc.conditions.serialization import to_json

        return to_json(self)

    @staticmethod
    def from_json(data: object) -> Condition:
        """Read a condition from what :meth:`to_json` gave.

        :raises WinCCConditionError: when the data is not a condition; it says where.
        """
        from airflow_provider_wincc.conditions.serialization import from_json

        return from_json(data)

    @staticmethod
    def from_text(text: str) -> Condition:
        """Read a condition from a text: its ``repr``, or what people write like it.

        ``and``, ``or`` and ``not`` may stand for ``&``, ``|`` and ``~``, and ``5 <= tag("A") <= 9`` for ``between``.
        The text is never run. It may have up to 20,000 characters and 100 levels; longer and deeper conditions have
        their JSON.

        :raises WinCCConditionError: when the text is not a condition; it shows the place, and what was expected there.
        """
        from airflow_provider_wincc.conditions.text import from_text

        return from_text(text)

    def __and__(self, other: Condition) -> Condition:
        return all_of(self, _right_of("&", other))

    def __or__(self, other: Condition) -> Condition:
        return any_of(self, _right_of("|", other))

    def __rand__(self, other: object) -> NoReturn:
        _refuse_operand("&", other)

    def __ror__(self, other: object) -> NoReturn:
        _refuse_operand("|", other)

    def __invert__(self) -> Condition:
        return Not(self)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} is a condition, which is neither true nor false before it is evaluated. Combine conditions "
            "with &, | and ~ (not with and, or, not), each comparison in parentheses, and write a range such as "
            'a < tag("A") < b as tag("A").between(a, b).'
        )

    def __repr__(self) -> str:
        from airflow_provider_wincc.conditions.representation import as_python

        return as_python(self)

    def _parts(self) -> Iterator[object]:
        for field in fields(self):  # type: ignore[arg-type]  # every form is a dataclass; the base is not
            part = getattr(self, field.name)
            if isinstance(part, tuple):
                yield from part
            else:
                yield part


def all_of(*conditions: Condition) -> Condition:
    """Return the condition that all of these are true; the same as joining them with ``&``.

    :raises WinCCConditionError: when none is given, or something that is no condition.
    """
    return _joined(AllOf, conditions, where="all_of")


def any_of(*conditions: Condition) -> Condition:
    """Return the condition that at least one of these is true; the same as joining them with ``|``.

    :raises WinCCConditionError: when none is given, or something that is no condition.
    """
    return _joined(AnyOf, conditions, where="any_of")


def at_least(count: int, /, *conditions: Condition) -> Condition:
    """Return the condition that at least ``count`` of these are true.

    :raises WinCCConditionError: when the count is below 1 or above the number of conditions, or something given
        is no condition.
    """
    return AtLeast(count, conditions)


@dataclass(frozen=True, slots=True, repr=False)
class Not(Condition):
    """True when the other is false; unknown when it is unknown."""

    form = "not"

    condition: Condition

    def __post_init__(self) -> None:
        _check_conditions((self.condition,), where="~")


@dataclass(frozen=True, slots=True, repr=False)
class AllOf(Condition):
    """False when one is false, else unknown when one is unknown, else true. Nested ones are joined."""

    form = "all_of"

    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        _check_conditions(self.conditions, where="all_of", fewest=2)
        object.__setattr__(self, "conditions", tuple(_flat(AllOf, self.conditions)))


@dataclass(frozen=True, slots=True, repr=False)
class AnyOf(Condition):
    """True when one is true, else unknown when one is unknown, else false. Nested ones are joined."""

    form = "any_of"

    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        _check_conditions(self.conditions, where="any_of", fewest=2)
        object.__setattr__(self, "conditions", tuple(_flat(AnyOf, self.conditions)))


@dataclass(frozen=True, slots=True, repr=False)
class AtLeast(Condition):
    """True when so many are true, false when so many cannot be true any more, else unknown."""

    form = "at_least"

    count: int
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        if isinstance(self.count, bool) or not isinstance(self.count, int):
            raise WinCCConditionError(
                f"at_least: the first argument must be a whole number, not {self.count!r}",
                hint="Write at_least(2, first, second, third).",
            )
        _check_conditions(self.conditions, where="at_least")
        if not 1 <= self.count <= len(self.conditions):
            raise WinCCConditionError(
                f"at_least: the number must be from 1 to the {len(self.conditions)} conditions given, not {self.count}"
            )


@dataclass(frozen=True, slots=True, repr=False)
class HeldFor(Condition):
    """True when the other has been true without a break for the duration, on the observer's clock."""

    form = "held_for"

    condition: Condition
    duration: timedelta

    def __post_init__(self) -> None:
        _check_conditions((self.condition,), where="held_for")
        checked_duration(self.duration, where="held_for")


_FORMS_WITH_MEMORY = frozenset({"alive", "changed", "held_for"})


def _joined(form: type[AllOf | AnyOf], conditions: tuple[Condition, ...], *, where: str) -> Condition:
    _check_conditions(conditions, where=where)
    return conditions[0] if len(conditions) == 1 else form(conditions)


def _flat(form: type[AllOf | AnyOf], conditions: Iterable[Condition]) -> Iterator[Condition]:
    for condition in conditions:
        if isinstance(condition, form):
            yield from condition.conditions
        else:
            yield condition


def _check_conditions(conditions: tuple[object, ...], *, where: str, fewest: int = 1) -> None:
    for condition in conditions:
        if not isinstance(condition, Condition):
            raise WinCCConditionError(
                f"{where}: expected a condition, not {condition!r}",
                hint='Compare a tag first, as in tag("Mixer1.Running") == True; pass a list of conditions '
                "with a star, as in all_of(*conditions).",
            )
    if len(conditions) < fewest:
        raise WinCCConditionError(f"{where}: expected at least {fewest} condition(s), not {len(conditions)}")


def _right_of(operator: str, other: object) -> Condition:
    if not isinstance(other, Condition):
        _refuse_operand(operator, other)
    return other


def _refuse_operand(operator: str, other: object) -> NoReturn:
    raise TypeError(
        f"{operator} joins two conditions, and {other!r} is none. Put each comparison in parentheses, because "
        f'{operator} binds tighter than a comparison: (tag("A") == 1) {operator} (tag("B") == 2).'
    )
