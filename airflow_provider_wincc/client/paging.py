"""Lists of tags page by page, whichever way the station hands out the next page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client import wire
from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError, WinCCNotFoundError
from airflow_provider_wincc.client.models import TagInfo
from airflow_provider_wincc.client.policy import matches_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airflow_provider_wincc.client.transport import Transport

_VARIABLES = "/tagManagement/variables"
_METHOD_NOT_ALLOWED = 405


def browse(transport: Transport, pattern: str, *, page_size: int) -> Iterator[TagInfo]:
    """Yield the tags that fit the pattern; see :meth:`WinCCClient.browse_tags`."""
    if not isinstance(pattern, str) or not pattern:
        raise WinCCConfigurationError(
            f"{pattern!r} is not a pattern of tag names.", hint="Give a text such as 'Tank*' ('*' for all)."
        )
    if page_size < 1:
        raise WinCCConfigurationError(f"The page size is {page_size}.", hint="Expected at least 1.")
    return _pages(_Browser(transport, pattern, page_size), pattern)


def _pages(browser: _Browser, pattern: str) -> Iterator[TagInfo]:
    seen: set[str] = set()
    point = 0
    while True:
        items, next_point = browser.page(point)
        names = [str(wire.field_of(item, "variablename") or wire.field_of(item, "name") or "") for item in items]
        fresh = [(name, item) for name, item in zip(names, items, strict=True) if name and name not in seen]
        for name, item in fresh:
            seen.add(name)
            if matches_pattern(name, pattern):
                yield TagInfo(name, item)
        if next_point is None and len(items) == browser.page_size:
            next_point = point + len(items)
        # A station that ignores the continuation point answers the same page again: nothing fresh ends it.
        if not fresh or not next_point or next_point == point:
            return
        point = next_point


class _Browser:
    """Asks for pages; finds out once whether the station browses by POST or by GET."""

    def __init__(self, transport: Transport, pattern: str, page_size: int) -> None:
        self.page_size = page_size
        self._transport = transport
        self._pattern = pattern
        self._method = "POST"

    def page(self, point: int) -> tuple[list[Mapping[str, Any]], int | None]:
        """Return one page of items and the next continuation point, None when the station names none."""
        query: dict[str, str | int] = {"variableName": self._pattern, "itemLimit": self.page_size}
        if point:
            query["continuationPoint"] = point
        answer, headers = self._ask(query)
        return self._transport.items_of(answer, self._method, _VARIABLES), _continuation(answer, headers)

    def _ask(self, query: dict[str, str | int]) -> tuple[Any, Mapping[str, str]]:
        if self._method == "POST":
            try:
                return self._transport.read("POST", _VARIABLES, query=query, body={"variableName": self._pattern})
            except WinCCError as error:
                if not isinstance(error, WinCCNotFoundError) and error.status != _METHOD_NOT_ALLOWED:
                    raise
                self._method = "GET"
        return self._transport.read("GET", _VARIABLES, query=query)


def _continuation(answer: object, headers: Mapping[str, str]) -> int | None:
    found = wire.field_of(answer, "continuationpoint") if isinstance(answer, dict) else None
    if found is None:
        found = wire.field_of(headers, "continuationpoint")
    if found is None:
        found = wire.field_of(headers, "xcontinuationpoint")
    try:
        return None if found is None else max(0, int(found))
    except (TypeError, ValueError):
        return None
