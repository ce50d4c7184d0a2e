"""A file of a tag list as rows of cells: its encoding, its separator, and where the tags begin."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import NamedTuple

from airflow_provider_wincc.simulator.errors import TagListError
from airflow_provider_wincc.simulator.tag_list_words import COLUMN_OF, plain

_SEPARATORS = "\t;,"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "cp1252"
_LONGEST_CELL = 1_000_000
_MOST_LINES_BEFORE = 50
_SECTION = re.compile(r"\[(\w+)\]\[\d*\]\s*")
_TAG_SECTION = "DMTAG"


class Row(NamedTuple):
    """A row of the file; lines are counted from 1."""

    line: int
    cells: list[str]


class TagRows(NamedTuple):
    """The part of a file that has the tags.

    :param header: the row with the names of the columns.
    :param rows: those that follow it, empty ones left out.
    """

    header: Row
    rows: list[Row]


def decoded(blob: bytes, source: str, encoding: str | None) -> str:
    """Turn the bytes of a file into text.

    WinCC writes UTF-16 with a byte order mark where a user saves "Unicode text" (seen: sure), and Windows code pages
    in older versions (likely). Without a mark the text is UTF-8 where that fits, else Western European, cp1252.

    :param encoding: its encoding, where it is known.
    :raises TagListError: when the bytes are no text of that encoding.
    """
    chosen = encoding or _guessed(blob)
    try:
        text = blob.decode(chosen)
    except LookupError:
        raise TagListError(f"{source}: {encoding!r} is no encoding; name one such as utf-16, cp1252, cp1251") from None
    except UnicodeDecodeError as problem:
        line = blob.count(b"\n", 0, problem.start) + 1
        raise TagListError(
            f"{source}, line {line}: no text in {chosen}; name the encoding with --encoding, such as cp1251 or utf-16"
        ) from None
    return text.removeprefix("\ufeff")


def tag_rows(text: str, source: str) -> TagRows:
    """Find the tags in the text of a list.

    The list may be one table with a row of column names, or a file of several sections, of which the tags are in
    ``[DMTAG][...]``, as WinCC Configuration Studio writes it (seen in a program that reads such files: likely).

    :raises TagListError: when there is no row that names the columns.
    """
    rows = _rows(text, source)
    section = _tag_section(rows, source)
    if section is not None:
        if not section or not _is_header(section[0].cells):
            line = section[0].line if section else len(rows)
            raise TagListError(f"{source}, line {line}: expected the names of the columns, such as Name and Data type")
        return TagRows(section[0], section[1:])
    for place, row in enumerate(rows[:_MOST_LINES_BEFORE]):
        if _is_header(row.cells):
            return TagRows(row, rows[place + 1 :])
    begin = " | ".join(cell for cell in rows[0].cells if cell)[:80] if rows else "nothing"
    raise TagListError(
        f"{source}: no row names the columns; expected one with Name and Data type (or Name and Datentyp, "
        f"or Varname and Ctyp), separated by tabs, semicolons or commas. The file begins with: {begin}"
    )


def _guessed(blob: bytes) -> str:
    for mark, encoding in _MARKS:
        if blob.startswith(mark):
            return encoding
    begin = blob[:2000]
    if b"\0" in begin:
        return "utf-16-be" if begin[::2].count(b"\0") > begin[1::2].count(b"\0") else "utf-16-le"
    try:
        blob.decode("utf-8")
    except UnicodeDecodeError:
        return _WESTERN
    return "utf-8"


def _rows(text: str, source: str) -> list[Row]:
    lines = text[: 64 * 1024].splitlines()
    separator = max(_SEPARATORS, key=lambda each: max((_named_columns(line, each) for line in lines), default=0))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                rows.append(Row(line, stripped))
            line = reader.line_num + 1
    except csv.Error as problem:
        raise TagListError(f"{source}, line {reader.line_num}: no list of tags: {problem}") from None
    return rows


def _named_columns(line: str, separator: str) -> int:
    return len({COLUMN_OF.get(plain(cell.strip(' "'))) for cell in line.split(separator)} - {None})


def _is_header(cells: list[str]) -> bool:
    return {"name", "type"} <= {COLUMN_OF.get(plain(cell)) for cell in cells}


def _tag_section(rows: list[Row], source: str) -> list[Row] | None:
    marks = {place: match[1] for place, row in enumerate(rows) if (match := _SECTION.fullmatch("".join(row.cells)))}
    if not marks:
        return None
    begin = next((place for place, name in marks.items() if name.upper() == _TAG_SECTION), None)
    if begin is None:
        raise TagListError(f"{source}: no tags in it, only {', '.join(marks.values())}; export the tags as well")
    # The title of a section stands one row above its mark.
    end = next((place - 1 for place in marks if place > begin), len(rows))
    return rows[begin + 1 : end]
