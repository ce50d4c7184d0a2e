"""How a tag of an own plant changes by itself."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from airflow_provider_wincc.client.models import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import Scalar

AtEnd = Literal["stop", "repeat", "reverse"]


class Behaviour(Protocol):
    """What a tag does by itself. Behaviours are settings and hold nothing: each goes on from what the tag shows."""

    @property
    def every(self) -> float:
        """Seconds between two values."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of other tags that it looks at."""

    @property
    def types(self) -> frozenset[DataType]:
        """Types of tags that can behave so."""

    def next_value(self, moment: Moment) -> Scalar | None:
        """Give the next value; None leaves the tag as it is."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a behaviour looks at.

    :param tag: name of its tag.
    :param value: what the tag has, exactly: before it was rounded to the type.
    :param seconds: time of the plant since it started.
    :param others: values of the tags that it reads.
    :param rising: whether it went up last; None when it has not moved yet.
    """

    tag: str
    value: Scalar
    seconds: float
    others: Mapping[str, Scalar]
    rising: bool | None = None


INTEGERS = frozenset(each for each in DataType if each.integer_range is not None)
NUMBERS = INTEGERS | {DataType.FLOAT32, DataType.FLOAT64}


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """Goes from one value to another at an even pace.

    :param start: where it begins again after ``repeat``, and turns after ``reverse``.
    :param to: where it goes.
    :param per_second: how far in a second, above 0.
    :param at_end: ``stop`` there, ``repeat`` from ``start``, or ``reverse``.
    :param every: seconds between two values.
    :raises ValueError: naming the setting that is wrong and what was expected.
    """

    start: float
    to: float
    per_second: float
    at_end: AtEnd = "stop"
    every: float = 1.0
    types = NUMBERS
    reads = ()

    def __post_init__(self) -> None:
        if self.start == self.to:
            raise ValueError("to is another number than from")
        _check(self, "per_second", above=0)
        _check(self, "every", above=0)
        if self.at_end not in get_args(AtEnd):
            raise ValueError(f"at_end is one of {', '.join(get_args(AtEnd))}, not {self.at_end!r}")

    def next_value(self, moment: Moment) -> Scalar | None:
        """Go on; a value that was written beside the way is a place to go on from."""
        low, high = sorted((self.start, self.to))
        value = float(moment.value)
        upwards = self.to > self.start
        if self.at_end == "reverse" and moment.rising is not None:
            upwards = moment.rising
        end, begin = (high, low) if upwards else (low, high)
        if self.at_end == "repeat" and value == end:
            return begin
        if self.at_end == "reverse" and value == end:
            upwards, end = not upwards, begin
        far = self.per_second * self.every
        return min(value + far, max(end, value)) if upwards else max(value - far, min(end, value))


@dataclass(frozen=True, kw_only=True)
class Sine:
    """Swings between two values by the clock of the plant; what is written is gone at the next value.

    :param low: lowest value.
    :param high: highest value.
    :param period: seconds from one highest value to the next.
    :param phase: seconds by which it is ahead; without, it starts in the middle and rises.
    :param every: seconds between two values.
    :raises ValueError: naming the setting that is wrong and what was expected.
    """

    low: float
    high: float
    period: float
    phase: float = 0.0
    every: float = 1.0
    types = NUMBERS
    reads = ()

    def __post_init__(self) -> None:
        _check_order(self.low, self.high)
        _check(self, "period", above=0)
        _check(self, "every", above=0)

    def next_value(self, moment: Moment) -> Scalar | None:
        """Give the value of this time."""
        angle = 2 * math.pi * math.fmod(moment.seconds + self.phase, self.period) / self.period
        return (self.low + self.high) / 2 + (self.high - self.low) / 2 * math.sin(angle)


