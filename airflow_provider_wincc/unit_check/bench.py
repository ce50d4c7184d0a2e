"""``Bench``: a unit under check: what it shows when its tags have settled, and what is written to it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import TagValue
from airflow_provider_wincc.orders import ProductionOrder, SnapshotTaker
from airflow_provider_wincc.value_types import fit_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.client.models import Scalar, TagReadings
    from airflow_provider_wincc.orders import OrderHandoffTags, Snapshot
    from airflow_provider_wincc.orders.snapshot import Readings
    from airflow_provider_wincc.unit_check.plan import CheckPlan

_LOOKING_TIMEOUT = 60.0
"""Seconds in which the tags must be good and stand still; a controller that comes back from a restart takes a while."""


class UnclearUnitError(Exception):
    """The unit's tags did not come to a picture that can be believed; the message says why."""


class Bench:
    """A unit under check.

    :param client: client of the station; used from one thread.
    :param plan: what is checked.
    :param ask_restart: asks a person to restart the controller and returns when that is done; None when nobody can.
    """

    def __init__(self, client: WinCCClient, plan: CheckPlan, *, ask_restart: Callable[[], None] | None = None) -> None:
        self.plan = plan
        self.ask_restart = ask_restart
        self._client = client
        self._taker = SnapshotTaker(plan.tags, plan.settle)
        self._good: dict[str, Scalar] = dict(plan.payload)
        self._bad: dict[str, Scalar] = {**plan.payload, **(plan.bad or {})}
        first, bad, foreign, last = plan.order_ids
        self._ids = {"first": first, "bad": bad, "foreign": foreign, "last": last}

    @property
    def tags(self) -> OrderHandoffTags:
        """The tags of the unit."""
        return self.plan.tags

    @property
    def first(self) -> ProductionOrder:
        """The order that is executed."""
        return self._order("first")

    @property
    def bad(self) -> ProductionOrder:
        """An order that the unit must refuse for its content."""
        return ProductionOrder(self._ids["bad"], self._bad)

    @property
    def foreign(self) -> ProductionOrder:
        """A good order that comes while the unit holds another one."""
        return self._order("foreign")

    @property
    def last(self) -> ProductionOrder:
        """A good order that is stored and not started."""
        return self._order("last")

    def has(self, role: str) -> bool:
        """Whether the unit has a tag for a role."""
        return role in self.tags.roles

    def read(self, names: list[str] | None = None) -> TagReadings:
        """Read tags once; all of the unit's when none are named."""
        return self._client.try_read_tags(names or self.tags.tags)

    def fit_payload(self, readings: Mapping[str, TagValue]) -> None:
        """Turn texts of the payload into what their tags hold.

        :param readings: the tags as they were read.
        :raises WinCCWriteRefusedError: naming the value that does not fit its tag.
        """
        text_type = readings[self.tags.roles["id"]].data_type
        for values in (self._good, self._bad):
            for name, tag in self.tags.payload_tags.items():
                is_text_tag = text_type is not None and readings[tag].data_type == text_type
                if not (is_text_tag and isinstance(values[name], str)):
                    values[name] = fit_value(tag, values[name], readings[tag])

    def look(self) -> Snapshot:
        """Return what the unit shows when its tags have stood still for the settle window.

        :raises UnclearUnitError: when they are not good, or change all the time.
        """
        deadline = time.monotonic() + _LOOKING_TIMEOUT
        while True:
            asked_at = time.monotonic()
            readings = self.read()
            everything: Readings = {**readings.values, **readings.failures}
            snapshot = self._taker.take(everything, asked_at=asked_at, answered_at=time.monotonic())
            if snapshot is not None:
                return snapshot
            if time.monotonic() > deadline:
                raise UnclearUnitError(f"for {_LOOKING_TIMEOUT:g} s, {self._taker.reason}")
            time.sleep(self.plan.settle)

    def look_anew(self) -> Snapshot:
        """Look with nothing left of what was read before: after a write, or after somebody was at the unit."""
        self._taker = SnapshotTaker(self.tags, self.plan.settle)
        # The write is on its way to the controller, and its effect on its way back.
        time.sleep(self.plan.settle)
        return self.look()

    def wait_until(self, fits: Callable[[Snapshot], bool], seconds: float) -> Snapshot:
        """Look until the picture fits; return it, or the last one when the time is over."""
        deadline = time.monotonic() + seconds
        snapshot = self.look_anew()
        while not fits(snapshot) and time.monotonic() < deadline:
            time.sleep(self.plan.settle)
            snapshot = self.look()
        return snapshot

    def watch(self, before: Snapshot, part: Callable[[Snapshot], object]) -> Snapshot | None:
        """Look for a while whether part of the picture changes; return the first picture in which it has."""
        last = self.wait_until(lambda snapshot: part(snapshot) != part(before), self.plan.watch_seconds)
        return None if part(last) == part(before) else last

    def write(self, values: Mapping[str, Scalar]) -> None:
        """Write tags in one request.

        :raises WinCCError: when the station did not confirm it.
        """
        self._client.write_tags(values)

    def write_roles(self, values: Mapping[str, Scalar]) -> None:
        """Write the tags of roles in one request."""
        self.write({self.tags.roles[role]: value for role, value in values.items()})

    def shown(self, snapshot: Snapshot) -> str:
        """Say in words what a snapshot shows."""
        return f"The unit shows: {snapshot.words(self.tags)}."

    def _order(self, which: str) -> ProductionOrder:
        return ProductionOrder(self._ids[which], self._good)


def held_part(snapshot: Snapshot) -> object:
    """Return what the unit shows of the order that it holds."""
    echo = {name: reading.text for name, reading in snapshot.echo.items()}
    numbers = [snapshot.numbers.get(role) for role in ("current_sequence", "current_revision")]
    return snapshot.state, snapshot.current_id, numbers, echo


def answered_part(snapshot: Snapshot) -> object:
    """Return what the unit shows of the order that it holds and of its last answer."""
    answers = [snapshot.numbers.get(role) for role in _ANSWER_ROLES]
    return held_part(snapshot), snapshot.ack_id, answers


def result_part(snapshot: Snapshot) -> object:
    """Return what the unit shows of an order that has ended."""
    results = {
        name: reading.text if isinstance(reading, TagValue) else str(reading)
        for name, reading in snapshot.results.items()
    }
    return held_part(snapshot), snapshot.result, results


_ANSWER_ROLES = ("ack_sequence", "acknowledge", "unit_status", "return_status")
