"""A list of tags that WinCC exported, as an own plant."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from airflow_provider_wincc.simulator.catalogue import INTERNAL
from airflow_provider_wincc.simulator.errors import TagListError, WrongValueError
from airflow_provider_wincc.simulator.plant_file import PlantFile
from airflow_provider_wincc.simulator.plant_tags import PlantTag
from airflow_provider_wincc.simulator.tag_list_file import decoded, tag_rows
from airflow_provider_wincc.simulator.tag_list_words import (
    COLUMN_OF,
    INTERNAL_PLAIN,
    NOT_SIMULATED_PLAIN,
    TYPE_OF,
    TYPES,
    plain,
)
from airflow_provider_wincc.simulator.values import accept, start_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from typing import Any, Self

    from airflow_provider_wincc.client.models import DataType, Scalar
    from airflow_provider_wincc.simulator.tag_list_file import Row
    from airflow_provider_wincc.simulator.tag_list_words import Column

_LARGEST = 256 * 1024 * 1024


@dataclass(frozen=True)
class TagList:
    """The tags of a list that was exported from WinCC's tag management.

    :param tags: the tags, in the order of the list.
    :param left_out: a sentence for each kind of row that was left out, with how many there were.
    """

    tags: tuple[PlantTag, ...]
    left_out: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: str | PathLike[str], *, encoding: str | None = None) -> Self:
        """Read a list from a text or CSV file.

        :param encoding: its encoding; found out by itself if left out: UTF-16, UTF-8 or cp1252.
        :raises TagListError: naming the file, the line and the column of what cannot be read.
        """
        file = Path(path)
        try:
            blob = file.read_bytes()
        except OSError as problem:
            raise TagListError(f"{file} cannot be read: {problem.strerror or problem}") from None
        if len(blob) > _LARGEST:
            raise TagListError(f"{file}: a list of tags has at most 256 MB")
        return cls.parse(decoded(blob, str(file), encoding), source=str(file))

    @classmethod
    def parse(cls, text: str, *, source: str = "tags") -> Self:
        """Read a list from its text.

        :param source: what errors call it.
        :raises TagListError: naming the line and the column of what cannot be read.
        """
        header, rows = tag_rows(text, source)
        reader = _Reader(source, header)
        tags: dict[str, PlantTag] = {}
        lines: dict[str, int] = {}
        for row in rows:
            tag = reader.tag(row)
            if tag is None:
                continue
            key = tag.name.lower()
            if key in tags:
                raise TagListError(
                    f"{source}, line {row.line}: the tag {tag.name!r} stands in line {lines[key]} already; keep one"
                )
            tags[key] = tag
            lines[key] = row.line
        return cls(tuple(tags.values()), reader.left_out)

    def plant(self, name: str = "own") -> PlantFile:
        """Make a plant that has these tags, which do nothing by themselves."""
        return PlantFile(name=name, tags=self.tags)

    def to_yaml(self) -> str:
        """Write a plant file with these tags, to add behaviours, messages and a timeline to."""
        entries = {tag.name: _entry(tag) for tag in self.tags}
        text: str = yaml.dump(
            {"tags": entries}, Dumper=_PlantFileDumper, allow_unicode=True, sort_keys=False, width=10_000
        )
        return text


class _Reader:
    def __init__(self, source: str, header: Row) -> None:
        self._source = source
        self._columns: dict[Column, int] = {}
        for place, cell in enumerate(header.cells):
            column = COLUMN_OF.get(plain(cell))
            if column is not None:
                self._columns.setdefault(column, place)
        self._names = {column: header.cells[place] for column, place in self._columns.items()}
        self._without_name = 0
        self._not_simulated: dict[str, int] = {}

    @property
    def left_out(self) -> tuple[str, ...]:
        kinds = [f"{count} of type {kind!r}, which is not simulated" for kind, count in self._not_simulated.items()]
        return (*kinds, *([f"{self._without_name} rows without a name"] if self._without_name else []))

    def tag(self, row: Row) -> PlantTag | None:
        name = self._cell(row, "name")
        if not name:
            self._without_name += 1
            return None
        data_type = self._type(row)
        if data_type is None:
            return None
        connection = self._cell(row, "connection")
        return PlantTag(
            name=name,
            data_type=data_type,
            value=self._value(row, data_type),
            unit=self._cell(row, "unit"),
            description=self._cell(row, "description"),
            group=self._cell(row, "group"),
            connection=INTERNAL if plain(connection) in INTERNAL_PLAIN else connection,
        )

    def _cell(self, row: Row, column: Column) -> str:
        place = self._columns.get(column)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def _type(self, row: Row) -> DataType | None:
        word = self._cell(row, "type")
        if plain(word) in NOT_SIMULATED_PLAIN:
            self._not_simulated[word] = self._not_simulated.get(word, 0) + 1
            return None
        found = TYPE_OF.get(plain(word))
        if found is None:
            known = {plain(each): each for words in TYPES.values() for each in words if not each.isdigit()}
            near = difflib.get_close_matches(plain(word), known, n=1)
            hint = f"did you mean {known[near[0]]!r}?" if near else f"known are {', '.join(known.values())}"
            raise self._error(row, "type", f"unknown data type {word!r}; {hint}")
        return found

    def _value(self, row: Row, data_type: DataType) -> Scalar:
        text = self._cell(row, "value")
        if not text:
            return start_value(data_type)
        try:
            return accept(_with_point(text) if data_type.is_float else text, data_type)
        except WrongValueError as problem:
            raise self._error(row, "value", str(problem)) from None

    def _error(self, row: Row, column: Column, problem: str) -> TagListError:
        return TagListError(f"{self._source}, line {row.line}, column {self._names[column]!r}: {problem}")


class _PlantFileDumper(yaml.SafeDumper):
    """Writes texts so that they come back as they are."""


# Line ends other than \n would be read back as spaces where they are not escaped.
_ESCAPED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _ESCAPED.search(text) else None)


_PlantFileDumper.add_representer(str, _represent_text)


def _with_point(text: str) -> str:
    # A German WinCC writes 12,5.
    return text.replace(",", ".") if re.fullmatch(r"[-+]?\d+,\d+([eE][-+]?\d+)?", text) else text


def _entry(tag: PlantTag) -> Mapping[str, Any]:
    entry: dict[str, Any] = {"type": tag.data_type.value}
    if tag.value != start_value(tag.data_type):
        entry["value"] = tag.value
    texts = {"unit": tag.unit, "description": tag.description, "group": tag.group}
    entry |= {key: text for key, text in texts.items() if text}
    if tag.connection != INTERNAL:
        entry["connection"] = tag.connection
    return entry
