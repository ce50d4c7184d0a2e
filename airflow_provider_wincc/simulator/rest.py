"""The simulated REST service as an ASGI application: login, faults, routes."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request

from airflow_provider_wincc.simulator.answers import (
    HTML,
    Answer,
    forbidden_answer,
    html_answer,
    json_answer,
    no_service_answer,
    not_allowed_answer,
    unauthorized_answer,
)
from airflow_provider_wincc.simulator.archive_requests import archive_tags_named
from airflow_provider_wincc.simulator.calls import (
    NO_BODY,
    ROOT,
    BadRequestError,
    Body,
    Call,
    query_of,
    service_segments,
)
from airflow_provider_wincc.simulator.faults import Fault, PendingFault
from airflow_provider_wincc.simulator.journal import Arrival
from airflow_provider_wincc.simulator.message_settings import language_of
from airflow_provider_wincc.simulator.routes import find_route, names_in
from airflow_provider_wincc.simulator.users import logged_in_user
from airflow_provider_wincc.simulator.value_endpoints import tags_named

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from airflow_provider_wincc.simulator.connections import Connections
    from airflow_provider_wincc.simulator.operations import Route
    from airflow_provider_wincc.simulator.state import StationState


class RestService:
    """Answers everything below ``/WinCCRestService``.

    A request is done for the journal before its answer is sent, so that a client that has its answer finds
    the request recorded and no longer in flight.
    """

    def __init__(self, state: StationState, connections: Connections) -> None:
        self._state = state
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        visit = _Visit(self._state, request, body)
        number = self._state.journal.begin(visit.arrival)
        status = None
        try:
            answer = await self._handle(visit, number, receive)
            status = None if answer is None else answer.status
        finally:
            self._state.journal.finish(number, status)
        if answer is None:
            await self._connections.abort(scope["client"])
        else:
            await answer.response()(scope, receive, send)

    async def _handle(self, visit: _Visit, number: int, receive: Receive) -> Answer | None:
        if not self._state.service_on:
            return no_service_answer()
        fault = visit.take_fault()
        if fault is None:
            return visit.answer(number)
        if fault.fault in _REFUSALS:
            return _REFUSALS[fault.fault]
        if fault.fault in _SILENT:
            if fault.seconds:
                await self._connections.wait(fault.seconds, receive)
            return None
        answer = visit.answer(number, fault)
        if fault.fault is Fault.DELAY and fault.seconds:
            await self._connections.wait(fault.seconds, receive)
        return _spoilt(answer, fault)


_REFUSALS = {
    Fault.UNAUTHORIZED: unauthorized_answer(),
    Fault.FORBIDDEN: forbidden_answer(),
    Fault.NOT_FOUND: html_answer(404),
    Fault.SERVER_ERROR: json_answer({"error": "Internal error of the simulated runtime"}, 500),
    Fault.UNAVAILABLE: no_service_answer(),
    Fault.BAD_GATEWAY: html_answer(502),
    Fault.GATEWAY_TIMEOUT: html_answer(504),
    Fault.TOO_LARGE: html_answer(413),
}
_SILENT = {Fault.STALL, Fault.DROP_BEFORE}


def _spoilt(answer: Answer, fault: PendingFault) -> Answer | None:
    if fault.fault is Fault.DROP_AFTER:
        return None
    if answer.status != HTTPStatus.OK:
        return answer
    if fault.fault is Fault.EMPTY_BODY:
        return Answer(200)
    if fault.fault is Fault.HTML_BODY:
        return Answer(200, b"<!DOCTYPE html><html><body><h2>Proxy sign-in</h2></body></html>", HTML)
    if fault.fault is Fault.GARBAGE:
        return replace(answer, body=(answer.body[: len(answer.body) // 2] or b"[") + b"{")
    return answer


class _Visit:
    """One request with what the station makes of it."""

    def __init__(self, state: StationState, request: Request, body: bytes) -> None:
        self._state = state
        self._body = Body(body)
        self._problem = ""
        raw_path: bytes = request.scope["raw_path"]
        try:
            self._segments = service_segments(raw_path) or []
        except BadRequestError as problem:
            self._segments = []
            self._problem = str(problem)
        self._route: Route | None = find_route(self._segments)
        self._query = query_of(request.scope["query_string"])
        self._languages = [language_of(request.headers.get(f"{what}-language")) for what in ("accept", "content")]
        client = request.scope["client"]
        self.arrival = Arrival(
            method=request.method,
            path="/" + "/".join(self._segments),
            raw_path=raw_path.decode("latin-1"),
            operation=self._route.shape if self._route else "other paths",
            user=logged_in_user(state.users, request.headers.get("authorization")),
            connection=f"{client[0]}:{client[1]}",
            query=self._query,
            body=self._body.readable,
        )

    def take_fault(self) -> PendingFault | None:
        """Take the fault that this request meets, if any."""
        if self._state.faults.is_idle:
            return None
        arrival = self.arrival
        operation = self._route.operations.get(arrival.method) if self._route else None
        kind = operation.kind if operation else ""
        return self._state.faults.take(method=arrival.method, path=arrival.path, kind=kind, tags=self._tags())

    def answer(self, number: int, fault: PendingFault | None = None) -> Answer:
        """Answer as the station does when nothing is in the way."""
        arrival = self.arrival
        if arrival.user is None:
            return unauthorized_answer()
        role = self._state.users[arrival.user].role
        if role == "none" or (role == "read-only" and arrival.method == "PUT"):
            return forbidden_answer()
        if self._problem:
            return html_answer(400)
        operations = self._route.operations_in(self._state.dialect) if self._route else {}
        if not operations:
            return html_answer(404)
        operation = operations.get(arrival.method)
        if operation is None:
            return not_allowed_answer(operations)
        call = Call(
            names_in(self._segments),
            operation.parameters_of(self._query),
            self._body if operation.body else NO_BODY,
            arrival.user,
            number,
            fault,
            *self._languages,
        )
        try:
            return operation.endpoint(self._state, call)
        except BadRequestError as problem:
            return json_answer({"error": f"Bad request: {problem}"}, 400)

    def _tags(self) -> list[str]:
        if self._route is not None and "{tag}" in self._route.shape:
            return [self._segments[-1]]
        return [*tags_named(self.arrival.body), *archive_tags_named(self.arrival.body)]


def is_service_path(scope: Scope) -> bool:
    """Whether a request goes to the REST service."""
    path: str = scope["path"]
    root = f"/{ROOT.lower()}"
    return path.lower() == root or path.lower().startswith(f"{root}/")
