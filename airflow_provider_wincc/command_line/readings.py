"""Readings of tags in the words and colours of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import QualityLevel
from airflow_provider_wincc.command_line.screen import cell

if TYPE_CHECKING:
    from datetime import datetime

    from rich.text import Text

    from airflow_provider_wincc.client.models import Quality, TagFailure, TagValue

HEADINGS = ("tag", "value", "type", "quality", "time")
FAILED = "bold red"
_COLOURS = {QualityLevel.GOOD: "green", QualityLevel.UNCERTAIN: "yellow", QualityLevel.BAD: "red"}


def row_of(name: str, reading: TagValue | TagFailure) -> tuple[Text, ...]:
    """Return the row of a tag under the :data:`HEADINGS`."""
    from airflow_provider_wincc.client.models import TagFailure

    if isinstance(reading, TagFailure):
        return cell(name), cell("-"), cell("-"), cell(str(reading), FAILED), cell("-")
    return (
        cell(name),
        cell(reading.text, "bold"),
        cell(type_of(reading)),
        quality_cell(reading.quality),
        cell(time_of(reading.timestamp)),
    )


def quality_cell(quality: Quality) -> Text:
    """Return a quality in words, in its colour."""
    return cell(str(quality), _COLOURS[quality.level])


def type_of(reading: TagValue) -> str:
    """Return what the value is read as: ``bool``, ``int``, ``float``, ``text``, or ``not a number``."""
    if reading.value is None:
        return "not a number"
    return "text" if isinstance(reading.value, str) else type(reading.value).__name__


def time_of(moment: datetime | None) -> str:
    """Return a moment in UTC to the millisecond; ``unknown`` where the station names none that can be read."""
    if moment is None:
        return "unknown"
    return f"{moment.strftime('%Y-%m-%d %H:%M:%S')}.{moment.microsecond // 1000:03d}Z"
