"""A station in memory: it stands in for the network, and answers archive requests in any way a station may."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from airflow_provider_wincc.client import ArchiveTimes, StationSettings
from airflow_provider_wincc.client.archives.limits import StationLimits
from airflow_provider_wincc.client.archives.reader import ArchiveReader
from airflow_provider_wincc.client.transport import Answer, Transport

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_provider_wincc.client import ArchiveValue

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
_MOST_REQUESTS = 5_000


def at(milliseconds: int) -> datetime:
    return START + milliseconds * MILLISECOND


@dataclass(frozen=True)
class Habits:
    """How a station answers.

    :param limit_per_tag: whether ``maxValues`` holds for each tag, or for the whole answer.
    :param keeps_first: whether the first or the last rows stay when there are more.
    :param cap: most rows, whatever was asked for, about which nothing is said.
    :param tag_by_tag: whether a limit of the whole answer is used up tag by tag, or in time order.
    """

    begin_inclusive: bool = True
    end_inclusive: bool = True
    limit_per_tag: bool = True
    keeps_first: bool = True
    cap: int | None = None
    cap_per_tag: bool = False
    descending: bool = False
    tag_by_tag: bool = False


class StationInMemory(Transport):
    """Answers from rows; ``silent`` requests, counted from 0, get no rows of ``silent_tags`` (None: of any)."""

    def __init__(self, rows: Mapping[str, Iterable[int]], habits: Habits = Habits(), **settings: Any) -> None:
        self.settings = replace(StationSettings.from_url("https://wincc01"), retry_wait=0.0, **settings)
        super().__init__(self.settings)
        self.habits = habits
        self.rows = {
            tag: [(at(moment), number) for number, moment in enumerate(sorted(moments))]
            for tag, moments in rows.items()
        }
        self.requests: list[tuple[list[str], datetime, datetime]] = []
        self.silent: Any = ()
        self.silent_tags: set[str] | None = None
        self.before_answer: Any = None

    def fetch(
        self,
        method: str,
        path: str,
        *,
        query: Any = None,
        body: Any = None,
        headers: Any = None,
        retries: int | None = None,
    ) -> Answer:
        return Answer(method, path, msgspec.json.encode(self._answer(query, body)), {})

    def _answer(self, query: Any, body: Any) -> list[dict[str, Any]]:
        tags = body["variableNames"]
        begin, end = (self._moment(query[name]) for name in ("begin", "end"))
        number = len(self.requests)
        self.requests.append((tags, begin, end))
        assert number < _MOST_REQUESTS, "the reader does not come to an end"
        if self.before_answer is not None:
            self.before_answer(number)
        found = [
            (tag, moment, value) for tag in tags for moment, value in self.rows[tag] if self._is_in(moment, begin, end)
        ]
        if number in self.silent:
            found = [row for row in found if self.silent_tags is not None and row[0] not in self.silent_tags]
        found = self._cut(found, query["maxValues"], per_tag=self.habits.limit_per_tag)
        found = self._cut(found, self.habits.cap, per_tag=self.habits.cap_per_tag)
        if self.habits.descending:
            found.sort(key=lambda row: row[1])
            found.reverse()
        return [{"variableName": tag, "values": [_row(*row[1:]) for row in found if row[0] == tag]} for tag in tags]

    def _moment(self, text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        assert moment.tzinfo is None
        zone = self.settings.timezone if self.settings.archive_times is ArchiveTimes.LOCAL else UTC
        return moment.replace(tzinfo=zone).astimezone(UTC)

    def _is_in(self, moment: datetime, begin: datetime, end: datetime) -> bool:
        after = moment >= begin if self.habits.begin_inclusive else moment > begin
        return after and (moment <= end if self.habits.end_inclusive else moment < end)

    def _cut(self, rows: list[Any], most: int | None, *, per_tag: bool) -> list[Any]:
        if most is None:
            return rows
        groups = [[row for row in rows if row[0] == tag] for tag in dict.fromkeys(row[0] for row in rows)]
        if not per_tag:
            groups = [rows if self.habits.tag_by_tag else sorted(rows, key=lambda row: row[1])]
        return [row for group in groups for row in (group[:most] if self.habits.keeps_first else group[-most:])]

    def reader(self, certain_rows: int | None = None) -> ArchiveReader:
        """Make a reader; with ``certain_rows``, one that trusts answers only below so few rows."""
        reader = ArchiveReader(self, self.settings)
        if certain_rows is not None:
            reader._limits = StationLimits(certain_rows)
        return reader

    def expected(self, tags: Iterable[str], start: datetime, end: datetime) -> list[tuple[str, datetime, float]]:
        """The rows of an interval as they must come: by time, then by tag as asked, then as the station has them."""
        rows = [
            (tag, moment, float(value)) for tag in tags for moment, value in self.rows[tag] if start <= moment < end
        ]
        return sorted(rows, key=lambda row: row[1])


def _row(moment: datetime, value: int) -> dict[str, Any]:
    text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return {"timestamp": f"{text}Z", "value": str(value), "qualitycode": "128"}


def plain(rows: Iterable[ArchiveValue]) -> list[tuple[str, datetime, Any]]:
    return [(row.tag, row.timestamp, row.value) for row in rows]
