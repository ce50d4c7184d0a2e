"""The simulated station that the benchmarks measure against, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def running_station(*options: str) -> Iterator[dict[str, Any]]:
    """Run the simulated station; give what it says of itself: ``url``, ``ca_file``, ``users``.

    :param options: further ones of ``airflow-wincc simulate``.
    """
    with tempfile.TemporaryDirectory() as folder:
        description = Path(folder) / "station.json"
        command = [
            Path(sys.executable).parent / "airflow-wincc",
            "simulate",
            "--port",
            "0",
            "--plant",
            "still",
            *options,
        ]
        process = subprocess.Popen([*command, "--describe", str(description)], stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 30
            while not description.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("The simulated station did not start.")
                time.sleep(0.05)
            yield json.loads(description.read_text())
        finally:
            process.terminate()
            process.wait(10)


def set_tags(station: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Give tags values over the station's control interface; tags that it does not know are defined."""
    control(station, "POST", "tags", json=values)


def control(station: Mapping[str, Any], method: str, path: str, **arguments: Any) -> requests.Response:
    """Send a request to the station's control interface."""
    with requests.Session() as session:
        session.trust_env = False
        response = session.request(
            method, f"{station['url']}/simulator/{path}", verify=station["ca_file"], timeout=60, **arguments
        )
        response.raise_for_status()
        return response
