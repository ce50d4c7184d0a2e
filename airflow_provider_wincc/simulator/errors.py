"""What the simulated station raises towards Python code."""

from __future__ import annotations


class SimulatorStartError(RuntimeError):
    """The station could not be started, or is used before it was; the text says why and what to do."""


class UnknownTagError(LookupError):
    """The station, or an archive, has no tag of this name."""


class UnknownArchiveError(LookupError):
    """The station has no archive of this name."""


class UnknownUnitError(LookupError):
    """The station has no production unit of this name."""


class UnknownMessageError(LookupError):
    """The station has no message of this number."""


class WrongValueError(ValueError):
    """A value does not fit the type of its tag.

    :param message: names the value and the type.
    :param code: what the station answers as ``errorcode`` when the value came by REST.
    """

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


class PlantFileError(ValueError):
    """A plant file cannot be read.

    :param problem: what is wrong, what was expected, and the nearest known word.
    :param source: name of the file.
    :param line: counted from 1.
    :param column: counted from 1.
    :param key: path of keys to the value, such as ``tags.Tank1.Level.unit``; empty where there is none.
    """

    def __init__(self, problem: str, *, source: str, line: int, column: int, key: str = "") -> None:
        where = f"{source}, line {line}, column {column}"
        super().__init__(f"{where}, key {key}: {problem}" if key else f"{where}: {problem}")
        self.line = line
        self.column = column
        self.key = key


class TagListError(ValueError):
    """A list of tags cannot be read; the text names the file, the line and the column of the list."""


class KeptStateError(RuntimeError):
    """The folder of a station's state cannot be used; the text says why and what to do."""
