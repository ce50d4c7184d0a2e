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
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.simulator.plant_file import PlantFile
    from airflow_provider_wincc.simulator.station import Simulator

_WINCC_PORT = 34568


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
        str,
        typer.Option(
            metavar="demo|still|FILE",
            help="demo moves in real time, still waits for you; or the YAML file of a plant of your own.",
        ),
    ] = "demo",
    tags: Annotated[
        Path | None,
        typer.Option(
            metavar="LIST",
            dir_okay=False,
            help="A list of tags that WinCC exported; alone, or beside the YAML file of a plant.",
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of that list, such as cp1251; found out if left out.")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            file_okay=False,
            help="Keep values, messages, users, passwords and certificates in this folder from one start to the next.",
        ),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Forget what that folder has.")] = False,
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
    from airflow_provider_wincc.simulator.errors import (
        KeptStateError,
        PlantFileError,
        SimulatorStartError,
        TagListError,
    )
    from airflow_provider_wincc.simulator.station import Simulator
    from airflow_provider_wincc.simulator.unit_settings import default_units

    stop = _stop_on_signals()
    if not _is_loopback(host):
        typer.echo(f"Warning: {host} lets other machines in; use it in a network you trust.", err=True)
    if reset and state is None:
        raise typer.BadParameter("it needs --state FOLDER", param_hint="--reset")
    if encoding is not None and tags is None:
        raise typer.BadParameter("it needs --tags LIST", param_hint="--encoding")
    try:
        own = _own_plant(plant, tags, encoding)
    except (PlantFileError, TagListError) as problem:
        typer.echo(f"airflow-wincc simulate: {problem}", err=True)
        raise typer.Exit(1) from None
    given_units = default_units() if own is None else own.units
    archives = list(default_archives() if own is None else own.archives)
    if archive_tags:
        archives.append(benchmark_archive(archive_tags, archive_period))
    station = Simulator(
        port,
        host,
        tls=not http,
        plant=plant if own is None else own,
        units=[replace(unit, speed=unit.speed * unit_speed) for unit in given_units],
        archives=archives,
        state=state,
        reset=reset,
    )
    try:
        with station, nullcontext() if describe is None else _described(station, describe):
            typer.echo(_introduction(station))
            while not stop.wait(1):
                pass  # woken each second, because on Windows a wait without an end does not see Ctrl-C
    except (SimulatorStartError, KeptStateError, _DescribeError) as problem:
        typer.echo(f"airflow-wincc simulate: {problem}", err=True)
        raise typer.Exit(1) from None
    typer.echo("Stopped.")


def _own_plant(plant: str, tags: Path | None, encoding: str | None) -> PlantFile | None:
    from airflow_provider_wincc.simulator.plant_file import PlantFile
    from airflow_provider_wincc.simulator.tag_list import TagList

    is_file = plant not in {"demo", "still"}
    if is_file and not Path(plant).is_file():
        raise typer.BadParameter(f"demo, still or a YAML file; there is no file {plant!r}", param_hint="--plant")
    if tags is None:
        return PlantFile.read(plant) if is_file else None
    listed = TagList.read(tags, encoding=encoding)
    for sentence in listed.left_out:
        typer.echo(f"Left out of {tags}: {sentence}.", err=True)
    if is_file:
        return PlantFile.read(plant, listed=listed.tags)
    return replace(listed.plant(tags.stem), frozen=plant == "still")


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
    from airflow_provider_wincc.simulator.control_connection import airflow_connection

    users = [f"  {name:<9} {user.password}  ({user.role})" for name, user in station.users.items()]
    return "\n".join(
        [
            f"Simulated WinCC station at {station.url} (a test double, not WinCC)",
            f"CA file: {station.ca_file or 'none, plain http'}",
            "Users:",
            *users,
            "Airflow connection:",
            json.dumps(airflow_connection(station)),
            "Stop it with Ctrl-C.",
        ]
    )
