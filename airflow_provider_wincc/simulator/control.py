"""Control of the simulated station over HTTP, for people and for tests in other languages."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from airflow_provider_wincc.simulator.answers import html_answer
from airflow_provider_wincc.simulator.calls import parse_json
from airflow_provider_wincc.simulator.control_access import OwnMachineOnly
from airflow_provider_wincc.simulator.control_station import do_to_station
from airflow_provider_wincc.simulator.errors import UnknownMessageError, UnknownUnitError
from airflow_provider_wincc.simulator.faults import make_fault
from airflow_provider_wincc.simulator.message_control import do_to_messages, messages_json
from airflow_provider_wincc.simulator.openapi import openapi_description
from airflow_provider_wincc.simulator.page import page_routes
from airflow_provider_wincc.simulator.page_live import LiveView
from airflow_provider_wincc.simulator.page_switches import switches
from airflow_provider_wincc.simulator.unit_control import do_to_unit, unit_json
from airflow_provider_wincc.simulator.values import json_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from airflow_provider_wincc.simulator.journal import RequestRecord, WriteRecord
    from airflow_provider_wincc.simulator.state import StationState
    from airflow_provider_wincc.simulator.tags import SimulatedTag


def control_app(state: StationState, connection: Callable[[], dict[str, Any]]) -> Starlette:
    """Make the application for the page for people and for ``/simulator/``.

    :param connection: gives the Airflow connection to the station.
    """
    control = _Control(state, connection)
    return Starlette(
        routes=[
            *page_routes(),
            Route("/simulator/live", control.live, methods=["GET"]),
            Route("/simulator/switches", control.switches, methods=["GET"]),
            Route("/simulator/connection", control.connection, methods=["GET"]),
            Route("/simulator/station", _checked(control.do_to_station), methods=["POST"]),
            Route("/simulator/openapi.json", control.openapi, methods=["GET"]),
            Route("/simulator/state", control.state),
            Route("/simulator/faults", _checked(control.add_fault), methods=["POST"]),
            Route("/simulator/faults", _checked(control.clear_faults), methods=["DELETE"]),
            Route("/simulator/tags", _checked(control.set_tags), methods=["POST"]),
            Route("/simulator/dialect", _checked(control.set_dialect), methods=["POST"]),
            Route("/simulator/units", control.units, methods=["GET"]),
            Route("/simulator/units/{name}", _checked(control.do_to_unit), methods=["POST"]),
            Route("/simulator/messages", control.messages, methods=["GET"]),
            Route("/simulator/messages", _checked(control.do_to_messages), methods=["POST"]),
            Route("/simulator/messages", control.reset_messages, methods=["DELETE"]),
            Route("/simulator/requests", control.requests, methods=["GET"]),
            Route("/simulator/requests", control.clear_requests, methods=["DELETE"]),
        ],
        middleware=[Middleware(OwnMachineOnly)],
        exception_handlers={404: _nothing_here},
    )


class _Control:
    def __init__(self, state: StationState, connection: Callable[[], dict[str, Any]]) -> None:
        self._state = state
        self._connection = connection
        self._live = LiveView(state)

    async def live(self, request: Request) -> Response:
        # Escapes, because texts that Python set may hold halves of characters, which UTF-8 cannot carry.
        text = json.dumps(self._live.changes(request.query_params.get("since", "")), separators=(",", ":"))
        return Response(text, media_type="application/json")

    async def switches(self, _: Request) -> Response:
        return JSONResponse(switches())

    async def connection(self, _: Request) -> Response:
        return JSONResponse(self._connection())

    async def do_to_station(self, request: Request) -> Response:
        return JSONResponse({"done": do_to_station(self._state, await _object(request))})

    async def openapi(self, _: Request) -> Response:
        return JSONResponse(openapi_description(self._state.dialect))

    async def state(self, _: Request) -> Response:
        state = self._state
        return JSONResponse(
            {
                "plant": state.plant_name,
                "frozen": state.frozen,
                "service": "on" if state.service_on else "off",
                "tags": {tag.name: _tag_json(tag) for tag in state.tags.all()},
                "requests": state.journal.counts,
                "faults": [asdict(fault) for fault in state.faults.pending],
                "dialect": asdict(state.dialect),
                "writes": [_write_json(write) for write in state.journal.writes],
            }
        )

    async def add_fault(self, request: Request) -> Response:
        words = await _object(request)
        unknown = set(words) - {"fault", "count", "method", "path", "seconds", "tag"}
        if unknown or "fault" not in words:
            raise ValueError(
                'expected {"fault": name} with any of count, method, path, seconds, tag beside it'
                + (f"; unknown: {', '.join(sorted(unknown))}" if unknown else "")
            )
        fault = make_fault(words.pop("fault"), **words)
        self._state.faults.add(fault)
        return JSONResponse(asdict(fault), 201)

    async def clear_faults(self, request: Request) -> Response:
        name = request.query_params.get("fault")
        self._state.faults.clear(None if name is None else make_fault(name).fault)
        return Response(status_code=204)

    async def set_tags(self, request: Request) -> Response:
        values = await _object(request)
        self._state.tags.set_all(values)
        return Response(status_code=204)

    async def set_dialect(self, request: Request) -> Response:
        self._state.dialect = self._state.dialect.changed(**await _object(request))
        return JSONResponse(asdict(self._state.dialect))

    async def units(self, _: Request) -> Response:
        return JSONResponse({unit.name: unit_json(unit) for unit in self._state.units.all()})

    async def do_to_unit(self, request: Request) -> Response:
        try:
            unit = self._state.units.get(request.path_params["name"])
        except UnknownUnitError as problem:
            return _error(str(problem), 404)
        done = do_to_unit(unit, await _object(request))
        return JSONResponse({"done": done, "state": unit.state})

    async def messages(self, _: Request) -> Response:
        return JSONResponse(messages_json(self._state.messages))

    async def do_to_messages(self, request: Request) -> Response:
        try:
            done = do_to_messages(self._state.messages, await _object(request))
        except UnknownMessageError as problem:
            return _error(str(problem), 404)
        return JSONResponse({"done": done})

    async def reset_messages(self, _: Request) -> Response:
        self._state.message_monitor.reset()
        return Response(status_code=204)

    async def requests(self, _: Request) -> Response:
        return JSONResponse([_request_json(record) for record in self._state.journal.requests])

    async def clear_requests(self, _: Request) -> Response:
        self._state.journal.clear_requests()
        return Response(status_code=204)


def _checked(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    async def checked_endpoint(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ValueError as problem:
            return _error(str(problem), 400)

    return checked_endpoint


async def _object(request: Request) -> dict[str, Any]:
    try:
        content = parse_json(await request.body())
    except ValueError as problem:
        raise ValueError(f"expected a JSON object: {problem}") from None
    if isinstance(content, dict):
        return content
    raise ValueError(f"expected a JSON object, not {type(content).__name__}")


async def _nothing_here(_: Request, __: Exception) -> Response:
    return html_answer(404).response()


def _error(text: str, status: int) -> Response:
    return JSONResponse({"error": text}, status)


def _tag_json(tag: SimulatedTag) -> dict[str, Any]:
    return {
        "value": json_of(tag.value),
        "data_type": tag.data_type.value,
        "quality": tag.quality,
        "timestamp": tag.timestamp.isoformat(),
        "error_code": tag.error_code,
        "error": tag.error,
        "unit": tag.unit,
        "description": tag.description,
    }


def _write_json(write: WriteRecord) -> dict[str, Any]:
    return {**write._asdict(), "value": json_of(write.value), "at": write.at.isoformat()}


def _request_json(record: RequestRecord) -> dict[str, Any]:
    return {**asdict(record), "at": record.at.isoformat()}
