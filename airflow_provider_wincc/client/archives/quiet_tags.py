"""Tags that suddenly have no rows: a station that changes its database segment looks like that for a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.archives.values import ArchiveWindow

_SURPRISING = 5.0
"""So many rows would have come at the mean rate so far: that none did is no coincidence."""


@dataclass(slots=True)
class _History:
    since: datetime
    rows: int = 0
    quiet_since: datetime | None = None


class QuietTags:
    """Keeps count of the rows of each tag, to know whether none in a window is a surprise."""

    def __init__(self, tags: Sequence[str]) -> None:
        self._tags = list(tags)
        self._histories: dict[str, _History] = {}
        self._first_rows: datetime | None = None

    def not_in_the_first(self, window: ArchiveWindow) -> list[str]:
        """Return the tags that have no rows in a window, when it is the first with rows of others; else none.

        Nothing is known yet of how many rows they have: the station may have been silent just while it was asked.
        """
        if self._histories or not window.columns:
            return []
        present = {column.tag for column in window.columns}
        return [tag for tag in self._tags if tag not in present]

    def surprising(self, window: ArchiveWindow) -> list[str]:
        """Return the tags that have no rows in a window although some were to be expected.

        A tag that was missed already in the window before is none of them.
        """
        present = {column.tag for column in window.columns}
        return [
            tag
            for tag, history in self._histories.items()
            if tag not in present
            and history.quiet_since is None
            and self._expected(history, window.start, window.end) >= _SURPRISING
        ]

    def note(self, window: ArchiveWindow) -> dict[tuple[datetime, datetime], list[str]]:
        """Take a window into account; return the spans that were surprisingly quiet and are over, with their tags.

        Of a tag that has its first rows only now, the span since the first rows of any tag is judged by these.
        """
        present = {column.tag: len(column) for column in window.columns}
        over: dict[tuple[datetime, datetime], list[str]] = {}
        if self._first_rows is None:
            self._first_rows = window.start
        for tag in self._tags:
            history = self._histories.get(tag)
            if tag not in present:
                if history is not None and history.quiet_since is None:
                    history.quiet_since = window.start
                continue
            if history is None:
                history = self._histories[tag] = _History(window.start)
                late_by = window.start - self._first_rows
                if present[tag] * (late_by / (window.end - window.start)) >= _SURPRISING:
                    over.setdefault((self._first_rows, window.start), []).append(tag)
            elif history.quiet_since is not None:
                if self._expected(history, history.quiet_since, window.start) >= _SURPRISING:
                    over.setdefault((history.quiet_since, window.start), []).append(tag)
                history.quiet_since = None
            history.rows += present[tag]
        return over

    def _expected(self, history: _History, start: datetime, end: datetime) -> float:
        return history.rows * ((end - start) / (start - history.since))
