"""Between the controller of a simulated unit and the station's image of its tags: each value takes its time."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.errors import WrongValueError
from airflow_provider_wincc.simulator.tags import GOOD
from airflow_provider_wincc.simulator.values import accept

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.tags import SimulatedTag, TagTable
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit
    from airflow_provider_wincc.simulator.unit_tags import UnitTag

NO_COMMUNICATION = 0x18
LAST_USABLE_VALUE = 0x44


class UnitImage:
    """The tags of one unit in the table of the station, as far as they are behind the controller or ahead of it.

    What the client writes arrives in the order of its requests, each request within the skew; the items of one
    request arrive in any order. What the controller changes is shown within the skew, each tag for itself, so
    that the image may show values together that the controller never had together. Times are in seconds of the
    caller's clock. The caller holds the lock of the table.

    :param picture: what the controller shows at first; the table shows it already.
    """

    def __init__(
        self, settings: SimulatedUnit, tags: Sequence[UnitTag], table: TagTable, picture: Mapping[str, Scalar]
    ) -> None:
        self._settings = settings
        self._tags = {f"{settings.name}.{tag.name}".lower(): tag for tag in tags}
        self._table = table
        # Delays, not secrets; the text makes units of one seed differ.
        self._random = random.Random(f"{settings.seed} {settings.name}")  # nosec B311 # noqa: S311 - no secret
        self._writes: list[_Write] = []
        self._last_arrival = 0.0
        self._updates: dict[str, deque[_Update]] = {tag.name: deque() for tag in tags}
        self._sent: dict[str, tuple[Scalar | None, int]] = {name: (value, GOOD) for name, value in picture.items()}

    def is_settled(self, moving: Collection[str]) -> bool:
        """Whether the image shows what the controller has, and the controller has what was written.

        :param moving: tags that change all the time; a new value of theirs on its way does not count.
        """
        return not self._writes and not any(
            name not in moving or update.quality is not None
            for name, updates in self._updates.items()
            for update in updates
        )

    def note_writes(self, now: float, written: Sequence[SimulatedTag], *, by_rest: bool) -> None:
        """Send the values of one request on their way; tags of others are passed over."""
        items: dict[str, Scalar] = {}
        for shown in written:
            tag = self._tags.get(shown.name.lower())
            if tag is None:
                continue
            if tag.by_client:
                self._keep_written_value(tag.name)
                try:
                    items[tag.name] = accept(shown.value, tag.data_type)
                except WrongValueError:
                    continue  # a tag that was defined anew with another type does not reach the controller
            elif by_rest:
                self._sent[tag.name] = (None, self._sent[tag.name][1])  # the controller writes over it
        earliest = max(now, self._last_arrival)
        latest = max(earliest, now + self._delay())
        if items:
            self._last_arrival = latest
        self._writes += [_Write(self._random.uniform(earliest, latest), *item) for item in items.items()]
        self._writes.sort(key=lambda write: write.due)

    def arrivals(self, now: float) -> list[tuple[str, Scalar]]:
        """Return the names and values that have arrived at the controller, in this order."""
        arrived = [write for write in self._writes if write.due <= now]
        self._writes = self._writes[len(arrived) :]
        return [(write.name, write.value) for write in arrived]

    def correct(self, now: float, name: str, held: Scalar) -> None:
        """Show what the controller made of a written value, unless a newer one is on its way."""
        if not any(write.name == name for write in self._writes):
            self._queue(name, _Update(now + self._delay(), held))

    def send(self, now: float, picture: Mapping[str, Scalar], quality: int) -> None:
        """Send what has changed in the controller since the last time on its way into the image."""
        for name, value in picture.items():
            before = self._sent.get(name)
            if before != (value, quality):
                changed_quality = None if before and before[1] == quality else quality
                self._queue(name, _Update(now + self._delay(), value, changed_quality))
                self._sent[name] = (value, quality)

    def show(self, now: float) -> None:
        """Show what arrives in the image before the next scan, so that no value comes later than the skew."""
        before = now + self._settings.scan_seconds
        for name, updates in self._updates.items():
            while updates and updates[0].due < before:
                update = updates.popleft()
                self._table.show(f"{self._settings.name}.{name}", update.value, update.quality)

    def disconnect(self) -> None:
        """Lose what is on its way, and show all tags without communication."""
        self._writes.clear()
        for name, updates in self._updates.items():
            updates.clear()
            self._table.show(f"{self._settings.name}.{name}", None, NO_COMMUNICATION)

    def reconnect(self, now: float, picture: Mapping[str, Scalar], inputs: Mapping[str, Scalar], quality: int) -> None:
        """Let the tags come back one after the other: first with their last value, then with the controller's."""
        self._last_arrival = now
        self._sent = {name: (value, quality) for name, value in picture.items()}
        qualities = {**dict.fromkeys(inputs, GOOD), **dict.fromkeys(picture, quality)}
        for name, value in {**inputs, **picture}.items():
            back = now + self._delay()
            good = back + max(self._delay(), self._settings.scan_seconds)
            self._queue(name, _Update(back, None, LAST_USABLE_VALUE))
            self._queue(name, _Update(good, value, qualities[name]))

    def _delay(self) -> float:
        return self._random.uniform(0, self._settings.skew)

    def _queue(self, name: str, update: _Update) -> None:
        # One that is due before an older one of its tag waits behind it.
        self._updates[name].append(update)

    def _keep_written_value(self, name: str) -> None:
        # What is on its way to the image is older than what was just written there.
        self._updates[name] = deque(
            replace(update, value=None) for update in self._updates[name] if update.quality is not None
        )


@dataclass(frozen=True, slots=True)
class _Write:
    due: float
    name: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class _Update:
    due: float
    value: Scalar | None
    quality: int | None = None
