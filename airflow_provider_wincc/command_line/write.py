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
    from collections.abc import Mapping, Sequence

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.client.errors import WinCCError
    from airflow_provider_wincc.client.models import DataType, Scalar, TagReadings
    from airflow_provider_wincc.client.policy import TagLimits
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
        from airflow_provider_wincc.client.client import WinCCClient
        from airflow_provider_wincc.command_line.assignments import read_limits, read_types, read_values
        from airflow_provider_wincc.command_line.station_choice import StationChoice
        from airflow_provider_wincc.safe_write import WriteOrder

        texts, types, limits = read_values(values), read_types(tag_type or []), read_limits(limit or [])
        must_ask = not (yes or dry_run)
        if must_ask:
            _refuse_without_a_terminal()
        patterns = allow_write or []
        choice = StationChoice(command="write", url=url, user=user, ca_file=ca_file, verify=verify, conn_id=conn_id)
        if conn_id is None:
            _refuse_what_is_not_allowed(texts, patterns)
        with WinCCClient(choice.settings(patterns)) as client:
            client.check_write(texts)
            readings = _read_before(client, texts)
            fitted = _fit(texts, readings, types)
            client.check_write(fitted)
            _check_limits(fitted, limits)
            _show_plan(client.settings.station, readings, fitted)
            if must_ask and not _agreed():
                tell("write", "Nothing was written.")
                raise typer.Exit(ExitCode.FAILED)
            order = WriteOrder(groups=(fitted,), types=types, verify_timeout=read_back, dry_run=dry_run)
            receipts = _carry_out(client, order)
        _show_receipts(receipts)


def _refuse_without_a_terminal() -> None:
    from airflow_provider_wincc.client.errors import WinCCConfigurationError

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WinCCConfigurationError(
            "There is nobody to ask whether to write.",
            hint="Run it at a terminal; or give --yes to write without a question, or --dry-run to write nothing.",
        )


def _refuse_what_is_not_allowed(names: Mapping[str, str], patterns: Sequence[str]) -> None:
    from airflow_provider_wincc.client.errors import WinCCConfigurationError
    from airflow_provider_wincc.client.policy import matches_pattern

    refused = [name for name in names if not any(matches_pattern(name, pattern) for pattern in patterns)]
    if refused:
        given = f"fits none of --allow-write {', '.join(map(repr, patterns))}" if patterns else "may be written"
        which = ", ".join(map(repr, refused))
        raise WinCCConfigurationError(
            f"{which} {given}; nothing was sent." if patterns else f"--url alone only reads: {which} not written.",
            hint="Name the tags that may be written with --allow-write PATTERN, or use --conn-id with a connection "
            "that is meant for writing.",
        )


def _read_before(client: WinCCClient, names: Mapping[str, str]) -> TagReadings:
    from airflow_provider_wincc.client.errors import WinCCTagError

    readings = client.try_read_tags(names)
    if readings.failures:
        told = ", ".join(f"{name!r} ({failure})" for name, failure in readings.failures.items())
        raise WinCCTagError(
            f"Nothing was written, because tags could not be read before: {told}.",
            errors=readings.failures,
            station=client.settings.station,
        )
    return readings


def _fit(texts: Mapping[str, str], readings: TagReadings, types: Mapping[str, DataType]) -> dict[str, Scalar]:
    from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCWriteRefusedError
    from airflow_provider_wincc.client.models import DataType as AllTypes
    from airflow_provider_wincc.value_types import fit_value

    strangers = [name for name in types if name not in texts]
    if strangers:
        raise WinCCConfigurationError(
            f"--type names {', '.join(map(repr, strangers))}, which is not written.", hint="Check the spelling."
        )
    fitted = {}
    for name, text in texts.items():
        try:
            fitted[name] = fit_value(name, text, readings.values[name], types.get(name))
        except WinCCWriteRefusedError as error:
            error.hint = (
                f"Correct the value; or, if it is right, name the tag's type: --type {name}=text "
                f"(known types: {', '.join(AllTypes)})."
            )
            raise
    return fitted


def _check_limits(fitted: Mapping[str, Scalar], limits: Sequence[TagLimits]) -> None:
    for each in limits:
        for name, value in fitted.items():
            each.check(name, value, rule=f"--limit {each.pattern!r}")


def _show_plan(station: str, readings: TagReadings, fitted: Mapping[str, Scalar]) -> None:
    from airflow_provider_wincc.command_line.readings import quality_cell
    from airflow_provider_wincc.command_line.screen import cell, standard_error, table_of

    # On stderr, because it belongs to the question; what was written goes to stdout.
    screen = standard_error()
    rows = [
        (
            cell(name),
            cell(readings.values[name].text),
            cell(_text(value), "bold"),
            quality_cell(readings.values[name].quality),
        )
        for name, value in fitted.items()
    ]
    screen.print(f"To be written at {station}:", soft_wrap=True)
    screen.print(table_of(screen, ("tag", "now", "new", "quality now"), rows))


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
    from airflow_provider_wincc.safe_write import write_safely

    try:
        return write_safely(client, order)
    except KeyboardInterrupt:
        tell("write", "Interrupted while writing: the values may have arrived, or not. Read the tags to see.")
        raise
    except WinCCError as error:
        _show_what_became(error)
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


def _show_what_became(error: WinCCError) -> None:
    from airflow_provider_wincc.command_line.screen import cell, standard_output, table_of

    rows = [
        *((cell(name), cell("written", "green")) for name in error.written),
        *((cell(name), cell(f"refused: {why}", "bold red")) for name, why in getattr(error, "errors", {}).items()),
        *((cell(name), cell("in doubt: may have arrived", "bold red")) for name in getattr(error, "unknown", ())),
        *((cell(name), cell("not sent", "yellow")) for name in error.not_sent),
    ]
    if rows:
        screen = standard_output()
        screen.print(table_of(screen, ("tag", "outcome"), rows))


def _show_receipts(receipts: Sequence[WriteReceipt]) -> None:
    from airflow_provider_wincc.command_line.screen import cell, standard_output, table_of

    screen = standard_output()
    rows = [
        (
            cell(receipt.tag),
            cell("-" if receipt.old is None else receipt.old.text),
            cell(_text(receipt.new_value), "bold"),
            cell(receipt.outcome, "green"),
            cell(receipt.confirmed_by),
        )
        for receipt in receipts
    ]
    screen.print(table_of(screen, ("tag", "old", "new", "outcome", "confirmed by"), rows))


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
