"""``CheckPlan``: what is checked, with which orders, and how patiently."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.orders import OrderHandoffTags

DEFAULT_SETTLE = 1.5
DEFAULT_ANSWER_TIMEOUT = 15.0
DEFAULT_RUN_TIMEOUT = 600.0
_SHORTEST_ID = 8


@dataclass(frozen=True, kw_only=True)
class CheckPlan:
    """A unit and the orders to check it with.

    :param tags: tags of the unit.
    :param payload: parameter → value of an order that the unit can execute; one is executed for real.
    :param bad: parameter → value that the unit must refuse, instead of the one in ``payload``; None leaves that
        check out.
    :param settle: seconds that two equal readings must lie apart; longer than the update cycle of the unit's tags.
    :param watch: seconds to watch that nothing happens; None for twice ``settle``.
    :param answer_timeout: seconds in which the unit must answer a command.
    :param run_timeout: seconds in which the order must come to its end.
    :param knows_id_length: whether ``id_length`` of the tags was said by somebody; otherwise it is measured.
    :param run: a text that no other run has, for the ids of the orders.
    :raises WinCCConfigurationError: when the orders do not fit the tags, or a number is out of range.
    """

    tags: OrderHandoffTags
    payload: Mapping[str, Scalar] = field(default_factory=dict)
    bad: Mapping[str, Scalar] | None = None
    settle: float = DEFAULT_SETTLE
    watch: float | None = None
    answer_timeout: float = DEFAULT_ANSWER_TIMEOUT
    run_timeout: float = DEFAULT_RUN_TIMEOUT
    knows_id_length: bool = True
    run: str = field(default_factory=lambda: datetime.now(UTC).strftime("%y%m%d%H%M%S"))

    def __post_init__(self) -> None:
        _check_parameters("payload", self.payload, self.tags, are_complete=True)
        _check_parameters("bad", self.bad or {}, self.tags, are_complete=False)
        for name in ("settle", "answer_timeout", "run_timeout", "watch"):
            seconds = getattr(self, name)
            if seconds is not None and not 0 < seconds < float("inf"):
                raise WinCCConfigurationError(f"{name} is {seconds!r}.", hint="Give seconds, more than 0.")
        if self.tags.id_length < _SHORTEST_ID:
            raise WinCCConfigurationError(
                f"The id tag holds {self.tags.id_length} characters (id_length).",
                hint=f"The check needs at least {_SHORTEST_ID}, so that its order ids are its own.",
            )

    @property
    def watch_seconds(self) -> float:
        """Seconds to watch that nothing happens."""
        return 2 * self.settle if self.watch is None else self.watch

    @property
    def order_ids(self) -> tuple[str, str, str, str]:
        """The ids of this run: the order that is executed, a bad one, a foreign one, and the last one."""
        first, bad, foreign, last = (self._order_id(number) for number in range(1, 5))
        return first, bad, foreign, last

    def _order_id(self, number: int) -> str:
        full = f"CHECK-{self.run}-{number}"
        # The end of a short id is what tells this run and its orders from others.
        return full if len(full) <= self.tags.id_length else f"{self.run}{number}"[-self.tags.id_length :]


def _check_parameters(what: str, values: Mapping[str, Scalar], tags: OrderHandoffTags, *, are_complete: bool) -> None:
    known = ", ".join(map(repr, tags.payload_tags)) or "none"
    unknown = [name for name in values if name not in tags.payload_tags]
    if unknown:
        raise WinCCConfigurationError(
            f"{what} has {', '.join(map(repr, unknown))}, which is no parameter of unit {tags.unit!r}.",
            hint=f"Its parameters are {known}.",
        )
    missing = [name for name in tags.payload_tags if name not in values]
    if missing and are_complete:
        raise WinCCConfigurationError(
            f"{what} lacks {', '.join(map(repr, missing))}.", hint="Give a value that the unit accepts for each."
        )
