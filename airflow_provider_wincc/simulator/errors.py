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
