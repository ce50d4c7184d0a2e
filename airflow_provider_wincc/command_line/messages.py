"""The subcommand ``airflow-wincc messages``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from airflow_provider_wincc.command_line.endings import tell, told_endings
from airflow_provider_wincc.command_line.station_options import (  # noqa: TC001  typer reads the annotations
    CaFile,
    ConnId,
    Url,
    User,
    Verify,
)

if TYPE_CHECKING:
    from airflow_provider_wincc.client.messages.query import MessageQuery
    from airflow_provider_wincc.client.messages.values import MessageReading
    from airflow_provider_wincc.message_export.exported import ExportedMessages

EXAMPLE = (
    "airflow-wincc messages Errors --list short_term_archive --out errors.csv --url https://wincc01:34568 "
    "--user airflow"
)


def messages(
    rest_filter: Annotated[
        str, typer.Argument(metavar="FILTER", help="REST filter that is configured in WinCC.", show_default=False)
    ],
    *,
    message_list: Annotated[
        str,
        typer.Option(
            "--list",
            help="message_list (what is pending now), short_term_archive, long_term_archive, hit_list, lock_list, "
            "hide_list or hidden_message_list.",
        ),
    ] = "message_list",
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="First moment, with its zone; from the beginning without it.")
    ] = None,
    end: Annotated[
        str | None, typer.Option(metavar="TIME", help="First moment after it; up to now without it.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Of the texts, such as de-DE; en-US by default.")] = None,
    out: Annotated[
        Path,
        typer.Option(metavar="FILE", help="File that ends in .csv, .jsonl or .parquet; replaced.", show_default=False),
    ],
    url: Url = None,
    user: User = None,
    ca_file: CaFile = None,
    verify: Verify = True,
    conn_id: ConnId = None,
) -> None:
    """Export messages (alarms) into a file, oldest first.

    A station hands out at most 1000 messages, and there is no way to ask for older ones; where some may be missing, a
    warning says so. The file appears when it is complete. Exit code 0: exported, 1: failed, and an older file is
    unchanged.
    """
    with told_endings("messages"):
        from airflow_provider_wincc.archive_export.interval import read_moment
        from airflow_provider_wincc.archive_export.whole_file import written_whole
        from airflow_provider_wincc.client.client import WinCCClient
        from airflow_provider_wincc.client.messages.arguments import check_window
        from airflow_provider_wincc.client.messages.query import MessageQuery
        from airflow_provider_wincc.command_line.export_forms import message_form
        from airflow_provider_wincc.command_line.export_progress import progress_of
        from airflow_provider_wincc.command_line.station_choice import StationChoice

        query = MessageQuery.from_json({"rest_filter": rest_filter, "message_list": message_list, "language": language})
        window = check_window(
            None if start is None else read_moment("--start", start), None if end is None else read_moment("--end", end)
        )
        form = message_form(out)
        choice = StationChoice(command="messages", url=url, user=user, ca_file=ca_file, verify=verify, conn_id=conn_id)
        with WinCCClient(choice.settings()) as client, progress_of("messages") as progress:
            exported = _selected(client.read_messages(query), query, window, client.settings.station)
            progress.advance(0.5, len(exported.messages))
            facts = exported.facts(exported.interval.start, exported.interval.end)
            with written_whole(out) as whole:
                whole.write(form(exported.messages, facts))
        _show(exported, out)


def _selected(
    reading: MessageReading, query: MessageQuery, window: tuple[datetime | None, datetime | None], station: str
) -> ExportedMessages:
    from airflow_provider_wincc.archive_export.interval import Interval
    from airflow_provider_wincc.message_export.exported import ExportedMessages
    from airflow_provider_wincc.message_export.selection import select_messages

    start, end = window
    selected = select_messages(reading, start=start, end=end)
    if selected.doubts:
        tell("messages", f"warning: messages may be missing: {'; '.join(selected.doubts)}.")
    times = [message.time for message in selected.messages if message.time is not None]
    # Without a window the file covers what the station has handed out.
    finish = end or max([datetime.now(UTC), *times]) + timedelta(microseconds=1)
    begin = start or min([*times, finish - timedelta(microseconds=1)])
    return ExportedMessages(
        query=query,
        pattern=None,
        station=station,
        interval=Interval(begin, finish),
        messages=selected.messages,
        may_lack_messages=bool(selected.doubts),
        known_since=min(selected.known_since or begin, finish),
    )


def _show(exported: ExportedMessages, out: Path) -> None:
    from airflow_provider_wincc.command_line.shown_text import shown

    result = exported.result()
    span = "" if result["first"] is None else f", {result['first']} to {result['last']}"
    typer.echo(f"{result['rows']:,} messages in {shown(str(out))}{span}")
