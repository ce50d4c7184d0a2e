"""The options by which every command names its station."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_STATION = "Station"

Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="Address of the station, such as https://wincc01:34568. Only reads.", rich_help_panel=_STATION
    ),
]
User = Annotated[
    str | None,
    typer.Option(
        "--user",
        help="WinCC user for --url. The password is asked for, or taken from the variable WINCC_PASSWORD.",
        rich_help_panel=_STATION,
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        metavar="FILE",
        help="CA certificate that the station's certificate is checked with.",
        rich_help_panel=_STATION,
    ),
]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify/--no-verify",
        help="Check the station's certificate. Without it anyone in between can read the password.",
        rich_help_panel=_STATION,
    ),
]
ConnId = Annotated[
    str | None,
    typer.Option(
        "--conn-id",
        metavar="ID",
        help="Airflow connection to use instead of --url, with its write policy. Loads Airflow, which takes seconds.",
        rich_help_panel=_STATION,
    ),
]
