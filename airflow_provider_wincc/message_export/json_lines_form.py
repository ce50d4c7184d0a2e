"""Messages as a file of JSON lines."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING

from airflow_provider_wincc.archive_export.moments import to_text
from airflow_provider_wincc.message_export.columns import cells_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_provider_wincc.client.messages.values import Message
    from airflow_provider_wincc.message_export.columns import Cell

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_NOT_ESCAPED_YET = re.compile("[\x7f-\x9f\u2028\u2029]")


def json_lines_bytes(messages: Iterable[Message], facts: Mapping[str, str]) -> bytes:  # noqa: ARG001  of all forms alike
    """Return one JSON object a line, in UTF-8, with the columns of the Parquet file as keys; all stand in every line.

    Times are ISO 8601 in UTC with ``Z`` and microseconds. No control character stands in the file as such, nor what
    some readers take for the end of a line.
    """
    return "".join(f"{_line(cells_of(message))}\n" for message in messages).encode()


def _line(cells: Mapping[str, Cell]) -> str:
    line = _encode({name: to_text(cell) if isinstance(cell, datetime) else cell for name, cell in cells.items()})
    return _NOT_ESCAPED_YET.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
