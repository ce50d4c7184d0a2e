"""``WinCCTagEventTrigger``: starts DAGs at the moment when a condition becomes true."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import TriggerEvent

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.conditions import Condition, WinCCConditionError
from airflow_provider_wincc.conditions.text import from_text
from airflow_provider_wincc.conditions.text.tokens import is_whole_template
from airflow_provider_wincc.triggers.edges import EdgeDetector
from airflow_provider_wincc.triggers.failure_limit import FailureLimit
from airflow_provider_wincc.triggers.observations import observe
from airflow_provider_wincc.triggers.poller import SHORTEST_INTERVAL
from airflow_provider_wincc.triggers.watcher import StationWatcher, state_key
from airflow_provider_wincc.triggers.watcher_arguments import most_failures, seconds
from airflow_provider_wincc.triggers.watcher_cursor import WatcherCursor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from airflow_provider_wincc.triggers.edges import Edge
    from airflow_provider_wincc.triggers.observations import Observation
    from airflow_provider_wincc.triggers.watcher_arguments import Duration

log = logging.getLogger(__name__)


class WinCCTagEventTrigger(StationWatcher):
    """Fires on an *edge*, not for a level: each time the condition becomes true. For ``AssetWatcher``.

    It fires when a reading satisfies the condition after one that did not, and then again only after it was armed
    anew: by ``rearm``, or by a reading for which the condition is false. *Unknown* (bad quality, no answer) neither
    fires nor arms. The first reading after a start does not fire, unless the state that was kept says that the
    condition was false before. All watchers and sensors of a triggerer share one reader per connection.

    On Airflow 3.3 and later, what it has seen is kept in the state of its asset. An edge is noted there before its
    event is yielded, and struck off when Airflow has stored the event. So after a crash no edge is lost that was
    seen, nor one that lasts until the next reading; an event that Airflow stored in the last second or two before
    the crash may come a second time, with the same ``edge`` and ``redelivered`` true. On older versions, and when
    one watcher serves several assets, nothing is kept: what happens while no triggerer runs is not seen, and an
    event of the last second or two before a crash is lost.

    The event's payload, all of JSON types: ``wincc_conn_id``, ``condition`` (as text), ``edge`` (its number, from 1),
    ``edges`` (how many it stands for), ``seen_at`` (ISO 8601, UTC), ``readings`` (tag → ``value``, ``quality``,
    ``quality_code``, ``timestamp``) and ``redelivered``.

    What happens on failure: a station that is away or busy is waited through, at the poller's pace. After
    ``max_consecutive_failures`` failed readings in a row the trigger fails, and Airflow logs it and starts it again.
    A refused login, a missing permission and a wrong connection never fail it, since Airflow would start it again
    every second: the station is asked again after 15 minutes, or when the connection has been changed. A tag that
    the station does not know, and a value that cannot be compared, are logged and count as unknown.

    :param wincc_conn_id: id of the connection.
    :param condition: what to fire on; a condition, its text, or its JSON as objects or text. A text that begins with
        a brace is JSON, because no text of a condition does. Without templates: nobody renders a watcher.
    :param poke_interval: seconds between two readings, at least 0.1. What lasts shorter may not be seen.
    :param rearm: what arms again after an edge, for hysteresis; given like ``condition``.
    :param min_interval: seconds between two events at least. Edges in between come as one event when it is over.
    :param max_consecutive_failures: failed readings in a row that are waited through; None for any number.
    :param trigger_queue: the triggerers that may run it; has an effect from Airflow 3.4.
    :raises WinCCConfigurationError: when an argument is wrong.
    :raises TypeError: when a condition is neither one nor the text or JSON of one.
    """

    def __init__(
        self,
        wincc_conn_id: str,
        condition: Condition | Mapping[str, Any] | str,
        *,
        poke_interval: Duration = 5.0,
        rearm: Condition | Mapping[str, Any] | str | None = None,
        min_interval: Duration = 0.0,
        max_consecutive_failures: int | None = None,
        trigger_queue: str | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's constructor has no types
        self.wincc_conn_id = wincc_conn_id
        # As text: Airflow 3.2 takes a nested argument for a changed one at each parse, and begins the watch anew.
        self.condition = json.dumps(_condition("condition", condition).to_json())
        self.rearm = None if rearm is None else json.dumps(_condition("rearm", rearm).to_json())
        self.poke_interval = seconds("poke_interval", poke_interval, at_least=SHORTEST_INTERVAL)
        self.min_interval = seconds("min_interval", min_interval, at_least=0.0)
        self.max_consecutive_failures = most_failures("max_consecutive_failures", max_consecutive_failures)
        self.trigger_queue = trigger_queue
        self.queue = trigger_queue

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments, all of JSON types; the same for equal watchers."""
        return (
            "airflow_provider_wincc.triggers.tags.WinCCTagEventTrigger",
            {
                "wincc_conn_id": self.wincc_conn_id,
                "condition": self.condition,
                "poke_interval": self.poke_interval,
                "rearm": self.rearm,
                "min_interval": self.min_interval,
                "max_consecutive_failures": self.max_consecutive_failures,
                "trigger_queue": self.trigger_queue,
            },
        )

    def observations(self) -> AsyncGenerator[Observation, None]:
        """Return the stream of readings and failures that it judges."""
        detector = self._detector()
        return observe(
            self.wincc_conn_id, detector.tags, self.poke_interval, every_reading=detector.needs_every_reading
        )

    def _detector(self) -> EdgeDetector:
        return EdgeDetector(
            _condition("condition", self.condition),
            None if self.rearm is None else _condition("rearm", self.rearm),
            min_interval=self.min_interval,
        )

    async def _events(self, observations: AsyncIterator[Observation]) -> AsyncIterator[TriggerEvent]:
        detector = self._detector()
        cursor = WatcherCursor(getattr(self, "asset_state_store", None), self._state_key())
        await cursor.load(detector)
        failures = FailureLimit(self.max_consecutive_failures, self.poke_interval)
        again = detector.unconfirmed
        async for observation in observations:
            if observation.error is None:
                _judge(detector, observation)
            else:
                detector.interrupt()
            await failures.note(observation.error)
            edge = detector.give_out(time.time())
            await cursor.save(detector)
            edges = [*again] if edge is None else [*again, edge]
            taken: list[Edge] = []
            if edges:
                observation.on_persisted = partial(_strike_off, taken, detector, cursor)
            for number, one in enumerate(edges):
                yield self._event(one, redelivered=number < len(again))
                # Only now: a triggerer that is stopped may drop the event, and still say that all is stored.
                taken.append(one)
            again = ()

    def _event(self, edge: Edge, *, redelivered: bool) -> TriggerEvent:
        return TriggerEvent(
            {
                "wincc_conn_id": self.wincc_conn_id,
                "condition": repr(_condition("condition", self.condition)),
                "edge": edge.number,
                "edges": edge.count,
                "seen_at": edge.seen_at,
                "readings": edge.readings,
                "redelivered": redelivered,
            }
        )

    def _state_key(self) -> str:
        return state_key(self.wincc_conn_id, self.condition, self.rearm)


