"""What it means when the message system does not know what was asked for."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client import wire
from airflow_provider_wincc.client.errors import (
    WinCCError,
    WinCCNotFoundError,
    WinCCResponseError,
    WinCCRuntimeError,
)
from airflow_provider_wincc.client.messages.answers import failure_in
from airflow_provider_wincc.client.messages.kinds import REST_FILTER
from airflow_provider_wincc.client.messages.languages import language_headers
from airflow_provider_wincc.client.models import FailureKind
from airflow_provider_wincc.client.paging import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_provider_wincc.client.messages.kinds import ConfigurationKind
    from airflow_provider_wincc.client.settings import StationSettings
    from airflow_provider_wincc.client.transport import Transport

_MAY_MEAN_UNKNOWN = frozenset({HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})
_MOST_FILTERS_NAMED = 50
_FILTERS_ARE_MADE = "REST filters are made in WinCC (Alarm Logging); a client cannot make one."
_SINCE = (
    "It came with WinCC V8.1, as far as is known. Update WinCC, or let WinCC set a tag with the message, and wait for "
    "that tag with WinCCTagSensor. If reading tags fails in the same way, check the base path of the connection."
)


class MessageArea:
    """Asks the message system, and tells a name that it does not know from a WinCC without messages over REST."""

    def __init__(self, transport: Transport, settings: StationSettings) -> None:
        self._transport = transport
        self._settings = settings

    def read(
        self,
        path: str,
        understand: Callable[[object], Any],
        *,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str],
        once_more: bool = False,
    ) -> Any:
        """Ask for something by a path with a name in it; return what is understood of the answer.

        :param understand: returns None where there is nothing, raises ValueError saying what it cannot understand.
        :param once_more: ask again, after the wait of a retry, when the answer has no body: there may be nothing, or
            the station was busy.
        :raises WinCCNotFoundError: when there is nothing in the answer.
        :raises WinCCError: when the station refuses, with whatever status, or the answer cannot be understood.
        """
        answer, _ = self._transport.read("GET", path, query=query, headers=headers)
        if once_more and answer is wire.EMPTY:
            time.sleep(self._settings.retry_wait)
            answer, _ = self._transport.read("GET", path, query=query, headers=headers)
        failure = failure_in(answer)
        if failure is not None:
            kind = WinCCNotFoundError if failure.kind is FailureKind.NOT_FOUND else WinCCRuntimeError
            raise kind(
                f"The station answered 200, and in it an error: {self._transport.reason_of(str(failure))}.",
                **self._request(path),
            )
        try:
            found = understand(answer)
        except ValueError as error:
            unreadable = str(error)
        else:
            if found is None:
                raise WinCCNotFoundError("The station answered 200 with nothing in it.", **self._request(path))
            return found
        # Raised out here, so that the whole answer does not hang on our error as its context.
        said = self._transport.start_of(unreadable)
        raise WinCCResponseError(
            f"The station answered 200 with something that is not the expected JSON: {said!r}.",
            **self._request(path),
        )

    def refuse_missing_area(self, error: WinCCError) -> None:
        """When the station does not know its REST filters either, say what that means instead of the given error.

        :raises WinCCNotFoundError: when this WinCC has no messages over REST.
        """
        if error.status == HTTPStatus.NOT_FOUND and isinstance(self._filters(None), WinCCNotFoundError):
            raise without_area(error) from error

    def refuse_unknown_entry(self, kind: ConfigurationKind, name: str, language: str | None, error: WinCCError) -> None:
        """When the station has no such entry of the configuration, say so instead of the given error.

        :param language: that the name is given in.
        :raises WinCCNotFoundError: naming the entry.
        """
        if kind is REST_FILTER:
            self.refuse_unknown_filter(name, language, error)
        elif isinstance(error, WinCCNotFoundError):
            self.refuse_missing_area(error)
            raise _not_found(
                f"The station has no {kind.words} {name!r}.",
                f"Check its spelling, and the language that it is given in; client.{kind.lister}() names those of "
                "the station.",
                error,
            ) from error

    def refuse_unknown_filter(self, name: str, language: str | None, error: WinCCError) -> None:
        """When the station has no such REST filter, say so instead of the given error, and name those that it has.

        It is asked for them once. Names are compared as WinCC spells them.

        :param language: that the name is given in.
        :raises WinCCNotFoundError: naming the REST filters.
        """
        is_unreadable = isinstance(error, WinCCResponseError) and error.status == HTTPStatus.OK
        if error.status not in _MAY_MEAN_UNKNOWN or is_unreadable:
            return
        found = self._filters(language)
        if isinstance(found, WinCCError):
            if isinstance(found, WinCCNotFoundError) and error.status == HTTPStatus.NOT_FOUND:
                raise without_area(error) from error
        elif name not in found:
            others = f"It has {wire.names_in_words(found, most=_MOST_FILTERS_NAMED)}" if found else "It has none"
            raise _not_found(
                f"The station has no REST filter {name!r}. {others}.",
                f"Use the name of one of its REST filters, spelled as in WinCC. {_FILTERS_ARE_MADE}",
                error,
            ) from error
        elif isinstance(error, WinCCNotFoundError):
            raise _not_found(
                error.message,
                f"The station does have the REST filter {name!r}: this WinCC may not have this list.",
                error,
            ) from error

    def _filters(self, language: str | None) -> list[str] | WinCCError:
        path = REST_FILTER.list_path
        try:
            answer, _ = self._transport.read("GET", path, headers=language_headers(language), retries=0)
            items = self._transport.items_of(answer, "GET", path)
        except WinCCError as error:
            return error
        return [name for item in items if (name := name_of(item, REST_FILTER.name_keys))]

    def _request(self, path: str) -> dict[str, Any]:
        whole = self._settings.address.base_path + path
        return {"method": "GET", "path": whole, "station": self._settings.station, "status": 200}


def without_area(error: WinCCError) -> WinCCNotFoundError:
    """Return the error for a WinCC without messages over REST."""
    return _not_found("This WinCC has no REST interface for messages.", _SINCE, error)


def _not_found(message: str, hint: str, error: WinCCError) -> WinCCNotFoundError:
    return WinCCNotFoundError(
        message, hint=hint, method=error.method, path=error.path, station=error.station, status=error.status
    )
