"""What a station's answers have shown about the most rows that it hands out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

_CERTAIN_ROWS = 100
"""So many rows, less one, come in one answer from every station."""


@dataclass(frozen=True, slots=True)
class RowCount:
    """The rows of one answer before anything is dropped: in total, and of the tag that has most."""

    total: int
    fullest: int

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> RowCount:
        """Count the rows of an answer by those of its tags."""
        return cls(sum(counts.values()), max(counts.values(), default=0))


class StationLimits:
    """Knows when an answer may have been cut.

    A station may hold ``maxValues`` against each tag or against the whole answer, and may have a cap of its own
    about which it says nothing. An answer with fewer rows than another one had is below every cap; so only an answer
    that is a record needs a proof, and records get rare.

    :param certain_rows: fewer rows than that come in one answer from every station.
    """

    def __init__(self, certain_rows: int = _CERTAIN_ROWS) -> None:
        self.most = RowCount(certain_rows, certain_rows)
        self.cap: int | None = None
        self.cap_of_tag: int | None = None
        self.max_values_is_per_tag = False

    def note(self, count: RowCount, max_values: int) -> bool:
        """Learn from an answer; return whether it is a record that only a proof shows to be complete."""
        is_record = count.total >= self.most.total or count.fullest >= self.most.fullest
        self.most = RowCount(max(count.total, self.most.total), max(count.fullest, self.most.fullest))
        self.max_values_is_per_tag |= count.total > max_values
        if self.cap is not None and count.total > self.cap:
            # More rows than the cap for the whole answer: then it was one for each tag.
            self.cap_of_tag = self.cap if self.cap_of_tag is None else min(self.cap, self.cap_of_tag)
            self.cap = None
        if self.cap_of_tag is not None and count.fullest > self.cap_of_tag:
            self.cap_of_tag = None
        return is_record

    def learn_cap(self, rows: int, *, of_tag: bool) -> None:
        """Take it that the station hands out so many rows at most, in an answer or of one tag."""
        log.warning(
            "The station hands out %d rows at most %s, without saying so: smaller windows from now on",
            rows,
            "of a tag" if of_tag else "in one answer",
        )
        if of_tag:
            self.cap_of_tag = rows
        else:
            self.cap = rows

    def is_full(self, count: RowCount, tags: int, max_values: int) -> bool:
        """Whether rows may have been cut off, by ``maxValues`` or by a cap that is known."""
        if count.fullest >= max_values or self._is_capped(count):
            return True
        return tags > 1 and not self.max_values_is_per_tag and count.total == max_values

    def _is_capped(self, count: RowCount) -> bool:
        in_total = self.cap is not None and count.total >= self.cap
        return in_total or (self.cap_of_tag is not None and count.fullest >= self.cap_of_tag)

    def load_of(self, count: RowCount, max_values: int) -> float:
        """Return how full an answer is, 1.0 for full."""
        of_tag = max_values if self.cap_of_tag is None else min(max_values, self.cap_of_tag)
        load = count.fullest / of_tag
        if not self.max_values_is_per_tag:
            load = max(load, count.total / max_values)
        return load if self.cap is None else max(load, count.total / self.cap)
