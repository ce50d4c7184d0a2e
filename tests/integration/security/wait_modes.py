"""One read of a station, made in every way that the provider has, and what came of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowFailException
from sensor_runs import first_event, run_sensor
from sensor_runs import rebuild as rebuild_sensor_trigger
from task_context import new_context

from airflow_provider_wincc.client import StationSettings, WinCCClient, WinCCError
from airflow_provider_wincc.client.error_json import error_from_json
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.sensors.tags import WinCCTagSensor

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

TAG = "Tank1.Level"
LOGIN = "engineer"
PASSWORD = "Kiln-7-secret"
CONN_ID = "guarded"
ANY_VALUE = tag(TAG) >= -1e9


@dataclass(frozen=True)
class Ending:
    """How a read ended.

    :param kind: ``read``; ``retried`` or ``failed`` for an error that a task's retries may mend, or not.
    :param text: all that anyone gets to see of the error.
    """

    kind: str
    text: str = ""


@dataclass(frozen=True)
class Target:
    """A station as a connection has it."""

    url: str
    extra: dict[str, Any]
    password: str = PASSWORD

    def settings(self) -> StationSettings:
        return StationSettings.from_url(self.url, username=LOGIN, password=self.password, **self.extra)

    def connect(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Define it as an Airflow connection."""
        fields = {
            "conn_type": "wincc",
            "host": self.url,
            "login": LOGIN,
            "password": self.password,
            "extra": self.extra,
        }
        monkeypatch.setenv(f"AIRFLOW_CONN_{CONN_ID.upper()}", json.dumps(fields))


def read_by_client(target: Target) -> None:
    with WinCCClient(target.settings()) as client:
        client.read_tags([TAG])


def read_by_hook(_: Target) -> None:
    with WinCCHook(CONN_ID).get_conn() as client:
        client.read_tags([TAG])


def wait_in(mode: str) -> Callable[[Target], None]:
    def wait(_: Target) -> None:
        run_sensor(mode, new_context(), ANY_VALUE, wincc_conn_id=CONN_ID, max_consecutive_failures=0)

    return wait


def wait_in_triggerer(_: Target) -> None:
    """Wait as a task does whose station was well when it was deferred."""
    sensor = WinCCTagSensor(
        task_id="wait", condition=ANY_VALUE, wincc_conn_id=CONN_ID, max_consecutive_failures=0, deferrable=True
    )
    trigger = sensor._new_trigger(
        wincc_conn_id=CONN_ID, poke_interval=0.1, deadline=2**40, max_consecutive_failures=0, state=None
    )
    event = asyncio.run(first_event(rebuild_sensor_trigger(trigger)))
    sensor.execute_complete(new_context(), event)


WAYS: dict[str, Callable[[Target], None]] = {
    "client": read_by_client,
    "hook": read_by_hook,
    "poke": wait_in("poke"),
    "reschedule": wait_in("reschedule"),
    "deferrable": wait_in("deferrable"),
    "triggerer": wait_in_triggerer,
}


def ending(way: str, target: Target) -> Ending:
    """Read in one of the :data:`WAYS`; return how it ended."""
    try:
        WAYS[way](target)
    except WinCCError as error:
        return Ending("retried" if error.retryable else "failed", str(error))
    except AirflowFailException as error:
        return Ending("failed", str(error))
    return Ending("read")


def error_of_client(target: Target) -> WinCCError:
    """Return the error that reading with the client ends with."""
    try:
        read_by_client(target)
    except WinCCError as error:
        return error
    raise AssertionError("the station was read")


def failure_in(event: dict[str, Any]) -> WinCCError:
    """Return the error that a trigger's event carries."""
    return error_from_json(event["error"])
