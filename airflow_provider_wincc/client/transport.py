"""One HTTP session with a station: login, TLS, time-outs, retries of reads, and errors in the user's terms."""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.exceptions import HTTPError

from airflow_provider_wincc import __version__
from airflow_provider_wincc.client import statuses, wire
from airflow_provider_wincc.client.answer_body import ACCEPTED, UnreadableBodyError, read_body, read_body_of_refusal
from airflow_provider_wincc.client.bounded_http import AnswerLimits, BoundedAdapter
from airflow_provider_wincc.client.errors import (
    WinCCConfigurationError,
    WinCCConnectionError,
    WinCCError,
    WinCCResponseError,
    WinCCServiceUnavailableError,
    WinCCTimeoutError,
)
from airflow_provider_wincc.client.network_errors import network_error, was_never_sent
from airflow_provider_wincc.client.proxies import proxies_of
from airflow_provider_wincc.client.quotations import LOOKED_AT, reason_of, start_of, text_of
from airflow_provider_wincc.client.secrets import redacted_start, secrets_of
from airflow_provider_wincc.client.tls_files import certificate_authorities, client_certificate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_provider_wincc.client.settings import StationSettings

log = logging.getLogger(__name__)

_MB = 1_000_000
_IDLE_LIMIT = 2.0
_LONGEST_WAIT = 10.0
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": ACCEPTED,
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": f"airflow-provider-wincc/{__version__}",
}
_RETRIED = (WinCCConnectionError, WinCCServiceUnavailableError)


