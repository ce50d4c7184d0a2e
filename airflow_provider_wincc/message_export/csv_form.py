"""Messages as a CSV file."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from airflow_provider_wincc.archive_export.moments import to_text
from airflow_provider_wincc.message_export.columns import COLUMNS, cells_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_provider_wincc.client.messages.values import Message
    from airflow_provider_wincc.message_export.columns import Cell

# What begins a formula in one spreadsheet or another, as OWASP has it, and what one may pass over before it looks.
# Plant designations begin so in all honesty: "=ANL1+ORT2-M3".
_FORMULA = r"=+\-@\uff1d\uff0b\uff0d\uff20"
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff"
# Where the separator of lists is a semicolon, as in most of Europe, a spreadsheet cuts cells and lines at these.
_CUTS = r";\t\r\n"
_UNMARKED = re.compile(f"^(?=[{_FORMULA}{_CONTROL}{_CUTS}'])|([{_CUTS}])(?=[{_FORMULA}{_CONTROL}'])")
_MARKED = re.compile(f"(^|[{_CUTS}])'")


def csv_bytes(messages: Iterable[Message], facts: Mapping[str, str]) -> bytes:  # noqa: ARG001  of all forms alike
    """Return a CSV file as RFC 4180 has it (comma, CRLF, UTF-8, a header line), with the columns of the Parquet file.

    Texts stand in quotes, numbers without, and nothing at all where there is no value. Times are ISO 8601 in UTC
    with ``Z`` and microseconds. Numbers are written so that they read back as the same float.

    So that no text becomes a formula when a person opens the file in a spreadsheet, an apostrophe is put in front of
    one that begins with ``= + - @``, their full-width forms, a control character or an apostrophe; likewise after
    each semicolon, tab and line break in it. :func:`original_text` takes them away again.
    """
    lines = [",".join(COLUMNS), *(_line(cells_of(message)) for message in messages)]
    return "".join(f"{line}\r\n" for line in lines).encode()


def original_text(cell: str) -> str:
    """Return a text as it was before it was written into a CSV file."""
    return _MARKED.sub(r"\1", cell)


def _line(cells: Mapping[str, Cell]) -> str:
    return ",".join(map(_written, cells.values()))


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        marked = _UNMARKED.sub(r"\1'", cell)
        return '"{}"'.format(marked.replace('"', '""'))
    return to_text(cell) if isinstance(cell, datetime) else repr(cell)
