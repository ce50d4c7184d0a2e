"""Where the next windows end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from airflow_provider_wincc.client.archives.limits import RowCount
    from airflow_provider_wincc.client.archives.pace import Pace
    from airflow_provider_wincc.client.archives.window_answers import WindowAnswers


class WindowPlan:
    """Plans window by window; when it may ask ahead, one more than the next, and announces that.

    Not before the pace has settled, because what is asked ahead is as long as was right one window earlier.

    :param announce_to: what asks ahead; None to plan only what is asked for now.
    :param tags: of all windows.
    """

    def __init__(self, announce_to: WindowAnswers | None, pace: Pace, tags: Sequence[str]) -> None:
        self._announce_to = announce_to
        self._pace = pace
        self._tags = list(tags)
        self._planned: tuple[datetime, datetime] | None = None

    def end_of(self, start: datetime, end: datetime) -> datetime:
        """Return the end of the window that begins at ``start``, at most ``end``."""
        planned = self._planned
        if planned is not None and planned[0] == start:
            window_end = min(planned[1], end)
        else:
            window_end = self._pace.end_of(start, end)
        self._planned = None
        if self._announce_to is not None and self._pace.is_settled and window_end < end:
            self._planned = window_end, self._pace.end_of(window_end, end)
            self._announce_to.announce(self._tags, *self._planned)
        return window_end

    def note(self, span: timedelta, answers: Sequence[RowCount]) -> None:
        """Adapt to the answers of a window.

        After an empty one nothing that was asked ahead is used: the station may have been changing a segment.
        """
        self._pace.note(span, answers)
        if self._announce_to is not None and not any(count.total for count in answers):
            self._planned = None
            self._announce_to.forget_announced()
