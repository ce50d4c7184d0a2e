"""Answers of which it is certain that the station has left nothing out."""

from __future__ import annotations

import logging
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from airflow_provider_wincc.client.archives.limits import RowCount
from airflow_provider_wincc.client.archives.moments import MILLISECOND, SECOND, ceil_to, floor_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.archives.limits import StationLimits
    from airflow_provider_wincc.client.archives.moments import RequestTimes
    from airflow_provider_wincc.client.archives.values import ArchiveColumns

log = logging.getLogger(__name__)

_AROUND = timedelta(days=31)

Asker: TypeAlias = "Callable[[Sequence[str], datetime, datetime, int], dict[str, ArchiveColumns]]"
"""Sends one request, for tags, from, to and at most so many values; returns the rows of each tag that has any."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came for some tags and a span.

    :param columns: rows, among them those of the overlap.
    :param count: the same, counted.
    :param is_complete: whether it is certain that nothing was left out.
    """

    columns: dict[str, ArchiveColumns]
    count: RowCount
    is_complete: bool


@dataclass(frozen=True, slots=True)
class _Question:
    begin: datetime
    end: datetime
    max_values: int


class CompleteAnswers:
    """Asks for rows, and proves what may have been cut.

    An answer that is a record is proven by asking for its span in two parts. Since each part has at least one row of
    the first answer, a station that had left rows out now shows more of them.
    """

    def __init__(self, ask: Asker, limits: StationLimits, times: RequestTimes) -> None:
        self._ask = ask
        self._limits = limits
        self._times = times

    def of(self, tags: Sequence[str], begin: datetime, end: datetime, max_values: int) -> Answer:
        """Ask once, and as often again as a proof needs."""
        columns = self._ask(tags, begin, end, max_values)
        count = RowCount.of(_counts(columns))
        is_record = self._limits.note(count, max_values)
        is_complete = not self._limits.is_full(count, len(tags), max_values)
        if is_complete and is_record:
            is_complete = self._is_proven(tags, columns, _Question(begin, end, max_values))
        return Answer(columns, count, is_complete)

    def _is_proven(self, tags: Sequence[str], whole: Mapping[str, ArchiveColumns], question: _Question) -> bool:
        count = RowCount.of(_counts(whole))
        # Of a cap for each tag only the fullest can be suspected: it shows that the others are below it.
        suspects = [tag for tag, columns in whole.items() if len(columns) == count.fullest]
        widest = max((whole[tag].timestamps for tag in suspects), key=lambda moments: moments[-1] - moments[0])
        split = self._split_of(widest, question)
        if split is None:
            split = self._split_of(sorted(moment for each in whole.values() for moment in each.timestamps), question)
        if split is None:
            return self._is_proven_by_tags(tags, whole, question)
        middle, overlap = split
        parts = self._in_two_parts(tags, question, middle, overlap)
        if not self._agree(tags, whole, parts, question):
            return False
        left = [tag for tag in suspects if not _is_split(whole[tag].timestamps, middle, overlap)]
        if not left or count.fullest < self._limits.most.fullest:
            return True
        if len(left) == len(whole):
            return self._is_below_any_cap(left, count.fullest, question)
        return self._is_proven(left, {tag: whole[tag] for tag in left}, question)

    def _is_proven_by_tags(self, tags: Sequence[str], whole: Mapping[str, ArchiveColumns], question: _Question) -> bool:
        count = RowCount.of(_counts(whole))
        if len(whole) > 1:
            first = [tag for tag in tags if tag in whole][: len(whole) // 2]
            parts: dict[str, int] = {}
            for half in (first, [tag for tag in tags if tag not in first]):
                parts |= self._counted(half, question)
            if not self._agree(tags, whole, parts, question):
                return False
        if count.fullest < self._limits.most.fullest:
            return True
        fullest = [tag for tag in whole if len(whole[tag]) == count.fullest]
        return self._is_below_any_cap(fullest, count.fullest, question)

    def _in_two_parts(
        self, tags: Sequence[str], question: _Question, middle: datetime, overlap: timedelta
    ) -> dict[str, int]:
        before = self._asked(tags, replace(question, end=middle))
        after = self._asked(tags, replace(question, begin=middle - overlap))
        parts = dict.fromkeys(tags, 0)
        for tag, columns in before.items():
            parts[tag] += bisect_left(columns.timestamps, middle)
        for tag, columns in after.items():
            parts[tag] += len(columns) - bisect_left(columns.timestamps, middle)
        return parts

    def _agree(
        self,
        tags: Sequence[str],
        whole: Mapping[str, ArchiveColumns],
        parts: Mapping[str, int],
        question: _Question,
    ) -> bool:
        counts = dict.fromkeys(tags, 0) | _counts(whole)
        more = [tag for tag in tags if parts.get(tag, 0) > counts[tag]]
        if more:
            # The archive may have grown meanwhile; a cap gives the same number of rows again.
            again = self._counted(tags, question)
            if all(again.get(tag, 0) == counts[tag] for tag in more):
                self._learn_cap(tags, counts, max(more, key=counts.__getitem__), question)
        return not more and all(parts.get(tag, 0) == counts[tag] for tag in tags)

    def _learn_cap(self, tags: Sequence[str], counts: Mapping[str, int], tag: str, question: _Question) -> None:
        total = sum(counts.values())
        of_tag = False
        if len(tags) > 1 and 0 < counts[tag] < total:
            of_tag = self._counted([tag], question).get(tag) == counts[tag]
        self._limits.learn_cap(counts[tag] if of_tag else total, of_tag=of_tag)

    def _counted(self, tags: Sequence[str], question: _Question) -> dict[str, int]:
        return _counts(self._asked(tags, question))

    def _asked(self, tags: Sequence[str], question: _Question) -> dict[str, ArchiveColumns]:
        columns = self._ask(tags, question.begin, question.end, question.max_values)
        self._limits.note(RowCount.of(_counts(columns)), question.max_values)
        return columns

    def _split_of(self, moments: list[datetime], question: _Question) -> tuple[datetime, timedelta] | None:
        for middle, overlap in _candidates(moments):
            is_inside = question.begin < middle - overlap and middle < question.end
            if is_inside and self._times.is_exact(middle) and _is_split(moments, middle, overlap):
                return middle, overlap
        return None

    def _is_below_any_cap(self, tags: Sequence[str], rows: int, question: _Question) -> bool:
        """Prove that so many rows are no cap, for a span that cannot be asked for in parts: by the month around it."""
        around = replace(question, begin=question.begin - _AROUND, end=question.end + _AROUND)
        if max(self._counted(tags, around).values(), default=0) > rows:
            return True
        before = self._counted(tags, replace(around, end=question.begin - MILLISECOND))
        after = self._counted(tags, replace(around, begin=question.end + MILLISECOND))
        if before or after:
            # There are more rows than that, and the station has not handed them out.
            self._limits.learn_cap(rows, of_tag=True)
            return False
        log.warning(
            "%s: %d rows within a few milliseconds and none for a month around them; whether these are all cannot be "
            "proven, because such a span cannot be asked for in parts",
            ", ".join(tags),
            rows,
        )
        return True


def _counts(columns: Mapping[str, ArchiveColumns]) -> dict[str, int]:
    return {tag: len(each) for tag, each in columns.items()}


def _candidates(moments: list[datetime]) -> Iterator[tuple[datetime, timedelta]]:
    median = moments[len(moments) // 2]
    # Whole seconds first: only they are proven on the wire.
    yield ceil_to(SECOND, median), SECOND
    yield floor_to(SECOND, median), SECOND
    yield ceil_to(MILLISECOND, median), MILLISECOND
    yield floor_to(MILLISECOND, moments[0]) + 2 * MILLISECOND, MILLISECOND
    yield floor_to(MILLISECOND, moments[-1]) - MILLISECOND, MILLISECOND


def _is_split(moments: list[datetime], middle: datetime, overlap: timedelta) -> bool:
    # A row before the overlap and one behind the middle: rows that are dropped from a part cannot make up for others.
    return moments[0] < middle - overlap and middle < moments[-1]
