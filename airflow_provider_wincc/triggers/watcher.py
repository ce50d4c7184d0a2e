"""What all watchers are to Airflow: a stream of observations, and the events that are made of it."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from airflow_provider_wincc.triggers.observations import Observation, as_if_stored

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from airflow_provider_wincc.triggers.confirmed_stream import ConfirmedStream


class StationWatcher(BaseEventTrigger):
    """Watches a station for ever. Airflow 3.3 and later says when an event is stored, and keeps state for it."""

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield events, without end; Airflow calls it where there is no state to keep."""
        async with aclosing(self.observations()) as observations:
            async for event in self._events(as_if_stored(observations)):
                yield event

    def shared_stream_key(self) -> str | None:
        """Have Airflow 3.3 and later say when an event is stored; the stream is this watcher's own."""
        return None if getattr(self, "asset_state_store", None) is None else json.dumps(self.serialize())

    @classmethod
    def create_shared_stream_producer(cls, kwargs: dict[str, Any]) -> ConfirmedStream:
        """Return the stream of observations, for Airflow 3.3 and later."""
        from airflow_provider_wincc.triggers.confirmed_stream import ConfirmedStream

        return ConfirmedStream(cls(**kwargs).observations())

    async def filter_shared_stream(self, shared_stream: AsyncIterator[Observation]) -> AsyncIterator[TriggerEvent]:
        """Yield events, without end; Airflow 3.3 and later calls it instead of :meth:`run`."""
        async for event in self._events(shared_stream):
            yield event

    @abstractmethod
    def observations(self) -> AsyncGenerator[Observation, None]:
        """Return the stream of readings and failures that it judges."""

    @abstractmethod
    def _events(self, observations: AsyncIterator[Observation]) -> AsyncIterator[TriggerEvent]:
        """Yield the events that observations make."""


def state_key(*looked_for: object) -> str:
    """Return the key of a watcher's state.

    :param looked_for: what it looks for, of JSON types. Not its pace: who reads more often looks for the same.
    """
    return f"wincc_watcher_{hashlib.sha256(json.dumps(looked_for).encode()).hexdigest()[:32]}"