class OutcomeUnknown(Exception):  # noqa: N818  a fact about a write, turned into an error by the client
    """A write was sent, and nobody knows whether it took effect.

    :param cause: the error that hides the outcome.
    """

    def __init__(self, cause: WinCCError) -> None:
        super().__init__(cause.message)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request, as it came.

    :param method: of the request.
    :param path: of the request, below the base path.
    :param content: the body.
    :param headers: of the answer.
    """

    method: str
    path: str
    content: bytes
    headers: Mapping[str, str]


class Transport:
    """Sends one request at a time over kept-alive connections.

    Reads are tried again after failures that pass by themselves: connection failures, 502, 503 and 504, with
    back-off and jitter, and at once when the station has merely dropped an idle connection. A time-out while
    waiting for an answer is not tried again here, because a busy station only gets busier. Writes are sent once.

    :raises WinCCConfigurationError: when a certificate or key file cannot be used.
    """

    def __init__(self, settings: StationSettings) -> None:
        self._settings = settings
        self._secrets = secrets_of(settings)
        self._verify = certificate_authorities(settings)
        self._proxies = proxies_of(settings)
        self._login = _login(settings)
        self._certificate = client_certificate(settings)
        # Not a session of requests: it would take settings of .netrc and of the environment, keep cookies, and read
        # all of the body of a redirect.
        self._http = BoundedAdapter(AnswerLimits(size=settings.max_answer_mb * _MB, seconds=settings.answer_timeout))
        self._last_answer_at: float | None = None
        self._one_at_a_time = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._last_answer_at = None

    def read(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        retries: int | None = None,
    ) -> tuple[Any, Mapping[str, str]]:
        """Send a request that changes nothing; return the parsed answer and its headers.

        :param path: below the base path, names in it percent-encoded.
        :param headers: beside those that every request has, such as the languages of names and texts.
        :param retries: how often to try again, one stale connection not counted; default: the settings'.
        :raises WinCCError: of the kind that says what happened.
        """
        return self.parsed(self.fetch(method, path, query=query, body=body, headers=headers, retries=retries))

    def fetch(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        retries: int | None = None,
    ) -> Answer:
        """Send a request like :meth:`read`, but leave the answer unread.

        :raises WinCCError: of the kind that says what happened.
        """
        attempts = 1 + (self._settings.read_retries if retries is None else retries)
        dropped_before = False
        for attempt in count(1):
            reused = self._last_answer_at is not None
            try:
                return self._send(method, path, query=query, body=body, headers=headers)
            except _RETRIED as error:
                # The station most likely never saw a request on a stale connection, so that it is no attempt yet.
                stale = reused and not dropped_before and type(error) is WinCCConnectionError
                if not _passes_soon(error) or (attempt >= attempts and not stale):
                    raise
                dropped_before = True
                self._wait_before_retry(error, attempt, at_once=stale)
        raise AssertionError("unreachable: the loop ends by returning or raising")

    def parsed(self, answer: Answer) -> tuple[Any, Mapping[str, str]]:
        """Read an answer; return it with its headers.

        :raises WinCCResponseError: when it is no JSON.
        """
        try:
            return wire.parse_body(answer.content), answer.headers
        except ValueError as error:
            unreadable = str(error)
        # Raised out here, so that the whole body does not hang on our error as its context.
        raise self._response_error(answer.method, answer.path, unreadable)

    def write(self, path: str, body: object) -> Any:
        """Send a write once; return the parsed answer.

        :raises OutcomeUnknown: when the station may or may not have taken it.
        :raises WinCCError: when it certainly did not.
        """
        # A kept-alive connection that the station is about to drop would leave the outcome unknown.
        if self._last_answer_at is not None and time.monotonic() - self._last_answer_at > _IDLE_LIMIT:
            self.close()
        answer = self._send("PUT", path, body=body, on_network_error=self._raise_write_error)
        try:
            return self.parsed(answer)[0]
        except WinCCResponseError as error:
            raise OutcomeUnknown(error) from None

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        on_network_error: Callable[[str, str, Exception], NoReturn] | None = None,
    ) -> Answer:
        settings = self._settings
        data = None if body is None else _encode(body)
        try:
            request = requests.Request(
                method,
                settings.address.url + path,
                headers=_HEADERS | dict(headers or {}),
                params=query,
                data=data,
                auth=self._login,
            )
            with self._one_at_a_time:
                # Follows no redirect: a redirected PUT would become a GET, and it can carry the login elsewhere.
                response = self._http.send(
                    request.prepare(),
                    stream=True,
                    timeout=(settings.connect_timeout, settings.read_timeout),
                    verify=self._verify,
                    cert=self._certificate,
                    proxies=self._proxies,
                )
                is_success = 200 <= response.status_code < 300
                read = read_body if is_success else read_body_of_refusal
                content = read(response, settings.max_answer_mb * _MB)
        except (requests.RequestException, HTTPError, OSError, UnicodeError, UnreadableBodyError) as error:
            self.close()
            (on_network_error or self._raise_network_error)(method, path, error)
        self._last_answer_at = time.monotonic()
        if not is_success:
            refusal = statuses.error_of(
                response,
                method=method,
                path=self._path(path),
                station=settings.station,
                said=self.start_of(text_of(content)),
                redirect=self.start_of(response.headers.get("Location", "")),
            )
            if method == "PUT" and statuses.leaves_write_open(response):
                raise OutcomeUnknown(refusal)
            raise refusal
        return Answer(method, path, content, response.headers)

    def reason_of(self, text: str) -> str:
        """Return what an error says of a reason of the station's: the start, printable, without our secrets."""
        return reason_of(self._redacted(text))

    def start_of(self, text: str) -> str:
        """Return what an error quotes of an answer: the start, without markup and our secrets. Quote it by ``repr``."""
        return start_of(self._redacted(text))

    def items_of(
        self, answer: object, method: str, path: str, *, single: bool = False, most: int | None = None
    ) -> list[Mapping[str, Any]]:
        """Find the items in the parsed answer to a request; see :func:`wire.find_items`.

        :param most: how many there may be.
        :raises WinCCResponseError: when there are none, or more, quoting the start of the answer.
        """
        try:
            return wire.find_items(answer, single=single, most=most)
        except ValueError as error:
            unreadable = str(error)
        raise self._response_error(method, path, unreadable)

    def _response_error(self, method: str, path: str, text: str) -> WinCCResponseError:
        return WinCCResponseError(
            f"The station answered 200 with something that is not the expected JSON: {self.start_of(text)!r}.",
            method=method,
            path=self._path(path),
            station=self._settings.station,
            status=200,
        )

    def _redacted(self, text: str) -> str:
        return redacted_start(text, self._secrets, LOOKED_AT)

    def _raise_network_error(self, method: str, path: str, error: Exception) -> NoReturn:
        raise network_error(
            error, self._settings, method=method, path=self._path(path), secrets=self._secrets
        ) from None

    def _raise_write_error(self, method: str, path: str, error: Exception) -> NoReturn:
        described = network_error(error, self._settings, method=method, path=self._path(path), secrets=self._secrets)
        raise described if was_never_sent(error) else OutcomeUnknown(described) from None

    def _wait_before_retry(self, error: WinCCError, attempt: int, *, at_once: bool) -> None:
        wait = 0.0
        if not at_once:
            wait = min(_LONGEST_WAIT, self._settings.retry_wait * 2 ** (attempt - 1))
            wait *= random.uniform(0.5, 1.5)  # nosec B311 # noqa: S311  jitter needs no cryptography
        log.warning("WinCC read failed, trying again in %.1f s (attempt %d): %s", wait, attempt, error.message)
        if wait:
            time.sleep(wait)

    def _path(self, path: str) -> str:
        return self._settings.address.base_path + path


def _passes_soon(error: WinCCError) -> bool:
    if isinstance(error, WinCCTimeoutError):
        return False
    # 429 asks for fewer requests, not for the same one again.
    return error.status is None or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR


class _BearerAuth(AuthBase):
    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


def _login(settings: StationSettings) -> AuthBase | None:
    if settings.bearer_token:
        if not settings.bearer_token.isascii() or not settings.bearer_token.isprintable():
            raise WinCCConfigurationError("The connection's extra 'bearer_token' has characters no token has.")
        return _BearerAuth(settings.bearer_token)
    if settings.username is None:
        return None
    if ":" in settings.username:
        raise WinCCConfigurationError(
            "The connection's login has a colon in it, which HTTP Basic cannot carry.",
            hint="Enter the user name alone; the password has a field of its own.",
        )
    try:
        # requests would encode text as Latin-1; WinCC clients in the field send UTF-8.
        return HTTPBasicAuth(settings.username.encode(), (settings.password or "").encode())
    except UnicodeEncodeError:
        raise WinCCConfigurationError(
            "The connection's login or password has half a surrogate pair in it, which is no character.",
            hint="Enter them again; they were decoded wrongly.",
        ) from None


def _encode(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
