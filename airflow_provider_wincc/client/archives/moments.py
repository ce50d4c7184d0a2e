"""Moments of an archive read: rounding, and how they are written into a request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.archives.forms import ArchiveTimes

if TYPE_CHECKING:
    from datetime import tzinfo

MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def in_utc(moment: datetime) -> datetime:
    """Return an aware moment as a plain datetime in UTC: subclasses, such as pendulum's, are slow to reckon with."""
    utc = moment.astimezone(UTC)
    return datetime(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond, tzinfo=UTC)


def floor_to(step: timedelta, moment: datetime) -> datetime:
    """Return the last multiple of a step that is not after the moment."""
    return moment - (moment - _EPOCH) % step


def ceil_to(step: timedelta, moment: datetime) -> datetime:
    """Return the first multiple of a step that is not before the moment."""
    return moment + -(moment - _EPOCH) % step


class RequestTimes:
    """Writes the times of requests: without a zone, because only that is proven.

    In local time, the hour that the clock runs through twice cannot be written unmistakably. A request that begins
    or ends in it is therefore made wider, which the caller drops again, and no window is smaller than that hour.

    :param form: how times are written.
    :param timezone: of the station, for local times.
    """

    def __init__(self, form: ArchiveTimes, timezone: tzinfo) -> None:
        self._mark = "Z" if form is ArchiveTimes.UTC_Z else ""
        self._timezone = timezone if form is ArchiveTimes.LOCAL else UTC

    def begin(self, moment: datetime) -> str:
        """Write a moment so that nothing at or after it is left out."""
        return self._text(moment - self._doubt_of(moment))

    def end(self, moment: datetime) -> str:
        """Write a moment so that nothing before it is left out."""
        return self._text(moment + self._doubt_of(moment))

    def is_exact(self, moment: datetime) -> bool:
        """Whether the moment, and an overlap before it, can be written unmistakably."""
        return not self._doubt_near(moment)

    def exact_before(self, moment: datetime) -> datetime:
        """Return the moment if it is exact, else the last exact second before it."""
        doubt = self._doubt_near(moment)
        return moment if not doubt else self._last_exact(moment, doubt)

    def exact_after(self, moment: datetime) -> datetime:
        """Return the moment if it is exact, else the first exact second after it."""
        doubt = self._doubt_near(moment)
        # The clock runs twice through as much time as it goes back; then comes the second of the overlap.
        return moment if not doubt else self._last_exact(moment, doubt) + SECOND + 2 * doubt + SECOND

    def _last_exact(self, moment: datetime, doubt: timedelta) -> datetime:
        # Clocks change at whole seconds.
        exact, doubtful = floor_to(SECOND, moment - 2 * doubt - SECOND), floor_to(SECOND, moment)
        while doubtful - exact > SECOND:
            middle = floor_to(SECOND, exact + (doubtful - exact) / 2)
            exact, doubtful = (exact, middle) if self._doubt_near(middle) else (middle, doubtful)
        return exact

    def _doubt_near(self, moment: datetime) -> timedelta:
        return self._doubt_of(moment) or self._doubt_of(moment - SECOND)

    def _doubt_of(self, moment: datetime) -> timedelta:
        if self._timezone is UTC:
            return timedelta(0)
        local = moment.astimezone(self._timezone)
        first, second = (local.replace(fold=fold).utcoffset() or timedelta(0) for fold in (0, 1))
        return first - second

    def _text(self, moment: datetime) -> str:
        local = moment.astimezone(self._timezone).replace(tzinfo=None)
        return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds") + self._mark