@dataclass(frozen=True, kw_only=True)
class RandomWalk:
    """Wanders: each value differs from the last by a random amount. The same seed wanders the same way.

    :param step: the most that it changes from one value to the next, above 0.
    :param low: lowest value.
    :param high: highest value.
    :param seed: another one wanders another way; so does another tag.
    :param every: seconds between two values.
    :raises ValueError: naming the setting that is wrong and what was expected.
    """

    step: float
    low: float
    high: float
    seed: int = 0
    every: float = 1.0
    types = NUMBERS
    reads = ()

    def __post_init__(self) -> None:
        _check_order(self.low, self.high)
        _check(self, "step", above=0)
        _check(self, "every", above=0)

    def next_value(self, moment: Moment) -> Scalar | None:
        """Take the next step; at the edge it stays."""
        text = f"{self.seed}/{moment.tag.lower()}/{round(moment.seconds * 10)}"
        drawn = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64
        value = float(moment.value) + self.step * (2 * drawn - 1)
        return min(max(value, self.low), self.high)


@dataclass(frozen=True, kw_only=True)
class Counter:
    """Counts up.

    :param per_second: how many in a second, above 0.
    :param top: the last number before it begins again with 0; the highest of its type if left out.
    :param counts_while: it counts only while this tag of type bool is true.
    :param every: seconds between two values.
    :raises ValueError: naming the setting that is wrong and what was expected.
    """

    per_second: float = 1.0
    top: int | None = None
    counts_while: str | None = None
    every: float = 1.0
    types = INTEGERS

    def __post_init__(self) -> None:
        _check(self, "per_second", above=0)
        _check(self, "every", above=0)
        if self.top is not None and self.top < 1:
            raise ValueError(f"top is a whole number from 1, not {self.top!r}")

    @property
    def reads(self) -> tuple[str, ...]:
        """The tag that lets it count."""
        return () if self.counts_while is None else (self.counts_while,)

    def next_value(self, moment: Moment) -> Scalar | None:
        """Count on."""
        if self.counts_while is not None and moment.others[self.counts_while] is not True:
            return None
        value = float(moment.value) + self.per_second * self.every
        if self.top is not None and value >= self.top + 1:
            return math.fmod(value, self.top + 1)
        return value


@dataclass(frozen=True, kw_only=True)
class Follow:
    """Goes after another tag, as a drive after its set-point.

    :param tag: the tag that it follows.
    :param time_constant: seconds after which 63 % of a jump are done; 0 follows at once.
    :param every: seconds between two values.
    :raises ValueError: naming the setting that is wrong and what was expected.
    """

    tag: str
    time_constant: float = 0.0
    every: float = 1.0
    types = NUMBERS

    def __post_init__(self) -> None:
        _check(self, "time_constant", from_=0)
        _check(self, "every", above=0)

    @property
    def reads(self) -> tuple[str, ...]:
        """The tag that it follows."""
        return (self.tag,)

    def next_value(self, moment: Moment) -> Scalar | None:
        """Come nearer; within a thousandth it is there."""
        target, value = float(moment.others[self.tag]), float(moment.value)
        if self.time_constant == 0 or abs(target - value) <= abs(target) * _NEAR + _NEAR**2:
            return target
        return target + (value - target) * math.exp(-self.every / self.time_constant)


@dataclass(frozen=True, kw_only=True)
class Toggle:
    """Is true and false by turns, by the clock of the plant.

    :param true_for: seconds.
    :param false_for: seconds; it begins with these.
    :param every: seconds between two looks at the clock.
    :raises ValueError: naming the setting that is wrong and what was expected.
    """

    true_for: float
    false_for: float
    every: float = 0.1
    types = frozenset({DataType.BOOL})
    reads = ()

    def __post_init__(self) -> None:
        for name in ("true_for", "false_for", "every"):
            _check(self, name, above=0)

    def next_value(self, moment: Moment) -> Scalar | None:
        """Give the value of this time."""
        # A hundredth of a step keeps a sum of tenths from falling short of the moment that it stands for.
        return math.fmod(moment.seconds + _HUNDREDTH_OF_A_STEP, self.true_for + self.false_for) >= self.false_for


_NEAR = 1e-3
_HUNDREDTH_OF_A_STEP = 1e-3


def _check(settings: object, name: str, *, above: float | None = None, from_: float | None = None) -> None:
    value = getattr(settings, name)
    if above is not None and not value > above:
        raise ValueError(f"{name} is a number above {above:g}, not {value!r}")
    if from_ is not None and not value >= from_:
        raise ValueError(f"{name} is a number from {from_:g}, not {value!r}")


def _check_order(low: float, high: float) -> None:
    if not low < high:
        raise ValueError(f"low is below high, not {low!r} to {high!r}")
