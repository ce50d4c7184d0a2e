"""Requests for archived values, one at a time, in either of the two forms."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow_provider_wincc.client import wire
from airflow_provider_wincc.client.archives.ahead import ArchiveRequest, RequestsAhead
from airflow_provider_wincc.client.archives.columns import columns_of, in_time_order
from airflow_provider_wincc.client.archives.forms import ArchiveForm
from airflow_provider_wincc.client.archives.listing import list_archives, unknown_archive
from airflow_provider_wincc.client.archives.moments import RequestTimes
from airflow_provider_wincc.client.archives.wire import items_by_tag, named_answer, rows_of
from airflow_provider_wincc.client.errors import (
    WinCCError,
    WinCCNotFoundError,
    WinCCResponseError,
    WinCCTagNotFoundError,
)
from airflow_provider_wincc.client.failures import explained, in_words, not_found, tag_error_class
from airflow_provider_wincc.client.paths import is_safe_in_path
from airflow_provider_wincc.client.quotations import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.archives.raw_columns import UnreadableEntryError
    from airflow_provider_wincc.client.archives.values import ArchiveColumns
    from airflow_provider_wincc.client.errors import WinCCTagError
    from airflow_provider_wincc.client.models import TagFailure
    from airflow_provider_wincc.client.settings import StationSettings
    from airflow_provider_wincc.client.transport import Transport

_PAGE_SIZE = 1000
# An answer has an item for each tag, at some stations perhaps for each row.
_MOST_ITEMS_OF_SMALL_ANSWERS = 100_000
_UNKNOWN_TAG_HINT = (
    "Check the spelling. Archive tags are named without the archive's name, and can have other names than the tags "
    "whose values they keep; client.list_archive_tags() names them."
)
_ALL_ARCHIVES = "/tagLogging/Values"


class ArchiveRequests:
    """Asks one archive for rows.

    :param transport: to the station.
    :param settings: of the station: form of requests, times, waiting.
    :param archive: name of the archive.
    """

    def __init__(self, transport: Transport, settings: StationSettings, archive: str) -> None:
        self._transport = transport
        self._ahead = RequestsAhead(transport)
        self._settings = settings
        self._archive = archive
        self._times = RequestTimes(settings.archive_times, settings.timezone)
        self._answered: set[str] = set()
        self._is_listed = False
        self._newest_first = False
        is_single = settings.archive_form is ArchiveForm.SINGLE and is_safe_in_path(archive)
        self._path = f"/tagLogging/Archive/{quote(archive, safe='')}/values" if is_single else _ALL_ARCHIVES

    def rows(
        self, tags: Sequence[str], begin: datetime | None, end: datetime | None, max_values: int
    ) -> dict[str, ArchiveColumns]:
        """Ask for rows; return those of each tag that has any.

        Tags for which the station has no item, or one with a failure that may pass, are asked for once more.

        :param begin: written so that rows at and after it come; None, as ``end``, for the latest rows.
        :param end: written so that rows before it come.
        :raises WinCCTagError: when single tags failed.
        :raises WinCCError: when the request itself failed.
        """
        columns, failures, missing = self._asked(tags, begin, end, max_values)
        again = [*missing, *(tag for tag, failure in failures.items() if failure.retryable)]
        if again:
            time.sleep(self._settings.retry_wait)
            found, failed, missing = self._asked(again, begin, end, max_values)
            columns |= found
            failures = {tag: failure for tag, failure in failures.items() if tag not in again} | failed
        # A station may have no item for a tag without rows; the latest row tells whether it knows the tag at all.
        strangers = [tag for tag in missing if tag not in self._answered]
        if strangers and begin is not None:
            _, failed, strangers = self._asked(strangers, None, None, 1)
            failures |= failed
        failures |= {tag: not_found(tag, "no item in the answer") for tag in strangers}
        if failures:
            raise self.tag_error(failures, asked=len(tags))
        return columns

    def announce(self, tags: Sequence[str], begin: datetime, end: datetime, max_values: int) -> None:
        """Say what is likely to be asked for after the next request: it is sent as soon as that is answered."""
        self._ahead.announce(self._request_for(tags, begin, end, max_values))

    def forget_announced(self) -> None:
        """Do without the answer to what was announced: it would be asked for too early."""
        self._ahead.forget()

    def close(self) -> None:
        """Wait for the request under way."""
        self._ahead.close()

    def refuse_unknown_archive(self, error: WinCCError) -> None:
        """When the station lists its archives and this one is not among them, say so instead of the given error.

        :raises WinCCNotFoundError: naming the archive.
        """
        if not isinstance(error, WinCCNotFoundError) or self._is_listed:
            return
        try:
            listed = {info.name.casefold() for info in list_archives(self._transport, page_size=_PAGE_SIZE)}
        except WinCCError:
            return
        self._is_listed = not listed or self._archive.casefold() in listed
        if not self._is_listed:
            raise unknown_archive(self._archive, error) from error

    def tag_error(self, failures: Mapping[str, TagFailure], *, asked: int, hint: str | None = None) -> WinCCTagError:
        """Make the error for tags that cannot be read."""
        kind = tag_error_class(failures)
        if hint is None and kind is WinCCTagNotFoundError:
            hint = _UNKNOWN_TAG_HINT
        return kind(
            f"{len(failures)} of {asked} tags of the archive {self._archive!r} could not be read: "
            f"{in_words(failures)}.",
            errors=failures,
            hint=hint,
            **self._request,
        )

    def _asked(
        self, tags: Sequence[str], begin: datetime | None, end: datetime | None, max_values: int
    ) -> tuple[dict[str, ArchiveColumns], dict[str, TagFailure], list[str]]:
        answer = self._ahead.answer(self._request_for(tags, begin, end, max_values))
        single = len(tags) == 1
        items = items_by_tag(
            self._archive,
            tags,
            self._transport.items_of(
                named_answer(answer, tags[0]) if single else answer,
                "POST",
                self._path,
                single=single,
                most=max(_MOST_ITEMS_OF_SMALL_ANSWERS, len(tags) * max_values),
            ),
        )
        columns: dict[str, ArchiveColumns] = {}
        failures: dict[str, TagFailure] = {}
        for tag, item in items.items():
            failure = wire.read_failure(item)
            if failure is not None:
                failures[tag] = explained(tag, failure, self._transport.reason_of(failure.reason))
                continue
            self._answered.add(tag)
            rows = self._columns(tag, item)
            if rows is not None:
                columns[tag] = rows
                self._newest_first |= rows.places[0] > rows.places[-1]
        columns = {tag: in_time_order(rows, newest_first=self._newest_first) for tag, rows in columns.items()}
        return columns, failures, [tag for tag in tags if tag not in items]

    def _columns(self, tag: str, item: Mapping[str, Any]) -> ArchiveColumns | None:
        try:
            rows = rows_of(item)
        except ValueError as error:
            reason = str(error)
        else:
            return columns_of(tag, rows, self._settings.timezone, partial(self._unreadable_row, tag)) if rows else None
        raise self._unreadable(tag, reason)

    def _unreadable_row(self, tag: str, error: UnreadableEntryError, row: Mapping[str, Any]) -> WinCCResponseError:
        return self._unreadable(tag, f"the row {dict(row)!r} cannot be read: {error}")

    def _unreadable(self, tag: str, reason: str) -> WinCCResponseError:
        return WinCCResponseError(
            f"The answer for the archive tag {tag!r} cannot be understood: "
            f"{printable(self._transport.start_of(reason))}.",
            status=200,
            **self._request,
        )

    @property
    def _request(self) -> dict[str, Any]:
        path = self._settings.address.base_path + self._path
        return {"method": "POST", "path": path, "station": self._settings.station}

    def _request_for(
        self, tags: Sequence[str], begin: datetime | None, end: datetime | None, max_values: int
    ) -> ArchiveRequest:
        if self._path == _ALL_ARCHIVES:
            return ArchiveRequest(self._path, None, self._multiple(tags, begin, end, max_values))
        query: dict[str, str | int] = {}
        if begin is not None and end is not None:
            query = {"begin": self._times.begin(begin), "end": self._times.end(end)}
        return ArchiveRequest(self._path, {**query, "maxValues": max_values}, {"variableNames": list(tags)})

    def _multiple(
        self, tags: Sequence[str], begin: datetime | None, end: datetime | None, max_values: int
    ) -> dict[str, Any]:
        span = {}
        if begin is not None and end is not None:
            span = {"timeFrom": self._times.begin(begin), "timeTo": self._times.end(end)}
        variables = [{"name": tag, **span, "maxValues": max_values} for tag in tags]
        return {"archives": [{"name": self._archive, "variables": variables}]}
