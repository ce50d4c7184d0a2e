"""The command ``airflow-wincc``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def main() -> None:
    """Run ``airflow-wincc`` with the arguments of this process.

    Ends with one line that says what to install when the command's own dependencies are missing.
    """
    try:
        command = _command()
    except ModuleNotFoundError as problem:
        missing = (problem.name or "").partition(".")[0]
        if missing in {"", __package__}:
            raise
        sys.exit(f"airflow-wincc needs {missing}: pip install 'airflow-provider-wincc[simulator]'")
    command()


def _command() -> typer.Typer:
    # Imported here, so that importing this module costs nothing and a missing extra can be explained.
    import typer

    from airflow_provider_wincc.simulator.command import simulate
    from airflow_provider_wincc.unit_check.command import check_unit

    command = typer.Typer(
        name="airflow-wincc",
        help="Tools of the Apache Airflow provider for SIMATIC WinCC.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    command.callback()(_several_commands)
    command.command()(simulate)
    command.command("check-unit")(check_unit)
    return command


def _several_commands() -> None:
    """Tools of the Apache Airflow provider for SIMATIC WinCC."""
