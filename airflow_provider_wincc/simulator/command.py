"""The subcommand ``airflow-wincc simulate``."""

from __future__ import annotations

import ipaddress
import json
import os
import signal
import tempfile
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.simulator.station import Simulator

_WINCC_PORT = 34568


class PlantMotion(StrEnum):
    """Whether the plant moves."""

    DEMO = "demo"
    STILL = "still"


def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = _WINCC_PORT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    *,
    http: Annotated[bool, typer.Option("--http", help="Plain http instead of https.")] = False,
    describe: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Write address, CA file and users to this file as JSON once the station answers.",
        ),
    ] = None,
    plant: Annotated[
        PlantMotion, typer.Option(help="demo moves in real time, still waits for you.")
    ] = PlantMotion.DEMO,
    unit_speed: Annotated[
        float, typer.Option(min=0.01, max=1000, help="How many times as fast as real time the production unit works.")
    ] = 1.0,
    archive_tags: Annotated[
        int,
        typer.Option(min=0, max=10_000, help="Tags of a further archive, Benchmark, that are called Value1 and so on."),
    ] = 0,
    archive_period: Annotated[
        int, typer.Option(min=1, max=86_400_000, help="Distance of the rows of that archive in milliseconds.")
    ] = 1000,
) -> None:
    """Run a simulated WinCC station until Ctrl-C.

    It is a test double of the documented REST interface: no WinCC, no licence, no plant.
    """
    from airflow_provider_wincc.simulator.archive_catalogue import benchmark_archive, default_archives
    from airflow_provider_wincc.simulator.errors import SimulatorStartError
    from airflow_provider_wincc.simulator.station import Simulator
    from airflow_provider_wincc.simulator.unit_settings import default_units

    stop = _stop_on_signals()
    if not _is_loopback(host):
        typer.echo(f"Warning: {host} lets other machines in; use it in a network you trust.", err=True)
    units = [replace(unit, speed=unit_speed) for unit in default_units()]
    archives = list(default_archives())
    if archive_tags:
        archives.append(benchmark_archive(archive_tags, archive_period))
    station = Simulator(port, host, tls=not http, plant=plant.value, units=units, archives=archives)
    try:
        with station, nullcontext() if describe is None else _described(station, describe):
            typer.echo(_introduction(station))
            while not stop.wait(1):
                pass  # woken each second, because on Windows a wait without an end does not see Ctrl-C
    except (SimulatorStartError, _DescribeError) as problem:
        typer.echo(f"airflow-wincc simulate: {problem}", err=True)
        raise typer.Exit(1) from None
    typer.echo("Stopped.")


class _DescribeError(RuntimeError):
    pass


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@contextmanager
def _described(station: Simulator, path: Path) -> Iterator[None]:
    description = {
        "url": station.url,
        "ca_file": station.ca_file,
        "users": {name: {"password": user.password, "role": user.role} for name, user in station.users.items()},
    }
    try:
        _write_whole(path, json.dumps(description, indent=2))
    except OSError as problem:
        raise _DescribeError(f"cannot write {path}: {problem.strerror}") from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _write_whole(path: Path, text: str) -> None:
    # mkstemp makes the file readable by its owner only, and the rename shows it complete or not at all.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _introduction(station: Simulator) -> str:
    users = [f"  {name:<9} {user.password}  ({user.role})" for name, user in station.users.items()]
    return "\n".join(
        [
            f"Simulated WinCC station at {station.url} (a test double, not WinCC)",
            f"CA file: {station.ca_file or 'none, plain http'}",
            "Users:",
            *users,
            "Airflow connection:",
            json.dumps(_connection(station)),
            "Stop it with Ctrl-C.",
        ]
    )


def _connection(station: Simulator) -> dict[str, Any]:
    return {
        "conn_type": "wincc",
        "host": station.url,
        "login": "engineer",
        "password": station.users["engineer"].password,
        "extra": {} if station.ca_file is None else {"verify": station.ca_file},
    }
