"""``WinCCClient``: one method per capability of the WinCC REST interface."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from airflow_provider_wincc.client import wire
from airflow_provider_wincc.client.archives import listing
from airflow_provider_wincc.client.archives.reader import ArchiveReader
from airflow_provider_wincc.client.arguments import TypeWish, check_names, check_types, check_values
from airflow_provider_wincc.client.errors import (
    WinCCError,
    WinCCNotFoundError,
    WinCCResponseError,
    WinCCTagError,
    WinCCWriteOutcomeUnknownError,
)
from airflow_provider_wincc.client.failures import (
    REFUSED_FOR_ITS_CONTENT,
    explained,
    in_words,
    not_found,
    refused_alone,
    tag_error_class,
)
from airflow_provider_wincc.client.messages import kinds
from airflow_provider_wincc.client.messages.arguments import check_number
from airflow_provider_wincc.client.messages.listing import MessageConfigurationReader
from airflow_provider_wincc.client.messages.reader import MessageReader
from airflow_provider_wincc.client.models import (
    DataType,
    FailureKind,
    TagFailure,
    TagInfo,
    TagReadings,
    TagValue,
)
from airflow_provider_wincc.client.paging import browse
from airflow_provider_wincc.client.paths import is_safe_in_path
from airflow_provider_wincc.client.transport import OutcomeUnknown, Transport

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from datetime import datetime
    from types import TracebackType

    from airflow_provider_wincc.client.archives.values import (
        ArchiveInfo,
        ArchiveTagInfo,
        ArchiveValue,
        ArchiveWindow,
        TimerInfo,
    )
    from airflow_provider_wincc.client.messages.query import MessageQuery
    from airflow_provider_wincc.client.messages.values import MessageConfiguration, MessageReading
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.client.settings import StationSettings

_VALUES = "/tagManagement/Values"
_VALUE = "/tagManagement/Value/"
_CONNECTIONS = "/tagManagement/Connections"
_MOST_SPLITS = 16


class WinCCClient:
    """A client of one WinCC station.

    It sends one request at a time with at most ``batch_size`` tags in each, because real stations stall under
    parallel and oversized requests. Use it from one thread at a time, as a context manager or with
    :meth:`close`. Making one sends nothing.

    :raises WinCCConfigurationError: when a certificate or key file of the settings cannot be used.
    """

    def __init__(self, settings: StationSettings) -> None:
        self.settings = settings
        self._transport = Transport(settings)
        self._archives = ArchiveReader(self._transport, settings)
        self._messages = MessageReader(self._transport, settings)
        self._message_configuration = MessageConfigurationReader(self._transport, settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"WinCCClient({self.settings.address.url!r})"

    def close(self) -> None:
        """Close the connections to the station; the client can be used again afterwards."""
        self._transport.close()

    def check_login(self) -> None:
        """Send one cheap request that needs a login and the right to read. It is tried once.

        :raises WinCCError: of the kind that says which step failed.
        """
        self._transport.read("GET", _CONNECTIONS, query={"itemLimit": 1}, retries=0)

    def read_tags(self, names: Iterable[str], *, types: TypeWish | None = None) -> dict[str, TagValue]:
        """Read tags; return name → reading in the order asked, each name once.

        A reading of bad quality is a reading: look at ``quality`` before you act on ``value``.

        :param names: tags, spelled as in WinCC; sent byte for byte.
        :param types: data types to read values as, by tag; other values become bool, int, float or text as far as
            their own text allows.
        :raises WinCCTagNotFoundError: when all failed tags are unknown to the station.
        :raises WinCCTagError: when single tags failed; ``errors`` says why, ``values`` has the others.
        :raises WinCCError: when the request itself failed.
        """
        readings = self.try_read_tags(names, types=types)
        if readings.failures:
            raise self._read_error(readings, method="POST", path=_VALUES)
        return readings.values

    def try_read_tags(self, names: Iterable[str], *, types: TypeWish | None = None) -> TagReadings:
        """Read tags like :meth:`read_tags`, but return the failures of single tags beside the readings.

        :raises WinCCError: when the request itself failed.
        """
        asked = check_names(names)
        wishes = check_types(types)
        size = self.settings.batch_size
        values: dict[str, TagValue] = {}
        failures: dict[str, TagFailure] = {}
        splits = _Splits()
        for start in range(0, len(asked), size):
            readings = self._read_batch(asked[start : start + size], splits)
            values.update(readings.values)
            failures.update(readings.failures)
        _apply_wishes(wishes, values, failures)
        if list(values) != asked:
            values = {name: values[name] for name in asked if name in values}
        return TagReadings(values, failures)

    def read_tag(self, name: str, *, data_type: DataType | str | type | None = None) -> TagValue:
        """Read one tag.

        :raises WinCCTagNotFoundError: when the station does not know it.
        :raises WinCCTagError: when it could not be read for another reason.
        :raises WinCCError: when the request itself failed.
        """
        check_names([name])
        types = None if data_type is None else {name: data_type}
        if not is_safe_in_path(name):
            return self.read_tags([name], types=types)[name]
        path = _VALUE + quote(name, safe="")
        readings = self._read_single(name, path)
        _apply_wishes(check_types(types), readings.values, readings.failures)
        if readings.failures:
            raise self._read_error(readings, method="GET", path=path)
        return readings.values[name]

    def write_tags(self, values: Mapping[str, Scalar]) -> tuple[str, ...]:
        """Write absolute values; return the names that the station confirmed, which are all of them.

        The write policy of the settings is checked first, for the whole set. The order in which a station
        processes the items of one request is undefined: what must come last belongs into a call of its own. A set
        larger than ``batch_size`` needs more than one request; after the first that is not confirmed, the rest is
        not sent. Nothing is ever sent twice.

        A confirmation says that the station took the value, not that the controller has it.

        :param values: tag → bool, int, float (finite) or text.
        :raises WinCCWriteRefusedError: when the policy says no; nothing was sent.
        :raises WinCCTagError: when the station refused single tags; ``errors`` and ``written`` tell which.
        :raises WinCCWriteOutcomeUnknownError: when the station may or may not have taken some; ``unknown``,
            ``written``, ``errors`` and ``not_sent`` tell which.
        :raises WinCCError: when a request certainly took no effect; ``written`` and ``not_sent`` tell of the others.
        """
        names = self.check_write(values)
        size = self.settings.batch_size
        written: list[str] = []
        for start in range(0, len(names), size):
            batch = names[start : start + size]
            left = names[start + size :]
            body = [{"variableName": name, "value": values[name]} for name in batch]
            try:
                self._write_batch(_VALUES, body, batch, written=written, not_sent=left)
            except WinCCError as error:
                if written and not error.written:
                    error.written, error.not_sent = tuple(written), (*batch, *left)
                    error.message += f" Written before, in requests of their own: {wire.names_in_words(written)}."
                raise
            written += batch
        return tuple(written)

    def write_tag(self, name: str, value: Scalar) -> None:
        """Write one absolute value; errors as of :meth:`write_tags`."""
        if not is_safe_in_path(name):
            self.write_tags({name: value})
            return
        self.check_write({name: value})
        self._write_batch(_VALUE + quote(name, safe=""), {"value": value}, [name], written=[], not_sent=[])

    def check_write(self, values: Mapping[str, Scalar]) -> list[str]:
        """Check names, values and write policy of a set without sending it; return the names.

        :raises WinCCConfigurationError: when a name is no text, the set is empty or names a tag twice.
        :raises WinCCWriteRefusedError: when a value cannot be written or the policy says no.
        """
        names = check_values(values)
        self.settings.policy.check(values)
        return names

    def browse_tags(self, pattern: str = "*", *, page_size: int = 1000) -> Iterator[TagInfo]:
        """Yield the tags whose name fits a pattern of ``*`` and ``?``, page by page as the station hands them out.

        :param page_size: most tags in one answer.
        :raises WinCCError: when a request failed.
        """
        return browse(self._transport, pattern, page_size=page_size)

    def list_archives(self, *, page_size: int = 1000) -> Iterator[ArchiveInfo]:
        """Yield the process value archives of the station.

        :raises WinCCError: when a request failed.
        """
        return listing.list_archives(self._transport, page_size=page_size)

    def list_archive_tags(self, archive: str, *, page_size: int = 1000) -> Iterator[ArchiveTagInfo]:
        """Yield the tags of an archive, named without the archive.

        :raises WinCCNotFoundError: when the station does not know the archive.
        :raises WinCCError: when a request failed.
        """
        return listing.list_archive_tags(self._transport, archive, page_size=page_size)

    def list_timers(self, *, page_size: int = 1000) -> Iterator[TimerInfo]:
        """Yield the timers by which tag logging acquires and archives.

        :raises WinCCError: when a request failed.
        """
        return listing.list_timers(self._transport, page_size=page_size)

    def read_archive(self, archive: str, tags: Iterable[str], start: datetime, end: datetime) -> Iterator[ArchiveValue]:
        """Yield the rows of an archive with ``start <= timestamp < end``, in time order, each row once.

        Rows of one moment come in the order of ``tags``, then as the station has them. Memory is bounded, whatever
        the interval; requests are sent as rows are taken.

        :param archive: name of the archive.
        :param tags: archive tags, named without the archive.
        :param start: with a time zone.
        :param end: with a time zone; not in the future.
        :raises WinCCConfigurationError: when an argument is wrong; at once, and nothing was sent.
        :raises WinCCTagNotFoundError: when all failed tags are unknown to the station.
        :raises WinCCTagError: when single tags failed.
        :raises WinCCNotFoundError: when the station does not know the archive.
        :raises WinCCError: when a request failed, or the station was caught leaving rows out.
        """
        return self._archives.rows(archive, tags, start, end)

    def read_archive_windows(
        self, archive: str, tags: Iterable[str], start: datetime, end: datetime, *, ask_ahead: bool = False
    ) -> Generator[ArchiveWindow, None, None]:
        """Yield the rows of an archive by column, in windows that cover the interval one after the other.

        Windows without rows come too. What of a row cannot be read is found out when its column is asked for, so that
        this raises WinCCResponseError, too. Arguments and errors as of :meth:`read_archive`.

        :param ask_ahead: send the request for the next window, in a thread, as soon as the last one is answered, and
            not only when that window is taken. It is still one request at a time. Closing the generator waits for it.
        """
        return self._archives.windows(archive, tags, start, end, ask_ahead=ask_ahead)

    def read_latest_archived(self, archive: str, tags: Iterable[str]) -> dict[str, ArchiveValue]:
        """Return tag → latest archived row; a tag without any row is missing. Errors as of :meth:`read_archive`."""
        return self._archives.latest(archive, tags)

    def read_messages(
        self, asked: MessageQuery | str, *, start: datetime | None = None, end: datetime | None = None
    ) -> MessageReading:
        """Read messages with one request, or two when the first answer has no body: oldest first, each row once.

        The REST interface has no window of time. ``start <= time < end`` is applied to what came: rows without a time
        are then left out, and a warning is logged when older rows of the window may be missing, because the answer
        is full and its oldest row is not older than ``start``.

        :param asked: list, REST filter and languages; a text is the name of a REST filter for the message list.
        :param start: with a time zone; None for no limit.
        :param end: with a time zone; None for no limit.
        :raises WinCCConfigurationError: when an argument is wrong; nothing was sent.
        :raises WinCCNotFoundError: when the station has no such REST filter, naming those that it has, or no REST
            interface for messages, which came with WinCC V8.1 (inferred).
        :raises WinCCResponseError: when a row is no object. Keys of rows are never an error.
        :raises WinCCError: when the request failed.
        """
        return self._messages.read(asked, start=start, end=end)

    def list_rest_filters(
        self, *, page_size: int = 1000, language: str | None = None
    ) -> Iterator[MessageConfiguration]:
        """Yield the REST filters: the selections of messages that a client can ask for.

        :param page_size: most entries in one answer; of REST filters, whose list has no pages, it says nothing.
        :param language: of the names, such as ``de-DE``; None for the station's default, which is en-US.
        :raises WinCCConfigurationError: when an argument is wrong; at once, and nothing was sent.
        :raises WinCCNotFoundError: when the station has no REST interface for messages.
        :raises WinCCError: when a request failed.
        """
        return self._message_configuration.entries(kinds.REST_FILTER, page_size=page_size, language=language)

    def list_message_classes(
        self, *, page_size: int = 1000, language: str | None = None
    ) -> Iterator[MessageConfiguration]:
        """Yield the message classes. Arguments and errors as of :meth:`list_rest_filters`."""
        return self._message_configuration.entries(kinds.MESSAGE_CLASS, page_size=page_size, language=language)

    def list_message_types(
        self, *, page_size: int = 1000, language: str | None = None
    ) -> Iterator[MessageConfiguration]:
        """Yield the message types. Arguments and errors as of :meth:`list_rest_filters`."""
        return self._message_configuration.entries(kinds.MESSAGE_TYPE, page_size=page_size, language=language)

    def list_message_blocks(
        self, *, page_size: int = 1000, language: str | None = None
    ) -> Iterator[MessageConfiguration]:
        """Yield the message blocks. Arguments and errors as of :meth:`list_rest_filters`."""
        return self._message_configuration.entries(kinds.MESSAGE_BLOCK, page_size=page_size, language=language)

    def list_messages(self, *, page_size: int = 1000, language: str | None = None) -> Iterator[MessageConfiguration]:
        """Yield the messages that are configured, named by their number.

        Arguments and errors as of :meth:`list_rest_filters`.
        """
        return self._message_configuration.entries(kinds.MESSAGE, page_size=page_size, language=language)

    def list_limit_values(
        self, *, page_size: int = 1000, language: str | None = None
    ) -> Iterator[MessageConfiguration]:
        """Yield the limit values, named by their tag, which can have several.

        Arguments and errors as of :meth:`list_rest_filters`.
        """
        return self._message_configuration.entries(kinds.LIMIT_VALUE, page_size=page_size, language=language)

    def list_message_groups(
        self, *, page_size: int = 1000, language: str | None = None
    ) -> Iterator[MessageConfiguration]:
        """Yield the message groups. Arguments and errors as of :meth:`list_rest_filters`."""
        return self._message_configuration.entries(kinds.MESSAGE_GROUP, page_size=page_size, language=language)

    def get_rest_filter(
        self, name: str, *, language: str | None = None, name_language: str | None = None
    ) -> MessageConfiguration:
        """Return what a REST filter is configured with.

        :param name: spelled as in WinCC.
        :param language: of the answer, such as ``de-DE``; None for the station's default, which is en-US.
        :param name_language: that ``name`` is given in; None for the station's default.
        :raises WinCCConfigurationError: when an argument is wrong, or the name has a slash, a backslash or a control
            character in it, which no path carries; nothing was sent.
        :raises WinCCNotFoundError: when the station has none of this name, or no REST interface for messages.
        :raises WinCCError: when the request failed.
        """
        return self._message_configuration.entry(
            kinds.REST_FILTER, name, language=language, name_language=name_language
        )

    def get_message_class(
        self, name: str, *, language: str | None = None, name_language: str | None = None
    ) -> MessageConfiguration:
        """Return a message class. Arguments and errors as of :meth:`get_rest_filter`."""
        return self._message_configuration.entry(
            kinds.MESSAGE_CLASS, name, language=language, name_language=name_language
        )

    def get_message_type(
        self, name: str, *, language: str | None = None, name_language: str | None = None
    ) -> MessageConfiguration:
        """Return a message type. Arguments and errors as of :meth:`get_rest_filter`."""
        return self._message_configuration.entry(
            kinds.MESSAGE_TYPE, name, language=language, name_language=name_language
        )

    def get_message_block(
        self, name: str, *, language: str | None = None, name_language: str | None = None
    ) -> MessageConfiguration:
        """Return a message block. Arguments and errors as of :meth:`get_rest_filter`."""
        return self._message_configuration.entry(
            kinds.MESSAGE_BLOCK, name, language=language, name_language=name_language
        )

    def get_message_group(
        self, name: str, *, language: str | None = None, name_language: str | None = None
    ) -> MessageConfiguration:
        """Return a message group. Arguments and errors as of :meth:`get_rest_filter`."""
        return self._message_configuration.entry(
            kinds.MESSAGE_GROUP, name, language=language, name_language=name_language
        )

    def get_message(self, number: int, *, language: str | None = None) -> MessageConfiguration:
        """Return what a message is configured with, by its number. Errors as of :meth:`get_rest_filter`."""
        return self._message_configuration.entry(kinds.MESSAGE, str(check_number(number)), language=language)

    def get_limit_value(self, tag: str, *, language: str | None = None) -> MessageConfiguration:
        """Return what limits of a tag are watched. Errors as of :meth:`get_rest_filter`."""
        return self._message_configuration.entry(kinds.LIMIT_VALUE, tag, language=language)

    def _read_batch(self, batch: list[str], splits: _Splits) -> TagReadings:
        try:
            readings = self._post_values(batch)
        except (WinCCNotFoundError, WinCCResponseError) as error:
            if error.status not in REFUSED_FOR_ITS_CONTENT:
                raise
            if len(batch) == 1:
                return TagReadings({}, {batch[0]: refused_alone(batch[0], error)})
            splits.take(error)
            middle = len(batch) // 2
            halves = [self._read_batch(half, splits) for half in (batch[:middle], batch[middle:])]
            return TagReadings(halves[0].values | halves[1].values, halves[0].failures | halves[1].failures)
        missing = _missing(batch, readings)
        if missing:
            # Rows get lost under load as well as for unknown tags; one more question tells them apart.
            with contextlib.suppress(WinCCNotFoundError):
                again = self._post_values(missing)
                readings = TagReadings(readings.values | again.values, readings.failures | again.failures)
            for name in _missing(missing, readings):
                readings.failures[name] = not_found(name, "no row in the answer")
        return readings

    def _post_values(self, names: list[str]) -> TagReadings:
        answer, _ = self._transport.read("POST", _VALUES, body={"variableNames": names})
        return self._read_items("POST", _VALUES, answer, names)

    def _read_single(self, name: str, path: str) -> TagReadings:
        try:
            for _ in range(2):
                answer, _headers = self._transport.read("GET", path)
                readings = self._read_items("GET", path, answer, [name])
                if not _missing([name], readings):
                    return readings
        except WinCCNotFoundError as error:
            return TagReadings({}, {name: not_found(name, error.message)})
        return TagReadings({}, {name: not_found(name, "no row in the answer")})

    def _read_items(self, method: str, path: str, answer: object, names: list[str]) -> TagReadings:
        items = self._transport.items_of(answer, method, path, single=len(names) == 1, most=_most_items(len(names)))
        values, failures = wire.read_items(names, items, self.settings.timezone)
        return TagReadings(values, {name: self._explained(name, failure) for name, failure in failures.items()})

    def _explained(self, name: str, failure: TagFailure) -> TagFailure:
        return explained(name, failure, self._transport.reason_of(failure.reason))

    def _read_error(self, readings: TagReadings, *, method: str, path: str) -> WinCCTagError:
        failures = readings.failures
        kind = tag_error_class(failures)
        asked = len(failures) + len(readings.values)
        return kind(
            f"{len(failures)} of {asked} tags could not be read: {in_words(failures)}.",
            errors=failures,
            values=readings.values,
            method=method,
            path=self.settings.address.base_path + path,
            station=self.settings.station,
        )

    def _write_batch(
        self, path: str, body: object, batch: list[str], *, written: list[str], not_sent: list[str]
    ) -> None:
        request: dict[str, Any] = {
            "method": "PUT",
            "path": self.settings.address.base_path + path,
            "station": self.settings.station,
        }
        try:
            items = self._confirmations(path, body, batch)
        except OutcomeUnknown as error:
            raise WinCCWriteOutcomeUnknownError(
                f"The station may or may not have taken the write of {wire.names_in_words(batch)}. "
                f"{error.cause.message}",
                unknown=batch,
                written=written,
                not_sent=not_sent,
                status=error.cause.status,
                **request,
            ) from error.cause
        except WinCCNotFoundError as error:
            if len(batch) > 1:
                raise
            failures = {batch[0]: not_found(batch[0], error.message)}
        else:
            failures = {
                name: self._explained(name, failure)
                for name, item in items.items()
                if (failure := wire.read_refusal(item))
            }
            unconfirmed = [name for name in batch if name not in items]
            if unconfirmed:
                done = [name for name in batch if name in items and name not in failures]
                raise WinCCWriteOutcomeUnknownError(
                    f"The station did not confirm the write of {wire.names_in_words(unconfirmed)}.",
                    unknown=unconfirmed,
                    written=[*written, *done],
                    errors=failures,
                    not_sent=not_sent,
                    status=200,
                    **request,
                )
        if failures:
            raise self._write_error(failures, batch, written=written, not_sent=not_sent, request=request)

    def _confirmations(self, path: str, body: object, batch: list[str]) -> dict[str, Mapping[str, Any]]:
        answer = self._transport.write(path, body)
        try:
            items = self._transport.items_of(answer, "PUT", path, single=len(batch) == 1, most=_most_items(len(batch)))
        except WinCCResponseError as error:
            raise OutcomeUnknown(error) from None
        return wire.by_name(batch, items)

    def _write_error(
        self,
        failures: dict[str, TagFailure],
        batch: list[str],
        *,
        written: list[str],
        not_sent: list[str],
        request: dict[str, Any],
    ) -> WinCCTagError:
        kind = tag_error_class(failures)
        done = [*written, *(name for name in batch if name not in failures)]
        outcome = f" Written: {wire.names_in_words(done)}." if done else " No tag of this request was written."
        if not_sent:
            outcome += f" Not sent: {wire.names_in_words(not_sent)}."
        return kind(
            f"The station refused {len(failures)} of {len(batch) + len(written) + len(not_sent)} tags: "
            f"{in_words(failures)}.{outcome}",
            errors=failures,
            written=done,
            not_sent=not_sent,
            **request,
        )


class _Splits:
    """Bounds the extra requests that batches refused as a whole may cost."""

    def __init__(self) -> None:
        self._left = _MOST_SPLITS

    def take(self, error: WinCCError) -> None:
        self._left -= 1
        if self._left < 0:
            raise error


def _most_items(asked: int) -> int:
    # An answer has an item for each tag; some stations repeat one.
    return 100 * (asked + 1)


def _missing(names: list[str], readings: TagReadings) -> list[str]:
    return [name for name in names if name not in readings.values and name not in readings.failures]


def _apply_wishes(wishes: Mapping[str, DataType], values: dict[str, TagValue], failures: dict[str, TagFailure]) -> None:
    for name, wish in wishes.items():
        if name not in values:
            continue
        try:
            values[name] = values[name].as_type(wish)
        except ValueError as error:
            failures[name] = TagFailure(FailureKind.WRONG_TYPE, str(error))
            del values[name]
