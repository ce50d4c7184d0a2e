"""The subcommand ``airflow-wincc watch``."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Annotated

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
    from collections.abc import Callable

    from airflow_provider_wincc.client import StationSettings
    from airflow_provider_wincc.command_line.watching import Watch
    from airflow_provider_wincc.conditions import Condition

EXAMPLE = (
    "airflow-wincc watch Tank1.Level --until 'tag(\"Tank1.Level\") >= 59' --timeout 300 "
    "--url https://wincc01:34568 --user airflow"
)

_SHORTEST_PATIENCE = 5.0
"""Seconds that a station has for an answer, however short the time of the watch."""


def watch(
    tags: Annotated[
        list[str] | None, typer.Argument(metavar="TAG", help="Tags to show, besides those of the condition.")
    ] = None,
    *,
    until: Annotated[
        str | None,
        typer.Option(metavar="CONDITION", help="End when this is true, such as 'tag(\"Tank1.Level\") >= 59'."),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Give up after so long, with exit code 3.")
    ] = None,
    interval: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="Pause between two readings.")] = 1.0,
    url: Url = None,
    user: User = None,
    ca_file: CaFile = None,
    verify: Verify = True,
    conn_id: ConnId = None,
) -> None:
    """Watch tags change: as a live table on a terminal, elsewhere as a line for each change.

    The condition is judged as in sensors: a value of bad quality makes it unknown, and only true ends the watch. A
    station that goes away meanwhile is waited for. Exit code 0: the condition was met, 1: an error, such as an unknown
    tag, 3: the time is up, 130: Ctrl-C.
    """
    with told_endings("watch"):
        from airflow_provider_wincc.client.client import WinCCClient
        from airflow_provider_wincc.client.errors import WinCCConfigurationError
        from airflow_provider_wincc.command_line.screen import standard_output
        from airflow_provider_wincc.command_line.station_choice import StationChoice
        from airflow_provider_wincc.command_line.watch_display import display_on
        from airflow_provider_wincc.command_line.watching import Watch

        condition = None if until is None else _condition(until)
        names = list(dict.fromkeys([*(tags or []), *(sorted(condition.tags) if condition is not None else [])]))
        if not names:
            raise WinCCConfigurationError("There is nothing to watch.", hint="Name tags, or a condition by --until.")
        choice = StationChoice(command="watch", url=url, user=user, ca_file=ca_file, verify=verify, conn_id=conn_id)
        settings = _quick_to_fail(choice.settings(), timeout)
        with WinCCClient(settings) as client:
            watched = Watch(client, names, condition)
            with display_on(standard_output(), watched) as display:
                is_met = _go_on(watched, display.show, timeout=timeout, interval=interval)
        _tell_the_end(watched, is_met=is_met, timeout=timeout)


def _condition(text: str) -> Condition:
    from airflow_provider_wincc.client.errors import WinCCConfigurationError
    from airflow_provider_wincc.conditions import Condition, WinCCConditionError

    try:
        # Such as that a measured value hardly ever equals a number.
        with warnings.catch_warnings(record=True) as advice:
            warnings.simplefilter("always")
            condition = Condition.from_text(text)
    except WinCCConditionError as error:
        raise WinCCConfigurationError(f"--until: {error.message}", hint=error.hint) from None
    for each in advice:
        tell("watch", f"warning: --until: {each.message}")
    return condition


def _quick_to_fail(settings: StationSettings, timeout: float | None) -> StationSettings:
    from dataclasses import replace

    # The next reading is the next attempt, and a stalled station must not hold the command far beyond its time.
    longest = settings.read_timeout if timeout is None else min(settings.read_timeout, max(timeout, _SHORTEST_PATIENCE))
    return replace(settings, read_retries=0, read_timeout=longest)


def _go_on(watched: Watch, show: Callable[[], None], *, timeout: float | None, interval: float) -> bool:
    """Look again and again until the condition is met; return whether it was, or the time was up."""
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        is_met = watched.look()
        show()
        left = None if deadline is None else deadline - time.monotonic()
        if is_met or (left is not None and left <= 0):
            return is_met
        time.sleep(interval if left is None else min(interval, left))


def _tell_the_end(watched: Watch, *, is_met: bool, timeout: float | None) -> None:
    if is_met:
        tell("watch", "The condition is met.")
        return
    tell("watch", f"The {timeout:g} s are up.\n{watched.explain()}")
    raise typer.Exit(ExitCode.TIMED_OUT)
