"""A tag as a source of readings: its name, and what counts as a reading of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from airflow_provider_wincc.conditions.durations import checked_duration
from airflow_provider_wincc.conditions.errors import WinCCConditionError
from airflow_provider_wincc.conditions.literals import is_template, rendered_text

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class TagSource:
    """A tag's name, and which of its readings count.

    :param name: name of the tag; may hold Jinja.
    :param accept_uncertain: whether readings of uncertain quality count too.
    :param not_older_than: how old the timestamp of a reading may be; None for any age.
    :raises WinCCConditionError: when the name is no text or empty, or the age limit no positive duration.
    """

    name: str
    accept_uncertain: bool = False
    not_older_than: timedelta | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise WinCCConditionError(f"the name of a tag must be a text, not {self.name!r}")
        if not self.name.strip():
            raise WinCCConditionError(f"the name of a tag must not be empty, but is {self.name!r}")
        object.__setattr__(self, "name", str.__str__(self.name))
        if self.not_older_than is not None:
            checked_duration(self.not_older_than, where="not_older_than")

    @property
    def is_templated(self) -> bool:
        """Whether the name holds Jinja."""
        return is_template(self.name)

    def accepting_uncertain(self) -> TagSource:
        """Return the source with readings of uncertain quality counted too."""
        return replace(self, accept_uncertain=True)

    def limited_to(self, age: timedelta) -> TagSource:
        """Return the source with an age limit; of two limits the stricter holds."""
        limit = age if self.not_older_than is None else min(age, self.not_older_than)
        return replace(self, not_older_than=limit)

    def rendered(self, result: object) -> TagSource:
        """Return the source under its rendered name.

        :raises WinCCConditionError: when the result is no text or empty.
        """
        try:
            return replace(self, name=rendered_text(self.name, result))
        except WinCCConditionError as error:
            raise WinCCConditionError(f"tag name {self.name!r}: {error.message}", hint=error.hint) from None
