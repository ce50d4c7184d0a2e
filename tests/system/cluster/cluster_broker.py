"""The message broker of a cluster: a part of this machine's Redis that nobody else uses."""

from __future__ import annotations

import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.required_services import REDIS, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

_URL = "redis://127.0.0.1:6379/0"


@dataclass(frozen=True)
class Broker:
    """What all keys of one cluster begin with."""

    prefix: str
    url: str = _URL

    @property
    def settings(self) -> dict[str, str]:
        """What Airflow has to know of it."""
        return {
            "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__GLOBAL_KEYPREFIX": self.prefix,
            "AIRFLOW__CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS__GLOBAL_KEYPREFIX": self.prefix,
        }


@contextmanager
def own_broker() -> Iterator[Broker]:
    """Give a part of this machine's Redis, and remove all of it afterwards.

    The test fails, or is skipped, where no Redis answers.
    """
    # It comes with the extra "system" alone; the other tests are collected without it.
    import redis

    broker = Broker(f"wincc-{uuid.uuid4().hex[:12]}:")
    with closing(redis.Redis.from_url(_URL, socket_connect_timeout=3)) as server:
        try:
            server.ping()
        except redis.ConnectionError:
            missing(REDIS)
        try:
            yield broker
        finally:
            for key in server.scan_iter(f"{broker.prefix}*"):
                server.delete(key)
