"""The page for people at the origin of the simulated station: files that are served as they are."""

from __future__ import annotations

from importlib.resources import files
from pathlib import PurePosixPath

from starlette.responses import Response
from starlette.routing import Route

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FIRST_FILE = "index.html"


def page_routes() -> list[Route]:
    """Make a route for each file of the page: ``/`` for the first one, ``/page/{name}`` for all others.

    The files are read once, when the station starts, and none but these can be asked for.
    """
    routes = [
        _route("/" if file.name == FIRST_FILE else f"/page/{file.name}", file.name, file.read_bytes())
        for file in files("airflow_provider_wincc.simulator").joinpath("web").iterdir()
        if PurePosixPath(file.name).suffix in _MEDIA_TYPES
    ]
    return sorted(routes, key=lambda route: route.path)


def _route(path: str, name: str, content: bytes) -> Route:
    media_type = _MEDIA_TYPES[PurePosixPath(name).suffix]

    async def serve(_: object) -> Response:
        return Response(content, media_type=media_type)

    return Route(path, serve, methods=["GET"])
