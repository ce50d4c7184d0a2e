"""Timestamps as stations write them, made into timezone-aware times in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

import pendulum

_DAY_FIRST = "%d.%m.%Y %H:%M:%S"
_MONTH_FIRST = "%m/%d/%Y %I:%M:%S %p"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Of a text of any length nothing is kept.
_LONGEST = 64
_EPOCH_MILLISECONDS = re.compile(r"\d{11,14}")


def read_timestamp(raw: object, timezone: tzinfo) -> pendulum.DateTime | None:
    """Read a timestamp of any form met in the field; None when it cannot be read.

    Accepted are ISO 8601 with ``Z``, an offset or no zone and 0 to 7 fraction digits (finer than a microsecond
    is cut), ``31.12.2026 23:59:59``, ``12/31/2026 11:59:59 PM`` and milliseconds since 1970.

    :param timezone: zone of timestamps that carry none.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    text = raw if isinstance(raw, str) else str(int(raw)) if isinstance(raw, float) and raw.is_integer() else str(raw)
    return _read_text(text, timezone) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _read_text(text: str, timezone: tzinfo) -> pendulum.DateTime | None:
    try:
        moment = _parse(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone)
        return pendulum.instance(moment.astimezone(UTC), tz=pendulum.UTC)
    except (ValueError, OverflowError):
        return None


def _parse(text: str) -> datetime:
    if _EPOCH_MILLISECONDS.fullmatch(text):
        return _EPOCH + timedelta(milliseconds=int(text))
    if ":" not in text:
        raise ValueError(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        form = _DAY_FIRST if "." in text else _MONTH_FIRST
        return datetime.strptime(text, form)  # noqa: DTZ007  the caller adds the zone
