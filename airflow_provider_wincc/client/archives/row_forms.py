"""The forms in which a station writes rows: which key has what, and all entries of one key as a column."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.wire import first_keys, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Row = Mapping[str, Any]
    Keys = tuple[str | None, ...]

GOOD = 0x80
"""The quality of a row that says none."""

MOMENT_KEY = "timestamp"
"""The key that is believed before all others to have the time; normalised."""

_NAMES = ((MOMENT_KEY, "time", "datetime", "ts"), ("value", "realvalue"), ("qualitycode", "quality"), ("flags",))


def raw_columns_of(rows: Sequence[Row], *, all_but_moments: bool = False) -> tuple[list[Any] | None, ...]:
    """Return times, values, qualities and flags as sent; None for a column that no row has.

    :param all_but_moments: the times are known already, and None may be in their place.
    """
    form = tuple(rows[0])
    if are_of_one_length(rows):
        keys = keys_of(form)
        others = set(form) - set(keys)
        try:
            wanted = (None, *keys[1:]) if all_but_moments else keys
            columns = tuple(None if key is None else list(map(itemgetter(key), rows)) for key in wanted)
        except KeyError:
            pass
        else:
            # As many keys as the first row on average, and all keys of the first row: all rows are of its form.
            if all(key in row for key in others for row in rows):
                return columns
    forms = {form: keys_of(form) for form in set(map(tuple, rows))}
    places = [forms[tuple(row)] for row in rows]
    return tuple(
        None
        if all(keys[part] is None for keys in forms.values())
        else [None if (key := keys[part]) is None else row[key] for row, keys in zip(rows, places, strict=True)]
        for part in range(len(_NAMES))
    )


def are_of_one_length(rows: Sequence[Row]) -> bool:
    """Whether the rows have on average as many keys as the first one has."""
    return sum(map(len, rows)) == len(rows[0]) * len(rows)


def keys_of(form: Iterable[str]) -> Keys:
    """Return the keys that have time, value, quality and flags in a row of that form; None where there is none."""
    spelled = {normalised(key): key for key in reversed(tuple(first_keys(form)))}
    return tuple(next((spelled[name] for name in names if name in spelled), None) for names in _NAMES)
