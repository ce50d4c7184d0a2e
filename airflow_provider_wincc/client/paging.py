"""Lists page by page, whichever way the station hands out the next page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_wincc.client import wire
from airflow_provider_wincc.client.errors import (
    WinCCConfigurationError,
    WinCCError,
    WinCCNotFoundError,
    WinCCResponseError,
)
from airflow_provider_wincc.client.models import TagInfo
from airflow_provider_wincc.client.policy import matches_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from airflow_provider_wincc.client.transport import Transport

    Item = Mapping[str, Any]

_VARIABLES = "/tagManagement/variables"
_METHOD_NOT_ALLOWED = 405
# Far above what the largest projects have; their names have at most 128 characters.
_MOST_ENTRIES = 1_000_000
_MOST_CHARACTERS = 200_000_000
_MOST_PAGES = 10_000


def browse(transport: Transport, pattern: str, *, page_size: int) -> Iterator[TagInfo]:
    """Yield the tags that fit the pattern; see :meth:`WinCCClient.browse_tags`."""
    if not isinstance(pattern, str) or not pattern:
        raise WinCCConfigurationError(
            f"{pattern!r} is not a pattern of tag names.", hint="Give a text such as 'Tank*' ('*' for all)."
        )
    _check_page_size(page_size)
    return (
        TagInfo(name, item)
        for name, item in _pages(_Browser(transport, pattern, page_size), ("variablename", "name"))
        if matches_pattern(name, pattern)
    )


def list_named(
    transport: Transport,
    path: str,
    name_keys: Sequence[str],
    *,
    page_size: int | None,
    headers: Mapping[str, str] | None = None,
    names_repeat: bool = False,
) -> Iterator[tuple[str, Item]]:
    """Yield the name and the item of everything in a list of the configuration, each name once.

    :param name_keys: normalised keys that an item may have its name under, the likeliest first.
    :param page_size: most items in one answer; None for a list that has no pages.
    :param headers: of the requests, for languages.
    :param names_repeat: whether different items may have one name; then each item comes once.
    """
    if page_size is not None:
        _check_page_size(page_size)
    return _pages(_List(transport, path, page_size, headers), name_keys, names_repeat=names_repeat)


def _check_page_size(page_size: int) -> None:
    if page_size < 1:
        raise WinCCConfigurationError(f"The page size is {page_size}.", hint="Expected at least 1.")


def name_of(item: Item, keys: Sequence[str]) -> str:
    """Return the name of an item, by the first of the normalised keys that it has one under; empty without one."""
    return next((str(name) for key in keys if (name := wire.field_of(item, key))), "")


class _Pages(Protocol):
    @property
    def page_size(self) -> int | None:
        """Most items in one page; None where there are no pages."""

    def page(self, point: int) -> tuple[list[Item], int | None]:
        """Return one page of items and the next continuation point, None when the station names none."""


def _pages(pages: _Pages, name_keys: Sequence[str], *, names_repeat: bool = False) -> Iterator[tuple[str, Item]]:
    seen: set[str] = set()
    characters = 0
    point = 0
    for _ in range(_MOST_PAGES):
        items, next_point = pages.page(point)
        named = [(name, item) for item in items if (name := name_of(item, name_keys))]
        marked = [(repr(item) if names_repeat else name, name, item) for name, item in named]
        fresh = [each for each in marked if each[0] not in seen]
        for mark, name, item in fresh:
            if mark not in seen:
                seen.add(mark)
                characters += len(mark)
                if len(seen) > _MOST_ENTRIES or characters > _MOST_CHARACTERS:
                    raise _endless(len(seen))
                yield name, item
        if next_point is None and len(items) == pages.page_size:
            next_point = point + len(items)
        # A station that ignores the continuation point answers the same page again: nothing fresh ends it.
        if not fresh or not next_point or next_point == point:
            return
        point = next_point
    raise _endless(len(seen))


def _endless(count: int) -> WinCCResponseError:
    return WinCCResponseError(
        f"The station's list has no end: {count} entries have come so far.",
        hint="Is this address a WinCC REST service? Otherwise ask for larger pages, or by a narrower pattern.",
    )


class _List:
    """Asks for the pages of a list by GET."""

    def __init__(
        self, transport: Transport, path: str, page_size: int | None, headers: Mapping[str, str] | None
    ) -> None:
        self.page_size = page_size
        self._transport = transport
        self._path = path
        self._headers = headers

    def page(self, point: int) -> tuple[list[Item], int | None]:
        query = {} if self.page_size is None else {"itemLimit": self.page_size}
        query |= {"continuationPoint": point} if point else {}
        answer, headers = _read(self._transport, "GET", self._path, query=query, headers=self._headers)
        return self._transport.items_of(answer, "GET", self._path), _continuation(answer, headers)


class _Browser:
    """Asks for pages; finds out once whether the station browses by POST or by GET."""

    def __init__(self, transport: Transport, pattern: str, page_size: int) -> None:
        self.page_size = page_size
        self._transport = transport
        self._pattern = pattern
        self._method = "POST"

    def page(self, point: int) -> tuple[list[Item], int | None]:
        query: dict[str, str | int] = {"variableName": self._pattern, "itemLimit": self.page_size}
        if point:
            query["continuationPoint"] = point
        answer, headers = self._ask(query)
        return self._transport.items_of(answer, self._method, _VARIABLES), _continuation(answer, headers)

    def _ask(self, query: dict[str, str | int]) -> tuple[Any, Mapping[str, str]]:
        if self._method == "POST":
            try:
                return _read(self._transport, "POST", _VARIABLES, query=query, body={"variableName": self._pattern})
            except WinCCError as error:
                if not isinstance(error, WinCCNotFoundError) and error.status != _METHOD_NOT_ALLOWED:
                    raise
                self._method = "GET"
        return _read(self._transport, "GET", _VARIABLES, query=query)


def _read(transport: Transport, method: str, path: str, **request: Any) -> tuple[Any, Mapping[str, str]]:
    """Read a page. One without a body is asked for once more: it may be the end of the list, or a busy station."""
    answer, headers = transport.read(method, path, **request)
    return transport.read(method, path, **request) if answer is wire.EMPTY else (answer, headers)


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
