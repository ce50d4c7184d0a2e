"""The subcommand ``airflow-wincc read``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from airflow_provider_wincc.command_line.endings import ExitCode, tell, told_endings
from airflow_provider_wincc.command_line.station_options import (  # noqa: TC001  typer reads the annotations
    CaFile,
    ConnId,
    Url,
    User,
    Verify,
)

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import TagFailure, TagReadings, TagValue

EXAMPLE = "airflow-wincc read Tank1.Level Mixer1.State --url https://wincc01:34568 --user airflow"


def read(
    tags: Annotated[list[str], typer.Argument(metavar="TAG", help="Tags, spelled as in WinCC.", show_default=False)],
    *,
    url: Url = None,
    user: User = None,
    ca_file: CaFile = None,
    verify: Verify = True,
    conn_id: ConnId = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the readings as JSON, by tag.")] = False,
) -> None:
    """Read tags: value, type, quality in words, and time in UTC.

    A reading of bad quality is a reading: look at its quality. Exit code 0: all tags were read, 1: a tag could not be
    read, or the station not be reached.
    """
    with told_endings("read"):
        from airflow_provider_wincc.client.client import WinCCClient
        from airflow_provider_wincc.command_line.station_choice import StationChoice

        choice = StationChoice(command="read", url=url, user=user, ca_file=ca_file, verify=verify, conn_id=conn_id)
        with WinCCClient(choice.settings()) as client:
            readings = client.try_read_tags(tags)
        if as_json:
            typer.echo(json.dumps(_json(tags, readings), indent=2))
        else:
            _show(tags, readings)
        if readings.failures:
            _tell_failures(readings)
            raise typer.Exit(ExitCode.FAILED)


def _json(tags: list[str], readings: TagReadings) -> dict[str, Any]:
    from airflow_provider_wincc.command_line.readings import type_of

    told: dict[str, Any] = {}
    for name in tags:
        if name in readings.failures:
            told[name] = {"error": str(readings.failures[name])}
        else:
            reading = readings.values[name]
            told[name] = {**reading.to_json(), "type": type_of(reading), "quality_meaning": reading.quality.meaning}
    return told


def _show(tags: list[str], readings: TagReadings) -> None:
    from airflow_provider_wincc.command_line.readings import HEADINGS, row_of
    from airflow_provider_wincc.command_line.screen import standard_output, table_of

    screen = standard_output()
    found: dict[str, TagValue | TagFailure] = {**readings.values, **readings.failures}
    screen.print(table_of(screen, HEADINGS, [row_of(name, found[name]) for name in dict.fromkeys(tags)]))


def _tell_failures(readings: TagReadings) -> None:
    hints = " ".join(dict.fromkeys(failure.hint for failure in readings.failures.values() if failure.hint))
    told = ", ".join(f"{name!r} ({failure})" for name, failure in readings.failures.items())
    tell("read", f"Tags cannot be read: {told}." + (f" What to do: {hints}" if hints else ""))
