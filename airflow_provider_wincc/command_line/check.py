"""The subcommand ``airflow-wincc check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from airflow_provider_wincc.command_line.endings import ExitCode, tell_error, told_endings
from airflow_provider_wincc.command_line.station_options import (  # noqa: TC001  typer reads the annotations
    CaFile,
    ConnId,
    Url,
    User,
    Verify,
)

if TYPE_CHECKING:
    from airflow_provider_wincc.client.check import StationCheck

EXAMPLE = "airflow-wincc check --url https://wincc01:34568 --user airflow --ca-file plant-ca.pem"


def check(
    *, url: Url = None, user: User = None, ca_file: CaFile = None, verify: Verify = True, conn_id: ConnId = None
) -> None:
    """Test the connection to a station, step by step, and say what to do about the first step that fails.

    Address, TCP, TLS, login, permission, first read. Each request is sent once: a refused login is not repeated,
    because accounts lock. Nothing is written. Exit code 0: all steps passed, 1: one failed.
    """
    with told_endings("check"):
        from airflow_provider_wincc.client.check import check_station
        from airflow_provider_wincc.command_line.station_choice import StationChoice

        choice = StationChoice(command="check", url=url, user=user, ca_file=ca_file, verify=verify, conn_id=conn_id)
        settings = choice.settings()
        found = check_station(settings)
        _show(settings.station, found)
        if found.error is not None:
            tell_error("check", found.error)
            raise typer.Exit(ExitCode.FAILED)


def _show(station: str, found: StationCheck) -> None:
    from airflow_provider_wincc.client.check import StepState
    from airflow_provider_wincc.command_line.screen import cell, standard_output, table_of

    colours = {StepState.PASSED: "green", StepState.FAILED: "bold red", StepState.NOT_REACHED: "dim"}
    screen = standard_output()
    rows = [
        (
            cell(result.step),
            cell(result.state, colours[result.state]),
            cell("-" if result.seconds is None else f"{result.seconds * 1000:.1f}"),
            cell(result.detail or "-"),
        )
        for result in found.steps
    ]
    screen.print(f"WinCC station {station}")
    screen.print(table_of(screen, ("step", "result", "ms", "detail"), rows))
