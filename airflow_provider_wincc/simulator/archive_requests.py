"""What requests for archived values ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_provider_wincc.simulator.archive_moments import first_millisecond_after, first_millisecond_from
from airflow_provider_wincc.simulator.calls import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.simulator.calls import Call
    from airflow_provider_wincc.simulator.dialect import Dialect

_EARLIEST, _LATEST = -(2**50), 2**50


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a tag are asked for; times are in milliseconds since 1970.

    :param end: the first millisecond after the window.
    :param limit: most rows; None for all.
    :param keeps_last: whether the last rows stay when there are more, and not the first.
    """

    start: int
    end: int
    limit: int | None
    keeps_last: bool


def window_of_query(dialect: Dialect, call: Call) -> Window:
    """Read ``begin``, ``end`` and ``maxValues`` of a query string.

    :raises BadRequestError: when they make no sense.
    """
    begin, end = (call.query.get(name) for name in ("begin", "end"))
    return _window(dialect, begin, end, call.whole_number("maxValues"))


def windows_of_body(dialect: Dialect, archives: Any) -> Iterator[tuple[str, str, Window]]:
    """Read archive, tag and window of each item of a request for several archives.

    :raises BadRequestError: when the request is another one than documented.
    """
    for archive, variable in _variables(archives):
        name, limit = variable.get("name"), variable.get("maxValues")
        if not isinstance(name, str):
            raise BadRequestError('each of "variables" is an object with the "name" of a tag')
        if "range" in variable:
            raise BadRequestError(f"{name}: the unit of range is not known, hence not simulated; use timeFrom, timeTo")
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
            raise BadRequestError(f"{name}: maxValues is a whole number from 1, not {limit!r}")
        yield archive, name, _window(dialect, variable.get("timeFrom"), variable.get("timeTo"), limit)


def archive_tags_named(body: Any) -> list[str]:
    """Return the archive tags that a body names, without their archives, as far as it names any."""
    if not isinstance(body, dict):
        return []
    names = body.get("variableNames")
    found: list[Any] = list(names) if isinstance(names, list) else []
    try:
        found += [variable.get("name") for _, variable in _variables(body.get("archives", []))]
    except BadRequestError:
        return []
    return [name.rpartition("\\")[2] for name in found if isinstance(name, str)]


def _variables(archives: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for archive in archives if isinstance(archives, list) else [None]:
        name, variables = (archive.get("name"), archive.get("variables")) if isinstance(archive, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(variables, list):
            raise BadRequestError('expected {"archives": [{"name": "archive", "variables": [{"name": "tag"}, ...]}]}')
        for variable in variables:
            if not isinstance(variable, dict):
                raise BadRequestError('each of "variables" is an object with the "name" of a tag')
            yield name, variable


def _window(dialect: Dialect, begin: Any, end: Any, limit: int | None) -> Window:
    if limit == 0:
        raise BadRequestError("maxValues is a whole number from 1, not 0")
    if begin is None and limit is None:
        limit = 1
    start, stop = _EARLIEST, _LATEST
    if begin is not None:
        moment = _moment(dialect, begin)
        start = first_millisecond_from(moment) if dialect.archive_begin_inclusive else first_millisecond_after(moment)
    if end is not None:
        moment = _moment(dialect, end)
        stop = first_millisecond_after(moment) if dialect.archive_end_inclusive else first_millisecond_from(moment)
    if begin is not None and end is not None and _moment(dialect, begin) > _moment(dialect, end):
        raise BadRequestError(f"the window begins at {begin}, after its end {end}")
    return Window(start, stop, _limited(dialect, limit), begin is None or dialect.archive_rows_kept == "last")


def _limited(dialect: Dialect, limit: int | None) -> int | None:
    highest = dialect.archive_limit
    if highest is None or limit is None:
        return highest if limit is None else limit
    if limit > highest and dialect.archive_above_limit == "refuse":
        raise BadRequestError(f"maxValues is at most {highest}, not {limit}")
    return min(limit, highest)


_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?")
_LOCAL = ZoneInfo("Europe/Berlin")


def _moment(dialect: Dialect, text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) and _ISO.fullmatch(text) else None
        if moment is not None:
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC if dialect.archive_times == "utc" else _LOCAL)
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadRequestError(f"a time looks like 2026-03-02T07:00:00.000, not {text!r}")
