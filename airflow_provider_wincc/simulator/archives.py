"""The process value archives of the simulated station, as tests and endpoints see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_wincc.simulator.archive_generation import GeneratedSeries
from airflow_provider_wincc.simulator.archive_moments import HOUR, first_millisecond_from, is_aware, moment_of
from airflow_provider_wincc.simulator.archive_series import HandMadeSeries
from airflow_provider_wincc.simulator.errors import UnknownArchiveError, UnknownTagError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from airflow_provider_wincc.simulator.archive_series import Chunk, Series
    from airflow_provider_wincc.simulator.archive_settings import Archived, SimulatedArchive, SimulatedArchiveTag


class ArchivedRow(NamedTuple):
    """A row of an archive as the station has it; the timestamp is aware, in UTC."""

    timestamp: datetime
    value: Archived | None
    quality: int


class ProcessValueArchive:
    """An archive of the station, to see what it has without a request."""

    def __init__(self, settings: SimulatedArchive) -> None:
        self.name = settings.name
        self._tags = {tag.name.lower(): tag for tag in settings.tags}
        self._series: dict[str, Series] = {}

    def __repr__(self) -> str:
        return f"<ProcessValueArchive {self.name!r}, {len(self._tags)} tags>"

    @property
    def tags(self) -> list[SimulatedArchiveTag]:
        """The tags in the order in which they were given."""
        return list(self._tags.values())

    def rows(self, tag: str, start: datetime, end: datetime) -> Iterator[ArchivedRow]:
        """Make the rows of a tag from ``start`` up to, but not including, ``end``, in time order.

        :raises UnknownTagError: when the archive has no such tag; its name is found with no regard to case.
        :raises ValueError: for a datetime without a zone.
        """
        return _rows_of(self._get(tag).chunks(*self._range(tag, start, end)))

    def count(self, tag: str, start: datetime, end: datetime) -> int:
        """Count the rows of a tag without making them; arguments and errors are those of :meth:`rows`."""
        return self._get(tag).count(*self._range(tag, start, end))

    def series(self, tag: str) -> Series | None:
        """Return the series of a tag; None when the archive has no such tag."""
        settings = self._tags.get(tag.lower())
        if settings is None:
            return None
        if settings.name not in self._series:
            made = GeneratedSeries(settings) if settings.rows is None else HandMadeSeries(settings.rows)
            self._series[settings.name] = made
        return self._series[settings.name]

    def _get(self, tag: str) -> Series:
        series = self.series(tag)
        if series is None:
            raise UnknownTagError(f"archive {self.name!r} of the simulated station has no tag {tag!r}")
        return series

    def _range(self, tag: str, start: datetime, end: datetime) -> tuple[int, int]:
        for name, moment in (("start", start), ("end", end)):
            if not is_aware(moment):
                raise ValueError(f"{name} is a datetime with a zone, not {moment!r}")
        return within(self._get(tag), first_millisecond_from(start), first_millisecond_from(end))


class Archives:
    """All archives of a station, by name.

    :raises ValueError: when two archives have one name.
    """

    def __init__(self, settings: Iterable[SimulatedArchive]) -> None:
        self._archives: dict[str, ProcessValueArchive] = {}
        for archive in settings:
            if archive.name.lower() in self._archives:
                raise ValueError(f"two archives have the name {archive.name!r}")
            self._archives[archive.name.lower()] = ProcessValueArchive(archive)

    def find(self, name: str) -> ProcessValueArchive | None:
        """Find an archive with no regard to case."""
        return self._archives.get(name.lower())

    def get(self, name: str) -> ProcessValueArchive:
        """Return an archive.

        :raises UnknownArchiveError: when there is none of this name.
        """
        archive = self.find(name)
        if archive is None:
            known = ", ".join(repr(archive.name) for archive in self.all()) or "none"
            raise UnknownArchiveError(f"the simulated station has no archive {name!r}; it has {known}")
        return archive

    def all(self) -> list[ProcessValueArchive]:
        """Return the archives in the order in which they were given."""
        return list(self._archives.values())

    def place_of(self, name: str) -> tuple[str, str, Series | None]:
        r"""Find a tag by ``Archive\Tag``, or by its name alone in the first archive that has it.

        Returns the names of archive and tag, and the series, which is None when there is no such tag.
        """
        archive_name, _, tag = name.rpartition("\\")
        if archive_name:
            archive = self.find(archive_name)
            return archive_name, tag, None if archive is None else archive.series(tag)
        for archive in self.all():
            series = archive.series(tag)
            if series is not None:
                return archive.name, tag, series
        return "", tag, None


def within(series: Series, start: int, end: int) -> tuple[int, int]:
    """Cut a range of milliseconds to where the series can have rows now."""
    since = series.since()
    return max(start, since), max(since, min(end, series.until()))


def _rows_of(chunks: Iterable[Chunk]) -> Iterator[ArchivedRow]:
    for chunk in chunks:
        begins = chunk.hour * HOUR
        for offset, value, quality in zip(chunk.offsets, chunk.values, chunk.qualities, strict=True):
            yield ArchivedRow(moment_of(begins + offset), value, quality)
