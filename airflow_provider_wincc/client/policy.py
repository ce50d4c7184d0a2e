"""What a connection may write: the rules that no operator, notifier or script goes around."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.arguments import is_finite, quoted_number
from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCWriteRefusedError
from airflow_provider_wincc.client.models import read_number
from airflow_provider_wincc.client.wire import names_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from airflow_provider_wincc.client.models import Scalar

LIMIT_HINT = "Write a value inside the limits, or have the limits changed by whoever owns them."


@dataclass(frozen=True, slots=True)
class TagLimits:
    """Lowest and highest value that may be written to the tags of a pattern; None leaves a side open.

    :raises WinCCConfigurationError: when lowest is above highest, or one is not a finite number.
    """

    pattern: str
    lowest: float | None
    highest: float | None

    def __post_init__(self) -> None:
        if not self.pattern:
            raise WinCCConfigurationError("The limits have an empty pattern.", hint="Name a tag, or write '*' for all.")
        for bound in (self.lowest, self.highest):
            if bound is not None and (
                isinstance(bound, bool) or not isinstance(bound, int | float) or not is_finite(bound)
            ):
                raise WinCCConfigurationError(
                    f"The limits of {self.pattern!r} have {quoted_number(bound)}, which is not a finite number.",
                    hint='Write limits as {"Tank1.Setpoint": [0, 100]}; null leaves a side open.',
                )
        if self.lowest is not None and self.highest is not None and self.lowest > self.highest:
            raise WinCCConfigurationError(
                f"The limits of {self.pattern!r} are the wrong way round: {self.lowest} is above {self.highest}.",
                hint="Write the lowest value first.",
            )

    def check(self, name: str, value: Scalar, *, rule: str) -> None:
        """Refuse a value outside the limits, or one that is no number; a tag that the pattern does not fit passes.

        :param rule: whose limits these are, for the error.
        :raises WinCCWriteRefusedError: naming tag, value and limits.
        """
        if not self.fits(name):
            return
        try:
            # A comma is a decimal mark to one station and a separator of thousands to another.
            number = value if not isinstance(value, str) else None if "," in value else read_number(value)
        except ValueError:
            number = None
        if number is None or isinstance(number, bool):
            raise WinCCWriteRefusedError(
                f"{rule} limits {name!r} to {self._range}, and {value!r} is not a number.", hint=LIMIT_HINT
            )
        if (self.lowest is not None and number < self.lowest) or (self.highest is not None and number > self.highest):
            raise WinCCWriteRefusedError(
                f"{rule} limits {name!r} to {self._range}; {value!r} is outside.", hint=LIMIT_HINT
            )

    def fits(self, name: str) -> bool:
        """Whether these limits are for the tag."""
        # The same tag may be named with its server prefix, "WINCC01::Tank1.Setpoint", or without, here and there.
        _, prefix, tag = name.rpartition("::")
        spellings = [(name, self.pattern)]
        spellings.append((tag, self.pattern) if prefix else (name, self.pattern.rpartition("::")[2]))
        return any(matches_pattern(spelling, pattern) for spelling, pattern in spellings)

    @property
    def _range(self) -> str:
        lowest = "no lower limit" if self.lowest is None else f"{self.lowest}"
        highest = "no upper limit" if self.highest is None else f"{self.highest}"
        return f"{lowest} to {highest}"


@dataclass(frozen=True, slots=True)
class WritePolicy:
    """The write policy of a connection.

    :param read_only: refuse every write.
    :param writable_tags: patterns (``*`` and ``?``) of tags that may be written; None means all. An empty tuple
        means none.
    :param tag_limits: limits by pattern; a value must keep every limit whose pattern fits its tag.

    Patterns ignore letter case, because WinCC does; otherwise another spelling of a tag would pass a limit by.
    """

    read_only: bool = False
    writable_tags: tuple[str, ...] | None = None
    tag_limits: tuple[TagLimits, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.writable_tags, str):
            # Taken as a tuple it would be one pattern for each letter, and "*" among them allows everything.
            raise WinCCConfigurationError(
                f"The writable tags are the text {self.writable_tags!r}.", hint='Give a tuple, such as ("Mixer1.*",).'
            )

    def check(self, values: Mapping[str, Scalar]) -> None:
        """Refuse the whole set when one value of it breaks a rule.

        :raises WinCCWriteRefusedError: naming the rule; nothing was sent.
        """
        if self.read_only:
            raise WinCCWriteRefusedError(
                f"The connection is read only (extra 'read_only'); {_names(values)} not written.",
                hint="Use a connection that is meant for writing.",
            )
        for name, value in values.items():
            self._check_tag(name, value)

    def _check_tag(self, name: str, value: Scalar) -> None:
        if self.writable_tags is not None and not any(matches_pattern(name, pattern) for pattern in self.writable_tags):
            allowed = ", ".join(map(repr, self.writable_tags)) or "none"
            raise WinCCWriteRefusedError(
                f"{name!r} is not among the connection's writable tags (extra 'writable_tags': {allowed}).",
                hint="Check the spelling of the tag, or have the tag added to 'writable_tags' of the connection.",
            )
        for limits in self.tag_limits:
            limits.check(name, value, rule=f"The connection (extra 'tag_limits', {limits.pattern!r})")


def refuse_idle_limits(
    limits: Sequence[TagLimits], names: Iterable[object], *, subject: str, some_may_be_idle: bool = False
) -> None:
    """Refuse limits that a caller gives for a write and that are for none of its tags.

    :param names: of the tags that are written.
    :param subject: what the limits are, as the subject of the error.
    :param some_may_be_idle: refuse them only when all are for none of the tags.
    :raises WinCCConfigurationError: naming the patterns and the tags.
    """
    # What is no name at all, the write itself refuses and says so.
    tags = [name for name in names if isinstance(name, str)]
    idle = [each.pattern for each in limits if not any(each.fits(tag) for tag in tags)]
    if tags and idle and not (some_may_be_idle and len(idle) < len(limits)):
        raise WinCCConfigurationError(
            f"{subject} {names_in_words(idle)}, which bounds none of the tags that are written: "
            f"{names_in_words(dict.fromkeys(tags))}. Nothing was sent.",
            hint="Check the spelling of the pattern and of the tags. Leave out limits for tags that are not written.",
        )


def matches_pattern(name: str, pattern: str) -> bool:
    """Whether a tag name fits a pattern of ``*`` and ``?``, ignoring letter case.

    Square brackets are ordinary characters: WinCC has tags like ``State[1]``.
    """
    return _compiled(pattern).fullmatch(name) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    text = "".join(wildcards.get(character, re.escape(character)) for character in pattern)
    # Not casefold(), which makes two characters of an "ß": a "?" would miss it, and another tag would match it.
    return re.compile(text, re.DOTALL | re.IGNORECASE)


def _names(values: Iterable[str]) -> str:
    return ", ".join(map(repr, values))
