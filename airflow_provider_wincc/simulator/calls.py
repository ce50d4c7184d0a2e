"""A request to the simulated REST service, taken apart."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.simulator.faults import PendingFault
    from airflow_provider_wincc.simulator.message_settings import Language

ROOT = "WinCCRestService"


class BadRequestError(ValueError):
    """The request cannot be read; the text is answered with status 400."""


class Body:
    """The body of a request; parsed once, for the journal and for its endpoint."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._content: Any = None
        self._problem: ValueError | None = None
        if raw:
            try:
                self._content = parse_json(raw)
            except ValueError as problem:
                self._problem = problem

    def __bool__(self) -> bool:
        return bool(self._raw)

    def json(self) -> Any:
        """Give the parsed JSON.

        :raises BadRequestError: when it is none.
        """
        if self._problem is not None or not self._raw:
            raise BadRequestError(f"the body is not JSON: {self._problem or 'it is empty'}")
        return self._content

    @property
    def readable(self) -> Any:
        """The body as people want to see it: parsed JSON, else text, None when there is none."""
        return self._content if self._problem is None else self._raw.decode("utf-8", "replace")


NO_BODY = Body(b"")


@dataclass(frozen=True, slots=True)
class Call:
    """What an endpoint works on.

    :param names: the names in the path, percent-decoded: of an archive, and of the thing asked for.
    :param query: parameters of the query string that the operation takes, names in lower case.
    :param body: the body, if the operation takes one.
    :param user: who is logged in.
    :param number: number of the request.
    :param fault: the fault that spoils the rows of this answer, if any.
    :param language: of the texts in the answer.
    :param name_language: of the name in the path.
    """

    names: tuple[str, ...]
    query: Mapping[str, str]
    body: Body
    user: str | None = None
    number: int = 0
    fault: PendingFault | None = None
    language: Language = "en-US"
    name_language: Language = "en-US"

    @property
    def name(self) -> str:
        """The last name in the path; empty where it has none."""
        return self.names[-1] if self.names else ""

    def whole_number(self, name: str) -> int | None:
        """Give a parameter of the query string that is a whole number from 0; None if it is left out.

        :raises BadRequestError: when it is none.
        """
        text = self.query.get(name.lower())
        if text is None:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise BadRequestError(f"{name} is a whole number from 0, not {text!r}")
        return int(text)

    def json(self) -> Any:
        """Give the parsed body.

        :raises BadRequestError: when it is not JSON.
        """
        return self.body.json()


def parse_json(body: bytes) -> Any:
    """Parse strict JSON in UTF-8.

    :raises ValueError: when it is not that, or nested too deeply.
    """
    try:
        content = json.loads(body.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if b"\\u" in body:
        # An escape can make half a character, which no answer could carry.
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    return content


def service_segments(raw_path: bytes) -> list[str] | None:
    """Split a path below the service into decoded segments; None when it is elsewhere.

    Segments are split before they are decoded, so that ``%2F`` stays part of a name.

    :raises BadRequestError: when a segment is not UTF-8.
    """
    parts = raw_path.decode("latin-1").split("/")
    if len(parts) < 2 or parts[0] or unquote(parts[1]).lower() != ROOT.lower():
        return None
    try:
        return [unquote(part.encode("latin-1"), errors="strict") for part in parts[2:]]
    except UnicodeDecodeError:
        raise BadRequestError("the path is not UTF-8") from None


def query_of(query_string: bytes) -> dict[str, str]:
    """Take a query string apart; the last one wins where a name comes twice."""
    return dict(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True))


def _refuse(number: str) -> float:
    raise ValueError(f"{number[:40]} is no number that JSON can carry")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)
