"""Where tasks of other processes leave their deferred triggers, in place of Airflow's database."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

from soak_trigger_host import rebuilt

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.triggers.base import BaseTrigger
    from soak_trigger_host import TriggerHost

_LONGEST_WAIT = 120.0


def desk_path(folder: Path) -> Path:
    """Return the address of the desk."""
    return folder / "desk.sock"


async def open_desk(folder: Path, host: TriggerHost) -> asyncio.Server:
    """Take triggers, run each to its event, and answer with that."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words = json.loads(await reader.readline())
        event: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        number = host.start(rebuilt(words["path"], words["arguments"]), event.set_result)
        try:
            writer.write(json.dumps(await event).encode() + b"\n")
            await writer.drain()
        finally:
            host.cancel(number)
            writer.close()

    return await asyncio.start_unix_server(serve, desk_path(folder))


def event_of(trigger: BaseTrigger, folder: Path) -> dict[str, Any]:
    """Have a trigger run in the other process; return its event."""
    path, arguments = trigger.serialize()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_LONGEST_WAIT)
        line.connect(str(desk_path(folder)))
        line.sendall(json.dumps({"path": path, "arguments": arguments}, allow_nan=False).encode() + b"\n")
        with line.makefile("rb") as answers:
            event: dict[str, Any] = json.loads(answers.readline())
            return event
