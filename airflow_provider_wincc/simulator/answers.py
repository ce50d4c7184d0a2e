"""Answers of the simulated REST service before they are on the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers of an answer."""

    status: int
    body: bytes = b""
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Give the answer as Starlette sends it."""
        return Response(self.body, self.status, dict(self.headers), self.media_type)


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with JSON."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Answer(status, text.encode("utf-8"), JSON, headers or {})


def html_answer(status: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with an HTML page, as the layers below the REST service do."""
    name = HTTPStatus(status).phrase
    page = f"<!DOCTYPE html><html><head><title>{name}</title></head><body><h2>{name}</h2>"
    return Answer(status, f"{page}<hr><p>HTTP Error {status}.</p></body></html>".encode(), HTML, headers or {})


def no_service_answer() -> Answer:
    """Answer as Windows does when no service has registered for the address."""
    return html_answer(HTTPStatus.SERVICE_UNAVAILABLE, {"Server": "Microsoft-HTTPAPI/2.0"})


def not_allowed_answer(verbs: Iterable[str]) -> Answer:
    """Say that a path has no such verb, and which ones it has."""
    return html_answer(405, {"Allow": ", ".join(sorted(verbs))})


def unauthorized_answer() -> Answer:
    """Ask for a login; the body is empty."""
    return Answer(401, b"", HTML, {"WWW-Authenticate": 'Basic realm="WinCC REST (simulated)"'})


def forbidden_answer() -> Answer:
    """Say that the user may not do this."""
    return json_answer({"error": "The user has no authorization for this"}, 403)
