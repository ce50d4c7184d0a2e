"""The subcommand ``airflow-wincc write``."""

from __future__ import annotations

import sys
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
    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.safe_write import WriteOrder, WriteReceipt

EXAMPLE = (
    "airflow-wincc write Tank1.Setpoint=60 --allow-write 'Tank?.Setpoint' --url https://wincc01:34568 --user engineer"
)


def write(
    values: Annotated[
        list[str], typer.Argument(metavar="TAG=VALUE", help="Tags and their new values.", show_default=False)
    ],
    *,
    url: Url = None,
    user: User = None,
    ca_file: CaFile = None,
    verify: Verify = True,
    conn_id: ConnId = None,
    allow_write: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Tags that may be written at --url, with * and ?; may be given several times. A connection has its "
            "own write policy.",
        ),
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN=LOW:HIGH", help="Refuse values outside, besides the connection's limits."),
    ] = None,
    tag_type: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TAG=TYPE", help="Type of a tag that shows digits now but holds text."),
    ] = None,
    read_back: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait until the tags show the new values.")
    ] = 30.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and show everything, but send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """Write tags: shows old and new values, asks, writes once, and reads back.

    The write policy, limits and types are checked first, as in Airflow tasks, and nothing is sent unless all is right.
    All values go in one request, whose order inside the station is not defined. A write whose answer is lost is never
    sent again: it is read back, and you are told what was found. Exit code 0: written and read back (or --dry-run),
    1: refused, not confirmed, or in doubt.
    """
    with told_endings("write"):
        from airflow_provider_wincc.client.arguments import check_from_zero
        from airflow_provider_wincc.client.client import WinCCClient
        from airflow_provider_wincc.command_line.assignments import read_limits, read_types, read_values
        from airflow_provider_wincc.command_line.station_choice import StationChoice
        from airflow_provider_wincc.command_line.write_checks import (
            check_limits,
            fit,
            read_before,
            refuse_limits_of_other_tags,
            refuse_what_is_not_allowed,
            refuse_without_a_terminal,
        )
        from airflow_provider_wincc.command_line.write_report import show_plan, show_receipts
        from airflow_provider_wincc.safe_write import WriteOrder

        check_from_zero("--read-back", read_back)
        texts, types, limits = read_values(values), read_types(tag_type or []), read_limits(limit or [])
        refuse_limits_of_other_tags(texts, limits)
        must_ask = not (yes or dry_run)
        if must_ask:
            refuse_without_a_terminal()
        patterns = allow_write or []
        choice = StationChoice(command="write", url=url, user=user, ca_file=ca_file, verify=verify, conn_id=conn_id)
        if url is not None and conn_id is None:
            refuse_what_is_not_allowed(texts, patterns)
        with WinCCClient(choice.settings(patterns)) as client:
            client.check_write(texts)
            readings = read_before(client, texts)
            fitted = fit(texts, readings, types)
            client.check_write(fitted)
            check_limits(fitted, limits)
            show_plan(client.settings.station, readings, fitted)
            if must_ask and not _agreed():
                tell("write", "Nothing was written.")
                raise typer.Exit(ExitCode.FAILED)
            order = WriteOrder(groups=(fitted,), types=types, verify_timeout=read_back, dry_run=dry_run)
            receipts = _carry_out(client, order)
        show_receipts(receipts)


def _agreed() -> bool:
    # Not typer.confirm, which cannot tell Ctrl-C from the end of the input.
    sys.stderr.write("Write this? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _carry_out(client: WinCCClient, order: WriteOrder) -> list[WriteReceipt]:
    from airflow_provider_wincc.client.errors import (
        WinCCError,
        WinCCWriteOutcomeUnknownError,
        WinCCWriteVerificationError,
    )
    from airflow_provider_wincc.command_line.write_report import show_what_became
    from airflow_provider_wincc.safe_write import write_safely

    try:
        return write_safely(client, order)
    except KeyboardInterrupt:
        tell("write", "Interrupted while writing: the values may have arrived, or not. Read the tags to see.")
        raise
    except WinCCError as error:
        show_what_became(error)
        if isinstance(error, WinCCWriteOutcomeUnknownError):
            error.hint = (
                "Nothing is sent again by itself. Read the tags again before you write: the value may still arrive."
            )
        elif isinstance(error, WinCCWriteVerificationError):
            error.hint = (
                "The controller may be away or in local mode, may limit the value, or something else writes the same "
                "tag. Give more seconds with --read-back if the plant is only slow."
            )
        raise
