"""A sum of many floats that does not lose the small ones."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class RunningSum:
    """Neumaier's compensated sum.

    It is a function of the order of the numbers alone, not of how they are parted into calls (which ``sum`` of
    Python 3.12 and later is not). So a bucket's mean does not depend on the windows in which its rows were read.
    """

    __slots__ = ("_compensation", "_total")

    def __init__(self) -> None:
        self._total = 0.0
        self._compensation = 0.0

    def add(self, numbers: Iterable[float]) -> None:
        """Add the numbers in their order."""
        total, compensation = self._total, self._compensation
        for number in numbers:
            following = total + number
            if abs(total) >= abs(number):
                compensation += (total - following) + number
            else:
                compensation += (number - following) + total
            total = following
        self._total, self._compensation = total, compensation

    @property
    def value(self) -> float:
        """The sum; infinite when it is beyond the range of a float."""
        return self._total + self._compensation if isfinite(self._total) else self._total
