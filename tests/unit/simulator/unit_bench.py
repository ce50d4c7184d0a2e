"""A unit on the bench: a station without a network, stepped by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator import SimulatedUnit, Simulator
from airflow_provider_wincc.simulator.unit_commits import following
from airflow_provider_wincc.simulator.values import accept

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator import ProductionUnit

NAME = "Unit1"


class UnitBench:
    """Writes tags as a client does and reads what the image shows; time passes by :meth:`step` only."""

    def __init__(self, **settings: Any) -> None:
        self.station = Simulator(plant="still", units=[SimulatedUnit(name=NAME, **settings)])
        self.profile = settings.get("profile", "A")

    @property
    def unit(self) -> ProductionUnit:
        return self.station.unit(NAME)

    def step(self, seconds: float = 0.5) -> None:
        self.station.step(seconds)

    def write(self, **values: Scalar) -> None:
        """Write tags below ``Order.`` in one request."""
        self.station._state.tags.write([(f"{NAME}.Order.{name}", value) for name, value in values.items()])

    def read(self, *names: str) -> list[Scalar]:
        return [self.station.get(f"{NAME}.{name if '.' in name else f'Order.{name}'}").value for name in names]

    def shows(self, name: str) -> Scalar:
        return self.read(name)[0]

    def quality(self, name: str) -> int:
        return self.station.get(f"{NAME}.{name}").quality

    def shown_wrongly(self) -> dict[str, tuple[Scalar, Scalar]]:
        """Return what the image shows and what the controller has, where these differ by more than rounding."""
        held = {**self.unit.picture, **self.unit.inputs}
        pairs = {name: (self.shows(name), value) for name, value in held.items()}
        return {name: pair for name, pair in pairs.items() if pair[0] != _as_float32(pair[1])}

    @property
    def events(self) -> list[str]:
        return [event.event for event in self.unit.timeline]

    @property
    def started_ids(self) -> list[str]:
        return [start.order_id for start in self.unit.starts]

    def payload(self, order_id: str, revision: int = 0, work_master: str = "R-001", quantity: float = 10.0) -> None:
        self.write(
            Id=order_id, Revision=revision, WorkMaster=work_master, Quantity=quantity, Start=0, Clear=0, Stop=0, Abort=0
        )

    def commit(self) -> None:
        """Make the write that commits the payload, by the profile, and let the unit answer."""
        if self.profile in {"A", "B"}:
            self.write(Sequence=following(int(self.shows("AckSequence"))))
        else:
            self.write(**{"C": {"Request": True}, "D": {"ClientStatus": 1}}[self.profile])
        self.step()

    def rest(self) -> None:
        if self.profile in {"C", "D"}:
            self.write(**{"C": {"Request": False}, "D": {"ClientStatus": 0}}[self.profile])
            self.step()

    def offer(self, order_id: str, revision: int = 0, work_master: str = "R-001", quantity: float = 10.0) -> Scalar:
        """Offer an order by all steps of the profile; returns the status of the answer."""
        if self.profile == "B":
            self.commit()
        self.payload(order_id, revision, work_master, quantity)
        self.step()
        self.commit()
        status = self.shows("ReturnStatus")
        self.rest()
        return status

    def command(self, method: str) -> None:
        """Give a command to the current order."""
        self.write(**{method: self.shows("CurrentSequence")})
        self.step()

    def finish(self) -> None:
        """Start the current order, let it run to its end, and clear it."""
        self.command("Start")
        self.step(15)
        self.command("Clear")


def _as_float32(value: Scalar) -> Scalar:
    return accept(value, DataType.FLOAT32) if isinstance(value, float) else value
