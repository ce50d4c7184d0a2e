"""A simulated production unit as Python code sees it."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, get_args

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator.catalogue import ORDERS, UNITS
from airflow_provider_wincc.simulator.tags import GOOD, SimulatedTag
from airflow_provider_wincc.simulator.unit_image import UnitImage
from airflow_provider_wincc.simulator.unit_memory import JobState
from airflow_provider_wincc.simulator.unit_program import UnitProgram
from airflow_provider_wincc.simulator.unit_records import UnitLog
from airflow_provider_wincc.simulator.unit_tags import unit_tags
from airflow_provider_wincc.simulator.values import start_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.tags import TagTable
    from airflow_provider_wincc.simulator.unit_records import StartRecord, UnitEvent
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit

MemoryLoss = Literal["kept", "lost", "one_order_old"]
ClientTags = Literal["kept", "reset"]


class ProductionUnit:
    """A unit that takes orders: its records, what a person at the machine can do, and what can happen to it.

    Made by the station; see :meth:`Simulator.unit`. All methods may be called from any thread. What a person does
    takes effect in the controller at once, and shows in the tags within the skew.

    :param settings: what the unit is like.
    :param table: the tags of the station; those of the unit are put in.
    """

    def __init__(self, settings: SimulatedUnit, table: TagTable) -> None:
        self.settings = settings
        self._table = table
        self._log = UnitLog()
        self._program = UnitProgram(settings, self._log)
        self._scans = 0
        self._behind = 0.0
        self._back_at: float | None = None
        tags = unit_tags(settings)
        picture = self._program.picture()
        self._image = UnitImage(settings, tags, table, picture)
        now = datetime.now(UTC)
        table.define(
            SimulatedTag(
                name=f"{settings.name}.{tag.name}",
                data_type=tag.data_type,
                value=picture.get(tag.name, start_value(tag.data_type)),
                timestamp=now,
                unit=tag.unit,
                description=tag.description,
                group=ORDERS,
                connection=UNITS,
            )
            for tag in tags
        )
        table.listen(self._note_writes)

    def __repr__(self) -> str:
        return f"<ProductionUnit {self.name}, profile {self.settings.profile}>"

    @property
    def name(self) -> str:
        """What the names of its tags begin with."""
        return self.settings.name

    @property
    def starts(self) -> list[StartRecord]:
        """The last 10,000 starts of orders, oldest first; no restart of the unit loses them."""
        return self._log.starts

    @property
    def timeline(self) -> list[UnitEvent]:
        """The last 10,000 events, oldest first; no restart of the unit loses them."""
        return self._log.timeline

    @property
    def state(self) -> str:
        """State of the order that it holds: none, stored, allowed, running, interrupted, ended or aborted."""
        with self._table.lock:
            return self._program.state.name.lower()

    @property
    def picture(self) -> dict[str, Scalar]:
        """What the controller has in the tags that it writes, by name such as ``Order.State``.

        The image of the station follows within the skew.
        """
        with self._table.lock:
            return self._program.picture()

    @property
    def inputs(self) -> dict[str, Scalar]:
        """What has arrived at the controller of the tags that the client writes, by name such as ``Order.Id``."""
        with self._table.lock:
            return self._program.inputs

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way between image and controller, and the unit is not restarting.

        The heartbeat, and the actual quantity and duration while an order runs, are passed over.
        """
        with self._table.lock:
            moving = _MOVING_WHILE_RUNNING if self._program.state is JobState.RUNNING else _ALWAYS_MOVING
            return self._back_at is None and self._image.is_settled(moving)

    def hold(self) -> bool:
        """Interrupt the running order; returns whether there was one."""
        with self._table.lock:
            return self._back_at is None and self._program.hold()

    def unhold(self) -> bool:
        """Go on with the interrupted order; returns whether there was one."""
        with self._table.lock:
            return self._back_at is None and self._program.unhold()

    def stop(self) -> bool:
        """End the order before its time, with result 2; returns whether there was one that had been started."""
        with self._table.lock:
            return self._back_at is None and self._program.stop()

    def abort(self) -> bool:
        """Abort the order, with result 2; returns whether there was one that had not ended."""
        with self._table.lock:
            return self._back_at is None and self._program.abort()

    def set_mode(self, mode: int) -> None:
        """Turn the mode switch: 1 production, 2 maintenance, 3 manual. No order is taken or started but in 1.

        :raises ValueError: for another number.
        """
        if not isinstance(mode, int) or mode not in _MODES:
            raise ValueError(
                f"mode is {_listed(f'{number} ({word})' for number, word in _MODES.items())}, not {mode!r}"
            )
        with self._table.lock:
            self._program.mode = mode
            self._log.note("mode", detail=_MODES[mode])

    def set_local(self, is_local: bool) -> None:  # noqa: FBT001 - a switch at the machine
        """Operate the unit at the machine, or hand it back.

        While it is local, its mode is 3 and its own tags have quality 0xD8; no order is taken or started.

        :raises ValueError: for anything but True or False.
        """
        if not isinstance(is_local, bool):
            raise ValueError(f"local is True or False, not {is_local!r}")  # noqa: TRY004 - as for all other words
        with self._table.lock:
            self._program.is_local = is_local
            self._log.note("mode", detail="local" if is_local else _MODES[self._program.mode])

    def stop_heartbeat(self) -> None:
        """Let the heartbeat stand still; everything else goes on."""
        with self._table.lock:
            self._program.is_beating = False

    def start_heartbeat(self) -> None:
        """Let the heartbeat count again."""
        with self._table.lock:
            self._program.is_beating = True

    def fail_next_order(self) -> None:
        """Let the next order that starts end with result 2."""
        with self._table.lock:
            self._program.fails_next = True

    def show_state(self, number: int | None) -> None:
        """Show a number in ``Order.State`` whatever the state is; None shows the state again.

        :raises ValueError: for a number that is not one of 16 bits.
        """
        if number is not None and (not isinstance(number, int) or not _SMALLEST <= number <= _LARGEST):
            raise ValueError(f"a state is a whole number from {_SMALLEST} to {_LARGEST}, or None, not {number!r}")
        with self._table.lock:
            self._program.shown_state = number

    def restart(self, *, memory: MemoryLoss = "kept", seconds: float = 1.0, client_tags: ClientTags = "kept") -> None:
        """Restart the controller; returns at once, and the unit comes back by itself.

        Until it is back, all its tags have quality 0x18, writes are shown but do not reach it, and what was on its
        way is lost. Then the tags come back one after the other, each with quality 0x44 first.

        :param memory: ``kept``: it goes on where it was. ``lost``: it knows nothing any more. ``one_order_old``:
            it knows what it knew just before it accepted the last order. After the last two it takes what the
            client shows as dealt with, unless the unit is a broken one.
        :param seconds: how long it is away, in real time.
        :param client_tags: with ``lost``: whether the client's tags in the controller keep their values or are
            reset as well.
        :raises ValueError: for a value that is none of these.
        """
        if memory not in get_args(MemoryLoss):
            raise ValueError(f"memory is {_listed(get_args(MemoryLoss))}, not {memory!r}")
        if client_tags not in get_args(ClientTags):
            raise ValueError(f"client_tags is {_listed(get_args(ClientTags))}, not {client_tags!r}")
        if client_tags == "reset" and memory != "lost":
            raise ValueError("client_tags='reset' goes with memory='lost' only; the other restarts keep the tags")
        if not isinstance(seconds, int | float) or not math.isfinite(seconds) or seconds < 0:
            raise ValueError(f"seconds is a number from 0, not {seconds!r}")
        with self._table.lock:
            self._log.note("restarting", detail=f"memory {memory.replace('_', ' ')}")
            self._image.disconnect()
            self._back_at = self._now + seconds
            if memory == "lost":
                self._program.lose_memory(reset_inputs=client_tags == "reset")
            elif memory == "one_order_old":
                self._program.restore_older_memory()

    def run(self, seconds: float) -> None:
        """Let real time pass: one scan for each full length of a scan; the rest is kept for the next call."""
        with self._table.lock:
            self._behind += seconds
            scans = int(self._behind / self.settings.scan_seconds + 1e-6)
            self._behind -= scans * self.settings.scan_seconds
            for _ in range(scans):
                self._scan()

    @property
    def _now(self) -> float:
        return self._scans * self.settings.scan_seconds

    @property
    def _quality(self) -> int:
        return _LOCAL_OVERRIDE if self._program.is_local else GOOD

    def _scan(self) -> None:
        self._scans += 1
        if self._back_at is not None and self._now >= self._back_at:
            self._back_at = None
            self._image.reconnect(self._now, self._program.picture(), self._program.inputs, self._quality)
            self._log.note("restarted")
        if self._back_at is None:
            for name, value in self._image.arrivals(self._now):
                held = self._program.receive(name, value)
                if held != value:
                    self._image.correct(self._now, name, held)
            self._program.scan(self.settings.scan_seconds * self.settings.speed)
            self._image.send(self._now, self._program.picture(), self._quality)
        self._image.show(self._now)

    def _note_writes(self, written: Sequence[SimulatedTag], *, by_rest: bool, user: str | None) -> None:  # noqa: ARG002 - a controller does not see who wrote
        if self._back_at is None:
            self._image.note_writes(self._now, written, by_rest=by_rest)


_LOCAL_OVERRIDE = 0xD8
_ALWAYS_MOVING = {"Unit.Heartbeat"}
_MOVING_WHILE_RUNNING = {*_ALWAYS_MOVING, "Order.ActualQuantity", "Order.ActualDuration"}
_MODES = {1: "production", 2: "maintenance", 3: "manual"}
_SMALLEST, _LARGEST = DataType.INT16.integer_range or (0, 0)


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}"
