"""What `docs/security.md` says about a login that changes while tasks wait."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.triggers.tags import WinCCTagTrigger

NEVER = tag("Tank1.Level") == 4711


class Wait:
    """A deferred task that waits for something that does not come."""

    def __init__(self):
        trigger = WinCCTagTrigger(
            wincc_conn_id="wincc_default", condition=NEVER.to_json(), poke_interval=0.2, deadline=time.time() + 60
        )
        self._running = asyncio.create_task(self._run(trigger))

    async def stop(self):
        """End it as Airflow does, such as when its triggerer is stopped."""
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def _run(self, trigger):
        async for event in trigger.run():
            raise AssertionError(f"the wait ended: {event.payload}")


async def users_of_the_next_requests(station, count=3):
    """Return who is logged in with the next requests."""
    station.clear_requests()
    deadline = time.monotonic() + 20
    while len(station.requests) < count:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return {request.user for request in station.requests}


def test_waits_that_go_on_keep_the_login_and_those_after_a_restart_have_the_new_one(station, connect):
    async def triggerer():
        first = Wait()
        before = await users_of_the_next_requests(station)
        connect(login="viewer")
        second = Wait()  # shares the reader of the first
        after = await users_of_the_next_requests(station)
        await first.stop()
        await second.stop()
        return before, after

    async def restarted():
        wait = Wait()
        users = await users_of_the_next_requests(station)
        await wait.stop()
        return users

    assert asyncio.run(triggerer()) == ({"engineer"}, {"engineer"})
    assert asyncio.run(restarted()) == {"viewer"}
