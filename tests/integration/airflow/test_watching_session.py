"""The stream of readings that watchers live on for months: it keeps nothing of what it has read once."""

from __future__ import annotations

import gc
from contextlib import ExitStack, aclosing

import pytest

from airflow_provider_wincc.triggers.observations import observe


@pytest.mark.asyncio
async def test_reading_further_sources_once_leaves_nothing_behind(connect):
    conn_id = connect()

    async with aclosing(observe(conn_id, ["Tank1.Level"], 0.1, every_reading=True)) as observations:
        await read_once(observations, "Tank2.Level")
        before = open_stacks()
        for _ in range(8):
            await read_once(observations, "Tank2.Level")
        after = open_stacks()

    assert after == before


async def read_once(observations, source):
    (await anext(observations)).read_once(source)
    async for observation in observations:
        if source in (observation.readings or ()):
            return


def open_stacks():
    gc.collect()
    # isinstance would load what stands behind the lazy objects of Airflow.
    return sum(type(one) is ExitStack for one in gc.get_objects())
