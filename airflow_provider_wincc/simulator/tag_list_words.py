"""The words of WinCC's tag management as its exports use them, in English and German.

How sure they are:

* English columns and types: seen in files and programs of users that import into or export from WinCC V7
  (a template of 24 columns separated by tabs; several programs that match the type names): sure.
* Numbers of types: ``DM_VARTYPE`` of WinCC's C interface, published: sure.
* ``Varname``, ``Conn``, ``Spec``, ``Ctyp`` of the older tool for importing and exporting tags: from memory: likely.
* German columns and types: from memory of the German program: likely. What is not among them is asked for by the
  error, and a column can always be renamed in the file.
"""

from __future__ import annotations

import re
from typing import Literal

from airflow_provider_wincc.client.models import DataType

Column = Literal["name", "type", "connection", "group", "description", "value", "unit"]

COLUMNS: dict[Column, tuple[str, ...]] = {
    "name": ("Name", "Tag name", "Varname", "Variablenname"),
    "type": ("Data type", "Ctyp", "Type", "Datentyp", "Typ"),
    "connection": ("Connection", "Conn", "Verbindung"),
    "group": ("Group", "Tag group", "Gruppe", "Variablengruppe"),
    "description": ("Comment", "Description", "Kommentar", "Beschreibung"),
    "value": ("Start value", "Startwert"),
    "unit": ("Unit", "Einheit"),
}
"""The columns that are read, by what they are read as; all others are left alone."""

TYPES: dict[DataType, tuple[str, ...]] = {
    DataType.BOOL: ("Binary tag", "Binäre Variable", "Binärvariable", "1"),
    DataType.INT8: ("Signed 8-bit value", "Vorzeichenbehafteter 8-Bit Wert", "2"),
    DataType.UINT8: ("Unsigned 8-bit value", "Vorzeichenloser 8-Bit Wert", "3"),
    DataType.INT16: ("Signed 16-bit value", "Vorzeichenbehafteter 16-Bit Wert", "4"),
    DataType.UINT16: ("Unsigned 16-bit value", "Vorzeichenloser 16-Bit Wert", "5"),
    DataType.INT32: ("Signed 32-bit value", "Vorzeichenbehafteter 32-Bit Wert", "6"),
    DataType.UINT32: ("Unsigned 32-bit value", "Vorzeichenloser 32-Bit Wert", "7"),
    DataType.INT64: ("Signed 64-bit value", "Vorzeichenbehafteter 64-Bit Wert"),
    DataType.UINT64: ("Unsigned 64-bit value", "Vorzeichenloser 64-Bit Wert"),
    DataType.FLOAT32: ("Floating-point number 32-bit IEEE 754", "Gleitkommazahl 32-Bit IEEE 754", "8"),
    DataType.FLOAT64: ("Floating-point number 64-bit IEEE 754", "Gleitkommazahl 64-Bit IEEE 754", "9"),
    DataType.TEXT: (
        "Text tag 8-bit character set",
        "Text tag 16-bit character set",
        "Textvariable 8-Bit Zeichensatz",
        "Textvariable 16-Bit Zeichensatz",
        "10",
        "11",
    ),
}
"""Types of tags by their names and numbers; the short names of :class:`DataType` are known as well."""

NOT_SIMULATED = (
    "Raw data type",
    "Rohdatentyp",
    "Text reference",
    "Textreferenz",
    "Structure type",
    "Structure types",
    "Strukturtyp",
    "Date/time",
    "Datum/Uhrzeit",
    "12",
    "13",
    "14",
    "18",
)
"""Types that the REST service cannot carry, or nobody knows how; tags of these are left out."""

INTERNAL_CONNECTIONS = ("", "Internal tags", "Interne Variablen", "Internal")


def plain(word: str) -> str:
    """Give a word as it is compared: without regard to case, spaces, hyphens and the like."""
    return re.sub(r"[\s\-_.:()]+", "", word).casefold()


COLUMN_OF: dict[str, Column] = {plain(word): column for column, words in COLUMNS.items() for word in words}
TYPE_OF: dict[str, DataType] = {
    **{plain(kind.value): kind for kind in TYPES},
    **{plain(word): kind for kind, words in TYPES.items() for word in words},
}
NOT_SIMULATED_PLAIN = frozenset(map(plain, NOT_SIMULATED))
INTERNAL_PLAIN = frozenset(map(plain, INTERNAL_CONNECTIONS))
