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
    """Plans one window more than the next, and says so, so that it can be asked ahead.

    Not before the pace has settled, because what is planned so early is as long as was right one window before.

    :param answers: what reads the windows.
    """

    def __init__(self, answers: WindowAnswers, pace: Pace) -> None:
        self._answers = answers
        self._pace = pace
        self._planned: tuple[datetime, datetime] | None = None

    def end_of(self, start: datetime, end: datetime) -> datetime:
        """Return the end of the window that begins at ``start``, at most ``end``."""
        planned, self._planned = self._planned, None
        if planned is not None and planned[0] == start:
            window_end = min(planned[1], end)
        else:
            window_end = self._pace.end_of(start, end)
        if self._pace.is_settled and window_end < end:
            self._planned = window_end, self._pace.end_of(window_end, end)
            self._answers.expect(*self._planned)
        return window_end

    def note(self, span: timedelta, answers: Sequence[RowCount]) -> None:
        """Adapt to the answers of a window.

        After an empty one nothing that was asked ahead is used: the station may have been changing a segment.
        """
        self._pace.note(span, answers)
        if not any(count.total for count in answers):
            self._planned = None
            self._answers.forget_expected()
