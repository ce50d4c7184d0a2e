"""A tag as the page for people shows it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.models import Quality
from airflow_provider_wincc.simulator.values import text_of

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.tags import SimulatedTag

LONGEST_TEXT = 400
"""Characters of a value, description or error that are shown."""


def tag_row(tag: SimulatedTag) -> dict[str, Any]:
    """Describe a tag; its value is text, because a browser would round large whole numbers."""
    level, meaning = _quality(tag.quality)
    return {
        "name": tag.name,
        "value": shortened(text_of(tag.value)),
        "data_type": tag.data_type.value,
        "unit": tag.unit,
        "description": shortened(tag.description),
        "quality": tag.quality,
        "level": level,
        "meaning": meaning,
        "time": tag.timestamp.isoformat(),
        "error": shortened(tag.error) or (f"error code {tag.error_code}" if tag.error_code else ""),
    }


@cache
def _quality(code: int) -> tuple[str, str]:
    quality = Quality(code)
    return quality.level.value, quality.meaning


def shortened(text: str) -> str:
    """Cut a text that is too long to be shown."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
