"""Rows of the runtime lists made into messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.archives.moments import in_utc
from airflow_provider_wincc.client.messages.field_values import NOTHING_SAID, read_whole
from airflow_provider_wincc.client.messages.fields import form_of
from airflow_provider_wincc.client.messages.values import Message, MessageState
from airflow_provider_wincc.client.models import read_value
from airflow_provider_wincc.client.timestamps import read_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from airflow_provider_wincc.client.messages.fields import Candidates, Form
    from airflow_provider_wincc.client.models import Scalar

_STATES: dict[int, MessageState] = {int(state): state for state in MessageState}
_MILLISECOND = 1000


def read_message(row: Mapping[str, Any], timezone: tzinfo) -> Message:
    """Turn a row into a message.

    Nothing is required, and nothing is lost: keys that nobody knows, and those whose value cannot be read, are in
    ``other`` as the station spells them.

    :param timezone: of times that carry none.
    """
    form = form_of(tuple(row))
    reading = _Reading(row)
    values = {field: value for field, keys in form.fields if (value := reading.first(keys)) is not None}
    return Message(
        **values,
        state=_STATES.get(values.get("state_code", 0)),
        time=reading.time(form, timezone),
        texts=reading.texts(form),
        process_values=reading.process_values(form),
        other=reading.others(form),
    )


class _Reading:
    """A row, and which of its keys have been understood so far."""

    __slots__ = ("_row", "_understood")

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row
        self._understood: set[str] = set()

    def first(self, candidates: Candidates) -> Any:
        """Return the first value that says something and can be read."""
        for key, read in candidates:
            raw = self._row[key]
            if raw in NOTHING_SAID:
                continue
            value = read(raw)
            if value is not None:
                self._understood.add(key)
                return value
        return None

    def time(self, form: Form, timezone: tzinfo) -> datetime | None:
        """Return the time in UTC, to the millisecond."""
        for key in form.times:
            raw = self._row[key]
            moment = read_timestamp(raw, timezone)
            if moment is not None:
                self._understood.add(key)
                return self._with_milliseconds(moment, form)
            for date in form.dates:
                moment = read_timestamp(f"{self._row[date]} {raw}", timezone)
                if moment is not None:
                    self._understood |= {key, date}
                    return self._with_milliseconds(moment, form)
        return None

    def _with_milliseconds(self, moment: datetime, form: Form) -> datetime:
        milliseconds = moment.microsecond // _MILLISECOND
        for key in form.milliseconds:
            said = read_whole(self._row[key])
            if said is not None and (said == milliseconds or (not milliseconds and 0 < said < _MILLISECOND)):
                milliseconds = said
                self._understood.add(key)
        return in_utc(moment).replace(microsecond=milliseconds * _MILLISECOND)

    def texts(self, form: Form) -> tuple[str | None, ...]:
        """Return the text blocks, up to the last that says something."""
        if not form.texts:
            return _up_to_the_last(self.first(form.text_lists) or ())
        return _up_to_the_last([self.first(block) for block in form.texts])

    def process_values(self, form: Form) -> tuple[Scalar | None, ...]:
        """Return the process value blocks, up to the last that says something."""
        if not form.process_values:
            return _up_to_the_last(self.first(form.process_value_lists) or ())
        return _up_to_the_last([self._process_value(*block) for block in form.process_values])

    def _process_value(self, value_keys: Candidates, text_keys: Candidates) -> Scalar | None:
        value: Scalar | None = self.first(value_keys)
        for key, read in text_keys:
            text = self.first(((key, read),))
            if text is None or (value is not None and read_value(text) == value):
                continue
            # Of a value that is a text, the column of numbers has 0.
            if not value:
                value = text
            else:
                self._understood.discard(key)
        return value

    def others(self, form: Form) -> dict[str, Any]:
        """Return what has not been understood."""
        return {
            key: raw
            for key, raw in self._row.items()
            if key not in self._understood and (key in form.unknown or raw not in NOTHING_SAID)
        }


def _up_to_the_last(blocks: Any) -> tuple[Any, ...]:
    count = len(blocks)
    while count and blocks[count - 1] in NOTHING_SAID:
        count -= 1
    return tuple(blocks[:count])
