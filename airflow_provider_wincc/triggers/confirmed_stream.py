"""Observations through Airflow's shared streams (3.3 and later), which say when an event has been stored.

Airflow keeps an event that a trigger yields in memory for a second or two before it stores it. Only a stream in its
"ack mode" is told when that is done; that is what this is for. Nothing is shared between watchers here: the poller
does that already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.triggers.shared_stream import SharedStreamProducer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

    from airflow.triggers.shared_stream import AdvanceItem

    from airflow_provider_wincc.triggers.observations import Observation


class ConfirmedStream(SharedStreamProducer):
    """Hands observations on, and calls their ``on_persisted`` when the events made of them have been stored.

    When an event could not be stored, or the triggerer ended before, nobody is called.
    """

    def __init__(self, observations: AsyncGenerator[Observation, None]) -> None:
        self._observations = observations

    async def open_stream(self) -> AsyncIterator[tuple[Observation, Observation]]:
        """Yield each observation, with itself as what Airflow hands back when its events are stored."""
        async for observation in self._observations:
            yield observation, observation

    async def advance(self, batch: Sequence[AdvanceItem]) -> None:
        """Tell the observations of a batch, oldest first, that their events are stored."""
        for observation, outcome in batch:
            if observation.on_persisted is not None and outcome.is_clean:
                await observation.on_persisted()

    async def aclose(self) -> None:
        """Leave the poller."""
        await self._observations.aclose()
