"""The subcommand ``airflow-wincc browse``."""

from __future__ import annotations

import json
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
    from airflow_provider_wincc.client.models import TagInfo

EXAMPLE = "airflow-wincc browse 'Tank*' --url https://wincc01:34568 --user airflow"


def browse(
    pattern: Annotated[
        str, typer.Argument(help="Which tags: * stands for any characters, ? for one. Quote it for your shell.")
    ] = "*",
    *,
    url: Url = None,
    user: User = None,
    ca_file: CaFile = None,
    verify: Verify = True,
    conn_id: ConnId = None,
    as_table: Annotated[
        bool, typer.Option("--table", help="A row for each tag, with all that the station says of it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the tags as a JSON list.")] = False,
) -> None:
    """List the tags of a station as a tree, cut at the dots of their names.

    Exit code 0: there are tags, 1: none fits, or the station could not be reached.
    """
    with told_endings("browse"):
        from airflow_provider_wincc.client.client import WinCCClient
        from airflow_provider_wincc.client.errors import WinCCConfigurationError
        from airflow_provider_wincc.command_line.station_choice import StationChoice

        if as_table and as_json:
            raise WinCCConfigurationError("--table and --json contradict each other.", hint="Leave one of them out.")
        choice = StationChoice(command="browse", url=url, user=user, ca_file=ca_file, verify=verify, conn_id=conn_id)
        with WinCCClient(choice.settings()) as client:
            tags = list(client.browse_tags(pattern))
        if as_json:
            typer.echo(json.dumps([{"name": tag.name, "raw": dict(tag.raw)} for tag in tags], indent=2))
        elif as_table:
            _show_table(tags)
        else:
            _show_tree(tags)
        if not tags:
            tell("browse", f"No tag fits {pattern!r}. What to do: Try '*', or a part of the name between two stars.")
            raise typer.Exit(ExitCode.FAILED)


def _show_tree(tags: list[TagInfo]) -> None:
    from airflow_provider_wincc.command_line.screen import standard_output
    from airflow_provider_wincc.command_line.tag_tree import trees_of

    screen = standard_output()
    for tree in trees_of(tag.name for tag in tags):
        screen.print(tree)


def _show_table(tags: list[TagInfo]) -> None:
    from airflow_provider_wincc.command_line.screen import cell, standard_output, table_of
    from airflow_provider_wincc.command_line.shown_text import shown

    # Which keys there are, and under which of them the name stands, differs by version of WinCC.
    keys = list(dict.fromkeys(key for tag in tags for key, value in tag.raw.items() if value != tag.name))
    rows = [(cell(tag.name), *(cell(_text(tag.raw.get(key))) for key in keys)) for tag in tags]
    screen = standard_output()
    if rows:
        screen.print(table_of(screen, ("tag", *map(shown, keys)), rows))


def _text(raw: object) -> str:
    if raw is None or raw == "":
        return "-"
    return raw if isinstance(raw, str) else json.dumps(raw)
