"""Rows of a form that was seen before: read in half the time that objects of any form take."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from airflow_provider_wincc.client.archives.row_forms import keys_of
from airflow_provider_wincc.client.wire import is_worth_keeping

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_DISAPPOINTMENTS = 5
_KEY = re.compile(r"[\w .:-]+")
_Scalar = str | int | float | bool | None


class LearnedRow(msgspec.Struct):
    """A row whose keys are those of its class; all rows of an answer are of one class."""

    keys: ClassVar[tuple[str | None, ...]]
    """The keys that have time, value, quality and flags."""
    fields: ClassVar[dict[str, str]]
    """The attribute by key."""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as it was sent."""
        return dict(zip(self.__struct_encode_fields__, msgspec.structs.astuple(self), strict=True))


class LearnedForm:
    """Reads answers of the form of the last one: a list of items with rows, all rows with the same keys.

    An answer of another form is not read, so that it can be read in the general way. After a few of those the station
    is one that changes its forms, and nothing more is learned.
    """

    def __init__(self) -> None:
        self._decoder: msgspec.json.Decoder[Any] | None = None
        self._disappointments = 0

    def read(self, content: bytes) -> list[dict[str, Any]] | None:
        """Return the items of an answer, their rows as :class:`LearnedRow`; None when it is of another form."""
        if self._decoder is None:
            return None
        try:
            items: list[dict[str, Any]] = self._decoder.decode(content)
        except (msgspec.DecodeError, RecursionError):
            self._decoder = None
            self._disappointments += 1
            return None
        return items

    def learn(self, answer: object) -> None:
        """Take the form of an answer that was read in the general way, if it is a simple one."""
        if self._disappointments >= _MOST_DISAPPOINTMENTS or not isinstance(answer, list):
            return
        lists = [value for item in answer if isinstance(item, dict) for value in item.values() if type(value) is list]
        row = next((rows[0] for rows in lists if rows and isinstance(rows[0], dict)), None)
        # Keys with other characters come in no ordinary row, and msgspec takes not all of them.
        if not row or not is_worth_keeping(tuple(row)) or not all(_KEY.fullmatch(key) for key in row):
            return
        fields = {key: f"field_{number}" for number, key in enumerate(row)}
        row_class = msgspec.defstruct(
            "Row",
            [(name, _Scalar) for name in fields.values()],
            bases=(LearnedRow,),
            namespace={"keys": keys_of(row), "fields": fields},
            rename={name: key for key, name in fields.items()},
            forbid_unknown_fields=True,
            gc=False,
        )
        entry = list[row_class] | _Scalar  # type: ignore[valid-type]  # a class made just now
        self._decoder = msgspec.json.Decoder(list[dict[str, entry]])


def learned_column(rows: Sequence[LearnedRow], part: int) -> list[Any] | None:
    """Return all times (0), values (1), qualities (2) or flags (3) as sent; None when the rows have none."""
    key = rows[0].keys[part]
    return None if key is None else list(map(attrgetter(rows[0].fields[key]), rows))
