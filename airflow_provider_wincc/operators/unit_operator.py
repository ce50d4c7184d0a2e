"""What the operators of a unit share: its connection, its tags, and the pace of reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.links.station import WinCCStationLink
from airflow_provider_wincc.operators.execution import check_choice
from airflow_provider_wincc.order_handoff import DEFAULT_POLL_INTERVAL, DEFAULT_SETTLE, DEFAULT_TIMEOUTS
from airflow_provider_wincc.orders.decision import Wait
from airflow_provider_wincc.orders.tags import OrderHandoffTags
from airflow_provider_wincc.task_colors import TEXT_ON_WRITES, WRITES

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORTEST_INTERVAL = 0.1


class UnitOperator(BaseOperator):
    """Base of the operators that work on one order at one unit."""

    template_fields: Sequence[str] = ("wincc_conn_id", "order_id", "revision", "tags")
    ui_color = WRITES
    ui_fgcolor = TEXT_ON_WRITES
    operator_extra_links = (WinCCStationLink(),)

    def __init__(
        self,
        *,
        order_id: str,
        tags: OrderHandoffTags | Mapping[str, Any],
        revision: int | str = 0,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        settle_window: timedelta | float = DEFAULT_SETTLE,
        poke_interval: timedelta | float = DEFAULT_POLL_INTERVAL,
        timeouts: Mapping[str, timedelta | float] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.order_id = order_id
        self.tags = tags
        self.revision = revision
        self.wincc_conn_id = wincc_conn_id
        self.settle_window = seconds_of(settle_window)
        self.poke_interval = seconds_of(poke_interval)
        self.timeouts = timeouts
        self._check_times()

    def tag_map(self) -> OrderHandoffTags:
        """Return the tags of the unit.

        :raises WinCCConfigurationError: when they are no tag map.
        """
        if isinstance(self.tags, OrderHandoffTags):
            return self.tags
        if isinstance(self.tags, Mapping):
            return OrderHandoffTags.from_json(self.tags)
        raise WinCCConfigurationError(
            f"The tags of task {self.task_id!r} are a {type(self.tags).__name__}.",
            hint="Give an OrderHandoffTags, or a mapping of its parameters.",
        )

    def all_timeouts(self) -> dict[Wait, float]:
        """Return the time-out of every wait, in seconds."""
        given = {Wait(name): seconds_of(limit) for name, limit in (self.timeouts or {}).items()}
        return {**DEFAULT_TIMEOUTS, **given}

    def whole_revision(self) -> int:
        """Return the revision, which a template may have made a text.

        :raises WinCCConfigurationError: when it is no whole number.
        """
        try:
            return int(str(self.revision))
        except ValueError:
            raise WinCCConfigurationError(
                f"The revision of task {self.task_id!r} is {self.revision!r}.", hint="Give a whole number from 0."
            ) from None

    def _check_times(self) -> None:
        known = [wait.value for wait in Wait]
        for name in self.timeouts or {}:
            check_choice(self, "timeouts", name, known)
        for argument, seconds, least in (
            ("poke_interval", self.poke_interval, _SHORTEST_INTERVAL),
            ("settle_window", self.settle_window, 0.0),
            *((f"time-out {wait!r}", seconds_of(limit), 0.0) for wait, limit in (self.timeouts or {}).items()),
        ):
            if seconds < least:
                raise WinCCConfigurationError(
                    f"The {argument} of task {self.task_id!r} is {seconds:g} s.", hint=f"Give at least {least:g} s."
                )


def seconds_of(duration: timedelta | float) -> float:
    """Return a duration in seconds."""
    return duration.total_seconds() if isinstance(duration, timedelta) else float(duration)
