"""The ways in which archives can be asked for."""

from __future__ import annotations

from enum import StrEnum


class ArchiveForm(StrEnum):
    """Which request reads archived values."""

    SINGLE = "single"
    """``POST /tagLogging/Archive/{archive}/values``, proven in production."""
    MULTIPLE = "multiple"
    """``POST /tagLogging/Values``."""


class ArchiveTimes(StrEnum):
    """How times are written into archive requests."""

    UTC = "utc"
    """In UTC without a zone, proven in production."""
    UTC_Z = "utc_z"
    """In UTC with a ``Z``."""
    LOCAL = "local"
    """In the time zone of the station, without a zone."""
