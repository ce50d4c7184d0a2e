"""Series made from a seed: each row follows from its place in the series alone."""

from __future__ import annotations

import math
import random
import time
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.archive_moments import (
    DAY,
    HOUR,
    MINUTE,
    Spans,
    first_millisecond_after,
    first_millisecond_from,
)
from airflow_provider_wincc.simulator.archive_series import Chunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from airflow_provider_wincc.simulator.archive_settings import Archived, SimulatedArchiveTag

_GOOD = 0x80
_LEVELS = 10_000
"""Steps between the lowest and the highest value."""
_NOISE = 250
"""Largest noise, in levels."""
_LENGTH = 8191
"""After how many rows noise and chance repeat; a prime, so that they do not repeat with the minutes."""
_MOST_SLOTS = 4096
_RUN = 30
"""For how many rows at least a binary value stays."""


class GeneratedSeries:
    """The rows of an archive tag that has none by hand.

    The series has slots, numbered from 0. A slot has one row, several where it is doubled, and none where it lies
    in a gap. Where slots lie in time is reckoned, so that a span is found without a search.
    """

    def __init__(self, tag: SimulatedArchiveTag) -> None:
        self._tag = tag
        self._first = first_millisecond_from(tag.first)
        self._last = None if tag.last is None else first_millisecond_after(tag.last)
        self._gaps = Spans(tag.gaps)
        self._share = tag.bad_quality if isinstance(tag.bad_quality, int | float) else 0.0
        self._bad_spans = Spans(() if isinstance(tag.bad_quality, int | float) else tag.bad_quality)
        # A text gives the same numbers in each process, which a hash does not.
        dice = random.Random(f"{tag.seed} {tag.name}")  # nosec B311 # noqa: S311 - no secret
        self._shift = dice.randrange(_LENGTH)
        self._phases = (dice.random(), dice.random())

    def since(self) -> int:
        """Give the millisecond of the first row."""
        return self._first

    def until(self) -> int:
        """Give the millisecond after the last row that there can be now."""
        now = time.time_ns() // 1_000_000 + 1
        return now if self._last is None else min(now, self._last)

    def chunks(self, start: int, end: int) -> Iterator[Chunk]:
        """Make the rows of a span."""
        for slots in self._slots(start, end):
            slot = slots.start
            while slot < slots.stop:
                hour = self._time(slot) // HOUR
                stop = min(slots.stop, self._slot_from((hour + 1) * HOUR), slot + _MOST_SLOTS)
                yield self._chunk(hour, slot, stop)
                slot = stop

    def count(self, start: int, end: int) -> int:
        """Count the rows of a span."""
        count = 0
        every, extra = self._tag.duplicate_every, self._tag.duplicate_count - 1
        for slots in self._slots(start, end):
            count += len(slots)
            if every is not None:
                count += extra * (slots.stop // every - slots.start // every)
        return count

    def _slots(self, start: int, end: int) -> Iterator[range]:
        for gap_start, gap_end in [*self._gaps.overlapping(start, end), (end, end)]:
            if start < gap_start:
                yield range(self._slot_from(start), self._slot_from(gap_start))
            start = gap_end

    def _time(self, slot: int) -> int:
        period = self._tag.period_ms
        time_of_slot = self._first + slot * period
        if self._tag.kind == "on_change" and slot:
            time_of_slot += int(_chances()[(slot + self._shift) % _LENGTH] * period)
        return time_of_slot

    def _slot_from(self, moment: int) -> int:
        slot = max(0, (moment - self._first) // self._tag.period_ms)
        while self._time(slot) < moment:
            slot += 1
        return slot

    def _chunk(self, hour: int, start: int, stop: int) -> Chunk:
        begins = hour * HOUR
        offsets: Sequence[int]
        if self._tag.kind == "on_change":
            offsets = [self._time(slot) - begins for slot in range(start, stop)]
        else:
            period = self._tag.period_ms
            first = self._first - begins
            offsets = range(first + start * period, first + stop * period, period)
        qualities = self._qualities(begins, offsets, start)
        every = self._tag.duplicate_every
        slots: Sequence[int] = range(start, stop)
        if every is not None and start // every != stop // every:
            slots, offsets, qualities = self._doubled(slots, offsets, qualities)
        return Chunk(hour, offsets, self._values(hour, slots, offsets), qualities)

    def _values(self, hour: int, slots: Sequence[int], offsets: Sequence[int]) -> Sequence[Archived]:
        if self._tag.kind == "binary":
            chances, shift = _chances(), self._shift
            return [chances[(slot // _RUN + shift) % _LENGTH] < 0.5 for slot in slots]
        scale, noise, shift = _scale(self._tag.low, self._tag.high), _noise(), self._shift
        levels = {minute: self._level(hour * 60 + minute) for minute in {offset // MINUTE for offset in offsets}}
        return [
            scale[levels[offset // MINUTE] + noise[(slot + shift) % _LENGTH]]
            for slot, offset in zip(slots, offsets, strict=True)
        ]

    def _level(self, minute: int) -> int:
        daily, slow = self._phases
        wave = math.sin(math.tau * (minute * MINUTE / DAY + daily))
        drift = math.sin(math.tau * (minute * MINUTE / (9.3 * DAY) + slow))
        return round(_LEVELS * (0.5 + 0.25 * wave + 0.15 * drift))

    def _qualities(self, begins: int, offsets: Sequence[int], start: int) -> Sequence[int]:
        qualities = [_GOOD] * len(offsets)
        codes = self._tag.bad_qualities
        if self._share:
            place = (start + self._shift) % _LENGTH
            chances = _chances()[place : place + len(offsets)]
            for index, chance in enumerate(chances):
                # The far end of the row's chance, so that it goes with neither the distances nor the noise.
                if chance * 1000 % 1 < self._share:
                    qualities[index] = codes[(start + index) % len(codes)]
        for bad_start, bad_end in self._bad_spans.overlapping(begins + offsets[0], begins + offsets[-1] + 1):
            for index, offset in enumerate(offsets):
                if bad_start <= begins + offset < bad_end:
                    qualities[index] = codes[(start + index) % len(codes)]
        return qualities

    def _doubled(
        self, slots: Sequence[int], offsets: Sequence[int], qualities: Sequence[int]
    ) -> tuple[list[int], list[int], list[int]]:
        every, count = self._tag.duplicate_every or 1, self._tag.duplicate_count
        rows = [
            # Of each two copies one is the same as the one before it, and the other is not.
            (slot + copy // 2, offset, quality)
            for slot, offset, quality in zip(slots, offsets, qualities, strict=True)
            for copy in range(count if (slot + 1) % every == 0 else 1)
        ]
        copies, times, codes = zip(*rows, strict=True)
        return list(copies), list(times), list(codes)


@cache
def _chances() -> list[float]:
    dice = random.Random("chances")  # nosec B311 # noqa: S311 - no secret
    # Twice, so that a part which goes over the end is one slice.
    return [dice.random() for _ in range(_LENGTH)] * 2


@cache
def _noise() -> list[int]:
    dice = random.Random("noise")  # nosec B311 # noqa: S311 - no secret
    return [max(-_NOISE, min(_NOISE, round(dice.gauss(0, _NOISE / 3)))) for _ in range(_LENGTH)]


@lru_cache(maxsize=64)
def _scale(low: float, high: float) -> list[float]:
    digits = 6 - math.ceil(math.log10(high - low))
    return [round(low + (high - low) * level / _LEVELS, digits) for level in range(_LEVELS + 1)]
