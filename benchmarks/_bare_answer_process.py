"""The other side of ``simulator.py``: a Starlette application that sends the same bytes to every request.

It prints ``url`` and ``ca_file`` as JSON once it listens, and serves until it is terminated.
"""

from __future__ import annotations

import json
import signal
import socket
import sys
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from airflow_provider_wincc.simulator.certificates import Authority

if TYPE_CHECKING:
    from starlette.requests import Request

HOST = "127.0.0.1"


def serve(size: int) -> None:
    """Serve answers of a size in bytes."""
    content = b"x" * size

    async def answer(request: Request) -> Response:
        await request.body()
        return Response(content, media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])
    with closing(Authority(HOST, None)) as authority, socket.create_server((HOST, 0)) as listener:
        config = uvicorn.Config(
            app,
            http="h11",
            log_config=None,
            access_log=False,
            ssl_certfile=authority.certificate_file,
            ssl_keyfile=authority.key_file,
        )
        url = f"https://{HOST}:{listener.getsockname()[1]}"
        print(json.dumps({"url": url, "ca_file": authority.ca_file}), flush=True)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    # Uvicorn gives the signal that stopped it to the handler that was there before.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        serve(int(sys.argv[1]))
