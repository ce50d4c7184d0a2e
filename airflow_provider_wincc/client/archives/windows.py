"""An interval of an archive as consecutive windows: nothing is lost and nothing doubled."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.archives.columns import trimmed
from airflow_provider_wincc.client.archives.quiet_tags import QuietTags
from airflow_provider_wincc.client.archives.values import ArchiveWindow
from airflow_provider_wincc.client.errors import WinCCResponseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.archives.window_answers import WindowAnswers
    from airflow_provider_wincc.client.archives.window_plan import WindowPlan

_LONGEST_WAIT = 10.0


class Windows:
    """Reads window after window.

    While WinCC changes a database segment, a request may give no rows for a moment. The first empty window is
    therefore asked for once more after a pause, a few times more when rows were to be expected. If it stays empty,
    it is held back, with those that follow, until rows come or the interval ends; then all of the hole is asked for
    again. A tag that alone has surprisingly no rows is asked for once more, too, and so is one that has none in the
    first window with rows of others. If rows turn up in such a span when it is too late to hand them out in order, it
    is an error.

    :param wait: seconds before an empty window is asked for again; doubles each time.
    :param attempts: how often an empty window is asked for again when rows were to be expected.
    """

    def __init__(
        self, answers: WindowAnswers, plan: WindowPlan, tags: Sequence[str], *, wait: float, attempts: int
    ) -> None:
        self._answers = answers
        self._plan = plan
        self._tags = list(tags)
        self._quiet = QuietTags(tags)
        self._wait = wait
        self._attempts = max(1, attempts)

    def between(self, start: datetime, end: datetime) -> Iterator[ArchiveWindow]:
        """Yield the windows that cover ``start`` to ``end`` without a hole between them.

        :raises WinCCError: when a request failed.
        """
        position = hole_start = start
        while position < end:
            window = self._read_at_pace(position, self._plan.end_of(position, end))
            if not window.columns and position == hole_start:
                is_last = window.end == end
                window = self._insist(window, self._attempts if is_last or self._quiet.surprising(window) else 1)
            elif not window.columns and window.end == end:
                # Nothing more will come that could show that this is a hole.
                window = self._insist(ArchiveWindow(hole_start, end, ()), self._attempts)
                position = window.start
                if not window.columns:
                    # It may have become shorter; only what is behind it is still to be asked for again.
                    yield window
                    hole_start = window.end
            if window.columns:
                window = self._with_missed(window)
                yield from self._read_hole(hole_start, position)
                self._check_quiet_spans(window)
                yield window
                hole_start = window.end
            position = window.end
        if hole_start < end:
            yield ArchiveWindow(hole_start, end, ())

    def _insist(self, empty: ArchiveWindow, attempts: int) -> ArchiveWindow:
        window = empty
        for attempt in range(attempts):
            time.sleep(min(self._wait * 2**attempt, _LONGEST_WAIT))
            window = self._read_at_pace(empty.start, empty.end)
            if window.columns:
                break
        return window

    def _with_missed(self, window: ArchiveWindow) -> ArchiveWindow:
        missed = self._quiet.not_in_the_first(window) or self._quiet.surprising(window)
        if not missed:
            return window
        time.sleep(self._wait)
        return _united(self._tags, window, self._answers.read(missed, window.start, window.end)[0])

    def _read_at_pace(self, start: datetime, end: datetime) -> ArchiveWindow:
        window, counts = self._answers.read(self._tags, start, end)
        self._plan.note(window.end - start, counts)
        return window

    def _read_hole(self, start: datetime, end: datetime) -> Iterator[ArchiveWindow]:
        if start == end:
            return
        # First as a whole: most holes are empty after all.
        window, counts = self._answers.read(self._tags, start, end)
        if window.columns:
            self._plan.note(window.end - start, counts)
            self._check_quiet_spans(window)
        yield window
        while window.end < end:
            window = self._read_at_pace(window.end, self._plan.end_of(window.end, end))
            if window.columns:
                self._check_quiet_spans(window)
            yield window

    def _check_quiet_spans(self, window: ArchiveWindow) -> None:
        for (start, end), tags in self._quiet.note(window).items():
            found = self._tags_with_rows(tags, start, end)
            if found:
                names = ", ".join(map(repr, found))
                raise WinCCResponseError(
                    f"The station had no rows of {names} from {start.isoformat()} to {end.isoformat()} when it was "
                    "first asked, and has some now.",
                    hint="It may have been changing a database segment. Read the interval again.",
                )

    def _tags_with_rows(self, tags: Sequence[str], start: datetime, end: datetime) -> list[str]:
        while start < end:
            window, _ = self._answers.read(tags, start, end)
            if window.columns:
                return [columns.tag for columns in window.columns]
            start = window.end
        return []


def _united(tags: Sequence[str], window: ArchiveWindow, more: ArchiveWindow) -> ArchiveWindow:
    found = {columns.tag: columns for columns in (*window.columns, *more.columns)}
    columns = (trimmed(found[tag], window.start, more.end) for tag in tags if tag in found)
    return ArchiveWindow(window.start, more.end, tuple(filter(None, columns)))
