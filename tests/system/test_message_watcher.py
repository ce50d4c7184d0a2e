"""A watcher of messages in a real triggerer, which is killed in bursts of messages and started again."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from components import Components

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = [
    pytest.mark.system,
    pytest.mark.long,
    pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="Airflow keeps state of assets from 3.3"),
]

BURST = 5000


class Watching:
    """What Airflow has made of the messages so far."""

    def __init__(self, airflow):
        self.airflow = airflow

    @property
    def events(self):
        rows = self.airflow.rows("SELECT extra FROM asset_event ORDER BY id")
        return [json.loads(extra)["payload"] for (extra,) in rows]

    @property
    def messages(self):
        """How often each message came, redelivered events left out."""
        by_sequence = {event["sequence"]: event for event in self.events}
        return Counter(
            (message["number"], message["time"]) for event in by_sequence.values() for message in event["messages"]
        )

    def wait_for(self, count):
        """Wait until so many messages have come, and Airflow has said that it has them."""
        self.airflow.wait(f"taking in {count} messages", lambda: self.messages.total() >= count and self.is_settled())

    def is_settled(self):
        states = [json.loads(value) for (value,) in self.airflow.rows("SELECT value FROM asset_state_store")]
        return bool(states) and not states[0]["outbox"]["unconfirmed"]


def test_messages_come_once_however_many_and_whatever_happens_to_the_triggerer(tmp_path):
    with (
        Simulator(plant="still") as station,
        Components(tmp_path, "wincc_messages_watched.py", station) as airflow,
    ):
        watching = Watching(airflow)
        station.raise_message(1001)
        airflow.start("scheduler", "triggerer")
        airflow.wait("noting the state", watching.is_settled)

        station.burst_of_messages(BURST)
        watching.wait_for(BURST)
        first = watching.events

        # While no triggerer runs.
        airflow.kill("triggerer")
        station.burst_of_messages(2000)
        station.raise_message(1002)
        airflow.start("triggerer")
        watching.wait_for(BURST + 2001)

        # While it works on them.
        station.burst_of_messages(3000)
        airflow.wait("noting the burst", lambda: not watching.is_settled() or watching.messages.total() > BURST + 2001)
        airflow.kill("triggerer")
        airflow.start("triggerer")
        watching.wait_for(BURST + 5001)

        assert set(watching.messages.values()) == {1}
        assert watching.messages.total() == BURST + 5001
        assert [event["count"] for event in first] == [500] * (BURST // 500)
        assert not any(event["redelivered"] or event["may_lack_messages"] for event in first)
        events = watching.events
        twice = [event for event in events if [one["sequence"] for one in events].count(event["sequence"]) > 1]
        assert all(any(one["redelivered"] for one in twice if one["sequence"] == event["sequence"]) for event in twice)
        airflow.wait("a run", lambda: len(airflow.rows("SELECT id FROM dag_run")) >= 1)
        assert {request.in_flight for request in station.requests} == {1}
