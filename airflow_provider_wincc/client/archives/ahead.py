"""The next request is sent before the last answer is read, so that station and client need not wait for each other."""

from __future__ import annotations

import contextvars
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_wincc.client.archives.learned_rows import LearnedForm

if TYPE_CHECKING:
    from concurrent.futures import Future

    from airflow_provider_wincc.client.transport import Answer, Transport


class ArchiveRequest(NamedTuple):
    """A request for archived values.

    :param path: below the base path.
    :param query: its query.
    :param body: its body, of JSON types.
    """

    path: str
    query: dict[str, str | int] | None
    body: Any


class RequestsAhead:
    """Sends requests one at a time, and one that was announced as soon as the answer before it has come.

    An answer to an announced request is handed out when that is asked for. It is thrown away when another one is
    announced or :meth:`forget` is called, and what had failed is forgotten with it.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._form = LearnedForm()
        self._announced: ArchiveRequest | None = None
        self._sent: tuple[ArchiveRequest, Future[Answer]] | None = None
        self._thread: ThreadPoolExecutor | None = None

    def announce(self, request: ArchiveRequest) -> None:
        """Say which request is likely to come after the next one."""
        self._announced = request

    def answer(self, request: ArchiveRequest) -> Any:
        """Return the parsed answer to a request; rows in it may be of :class:`LearnedRow`.

        :raises WinCCError: when it failed.
        """
        if self._sent is not None and self._sent[0] == request:
            sent, self._sent = self._sent[1], None
            answer = sent.result()
        else:
            answer = self._fetch(request)
        if self._announced is not None:
            self._send_ahead(self._announced)
        items = self._form.read(answer.content)
        if items is not None:
            return items
        parsed = self._transport.parsed(answer)[0]
        self._form.learn(parsed)
        return parsed

    def forget(self) -> None:
        """Do without the answer to the announced request."""
        self._announced = self._sent = None

    def close(self) -> None:
        """Wait for the request under way; what comes is thrown away."""
        self.forget()
        if self._thread is not None:
            self._thread.shutdown()

    def _send_ahead(self, request: ArchiveRequest) -> None:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="wincc-archive")
        # What the log says of the task goes with the context.
        self._sent = request, self._thread.submit(contextvars.copy_context().run, self._fetch, request)
        self._announced = None

    def _fetch(self, request: ArchiveRequest) -> Answer:
        return self._transport.fetch("POST", request.path, query=request.query, body=request.body)
