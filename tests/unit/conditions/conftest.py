"""Readings and judgements for the tests of conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pendulum
import pytest

from airflow_provider_wincc.client.models import Quality, TagValue, read_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.conditions import Condition

NOON = pendulum.datetime(2026, 11, 23, 12, 0, 0)


@pytest.fixture(scope="session")
def reading() -> Callable[..., TagValue]:
    """Build a reading as the client does: ``reading("A", "41.5", quality=0x40, age=30)``, age in seconds."""

    def build(name: str, text: str, *, quality: int = 0x80, age: float = 0) -> TagValue:
        when = NOON.subtract(microseconds=round(age * 1_000_000))
        return TagValue(name, read_value(text), Quality(quality), when, text)

    return build


@pytest.fixture(scope="session")
def judged(reading: Callable[..., TagValue]) -> Callable[..., bool | None]:
    """Judge a condition at noon by the texts of its tags: ``judged(condition, A="41.5")``."""

    def judge(condition: Condition, quality: int = 0x80, age: float = 0, **texts: str) -> bool | None:
        readings = {name: reading(name, text, quality=quality, age=age) for name, text in texts.items()}
        return condition.evaluate(readings, now=0.0, wall_time=NOON).result

    return judge


@pytest.fixture
def noon() -> Any:
    """Return the time of day that ages of readings count from."""
    return NOON