def _judge(detector: EdgeDetector, observation: Observation) -> None:
    problem = detector.problem
    detector.observe(observation.readings or {}, now=observation.now, at=datetime.now(UTC))
    if detector.problem is not None and detector.problem != problem:
        log.error("The watcher cannot judge %r: %s", detector.condition, detector.problem)


async def _strike_off(edges: list[Edge], detector: EdgeDetector, cursor: WatcherCursor) -> None:
    for edge in edges:
        detector.confirm(edge.number)
    await cursor.save(detector)


def _condition(argument: str, given: object) -> Condition:
    condition = given if isinstance(given, Condition) else _read_condition(argument, given)
    if condition.is_templated:
        raise WinCCConfigurationError(
            f"The {argument} of a watcher holds a template: {condition!r}.",
            hint="Watchers run outside of DAG runs, where nothing is rendered. Write the value itself.",
        )
    return condition


def _read_condition(argument: str, given: object) -> Condition:
    try:
        if isinstance(given, str) and not _is_json(given):
            return from_text(given)
        return Condition.from_json(json.loads(given) if isinstance(given, str) else given)
    except (WinCCConditionError, json.JSONDecodeError) as error:
        # Airflow's triggerer survives no other error of a constructor, and rows of another version may come back.
        raise TypeError(f"The {argument} of a watcher is neither a condition nor its text or JSON. {error}") from error


def _is_json(text: str) -> bool:
    """Whether the text is meant as JSON: that of a condition begins with a brace, and no text of a condition does."""
    return text.lstrip().startswith("{") and not is_whole_template(text)
