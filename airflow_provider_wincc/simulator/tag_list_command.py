"""The subcommand ``airflow-wincc plant-from-tags``."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer looks at it when the command is made
from typing import Annotated

import typer

EXAMPLE = "airflow-wincc plant-from-tags tags.csv > plant.yaml"


def plant_from_tags(
    tag_list: Annotated[
        Path,
        typer.Argument(
            metavar="LIST", dir_okay=False, exists=True, help="A text or CSV file that WinCC's tag management exported."
        ),
    ],
    *,
    encoding: Annotated[str | None, typer.Option(help="Its encoding, such as cp1251; found out if left out.")] = None,
) -> None:
    """Turn a list of tags that WinCC exported into a plant file, on standard output.

    Add behaviours, messages and a timeline to the file, then: airflow-wincc simulate --plant FILE.
    """
    from airflow_provider_wincc.simulator.errors import TagListError
    from airflow_provider_wincc.simulator.tag_list import TagList

    try:
        listed = TagList.read(tag_list, encoding=encoding)
    except TagListError as problem:
        typer.echo(f"airflow-wincc plant-from-tags: {problem}", err=True)
        raise typer.Exit(1) from None
    for sentence in listed.left_out:
        typer.echo(f"Left out: {sentence}.", err=True)
    # A plant file is UTF-8, whatever the terminal's encoding is.
    sys.stdout.buffer.write(listed.to_yaml().encode("utf-8"))
    sys.stdout.buffer.flush()
