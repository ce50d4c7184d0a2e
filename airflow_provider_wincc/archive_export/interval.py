"""The span of time that is exported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.archives.moments import in_utc
from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time in UTC.

    :param start: first moment.
    :param end: first moment after it.
    :raises WinCCConfigurationError: when a moment has no time zone, or the end is not after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name, moment in (("start", self.start), ("end", self.end)):
            if moment.tzinfo is None:
                raise WinCCConfigurationError(
                    f"The {name} {moment.isoformat()} has no time zone.",
                    hint="Write it with one, such as 2026-03-02T07:00:00Z or 2026-03-02T08:00:00+01:00.",
                )
        # Plain ones: pendulum's, which Airflow hands out, do not reckon with those of the standard library.
        object.__setattr__(self, "start", in_utc(self.start))
        object.__setattr__(self, "end", in_utc(self.end))
        if self.end <= self.start:
            raise WinCCConfigurationError(
                f"The interval begins at {self.start.isoformat()} and ends at {self.end.isoformat()}.",
                hint="The end must be later than the start.",
            )

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


def read_moment(name: str, moment: object) -> datetime:
    """Read a moment that is a datetime, or a text in ISO 8601.

    :param name: what it is called in an error.
    :raises WinCCConfigurationError: when it is neither.
    """
    if isinstance(moment, datetime):
        return moment
    try:
        return datetime.fromisoformat(str(moment).strip())
    except ValueError:
        raise WinCCConfigurationError(
            f"The {name} is {moment!r}.", hint="Expected a datetime or a text such as 2026-03-02T07:00:00Z."
        ) from None
