"""The subcommand ``airflow-wincc archive``."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, cast

import typer

from airflow_provider_wincc.command_line.endings import told_endings
from airflow_provider_wincc.command_line.station_options import (  # noqa: TC001  typer reads the annotations
    CaFile,
    ConnId,
    Url,
    User,
    Verify,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from airflow_provider_wincc.archive_export.interval import Interval
    from airflow_provider_wincc.archive_export.reading import ArchiveReading
    from airflow_provider_wincc.client import ArchiveWindow, WinCCClient

EXAMPLE = (
    "airflow-wincc archive ProcessData 'Boiler*' --start 2026-03-02T07:00:00Z --end 2026-03-02T08:00:00Z "
    "--out boilers.parquet --url https://wincc01:34568 --user airflow"
)
_LONGEST_GAP = timedelta(minutes=10)


def archive(
    archive: Annotated[str, typer.Argument(help="Name of the process value archive.", show_default=False)],
    tags: Annotated[
        list[str] | None,
        typer.Argument(metavar="TAG", help="Archive tags, with * and ? for many; all where none is given."),
    ] = None,
    *,
    start: Annotated[
        str, typer.Option(metavar="TIME", help="First moment, with its zone: 2026-03-02T07:00:00Z.", show_default=False)
    ],
    end: Annotated[
        str, typer.Option(metavar="TIME", help="First moment after it; not in the future.", show_default=False)
    ],
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
    """Export rows of a process value archive into a file.

    The file appears when it is complete, and replaces an older one as a whole. Exit code 0: exported, 1: failed, and
    an older file is unchanged.
    """
    with told_endings("archive"):
        from airflow_provider_wincc.archive_export.interval import Interval, read_moment
        from airflow_provider_wincc.archive_export.selection import select_tags
        from airflow_provider_wincc.client.client import WinCCClient
        from airflow_provider_wincc.command_line.export_forms import archive_form
        from airflow_provider_wincc.command_line.station_choice import StationChoice

        interval = Interval(read_moment("--start", start), read_moment("--end", end))
        archive_form(out)
        choice = StationChoice(command="archive", url=url, user=user, ca_file=ca_file, verify=verify, conn_id=conn_id)
        with WinCCClient(choice.settings()) as client:
            chosen = select_tags(client, archive, tags or None)
            reading = _export(client, archive, chosen, interval, out)
        _show(reading, out)


def _export(client: WinCCClient, archive: str, tags: tuple[str, ...], interval: Interval, out: Path) -> ArchiveReading:
    from airflow_provider_wincc.archive_export.reading import ArchiveReading
    from airflow_provider_wincc.archive_export.whole_file import written_whole
    from airflow_provider_wincc.command_line.export_forms import archive_form
    from airflow_provider_wincc.command_line.export_progress import progress_of

    with progress_of("archive") as progress:
        reading = ArchiveReading(
            client, archive, tags, interval, longest_gap=_LONGEST_GAP, resampling=None, tell=progress.tell
        )
        facts = reading.facts(interval.start, interval.end)
        with (
            closing(cast("Generator[ArchiveWindow]", reading.windows())) as windows,
            written_whole(out) as whole,
            archive_form(out)(whole, facts) as file,
        ):
            for window in windows:
                file.write(window)
                progress.advance((window.end - interval.start) / interval.length, file.rows)
    return reading


def _show(reading: ArchiveReading, out: Path) -> None:
    from airflow_provider_wincc.command_line.shown_text import shown

    result = reading.result()
    span = "" if result["first"] is None else f", {result['first']} to {result['last']}"
    typer.echo(
        f"{result['rows']:,} rows of {len(reading.tags)} tags in {shown(str(out))}{span}, {result['gap_count']} gaps "
        f"longer than {_LONGEST_GAP.total_seconds() / 60:g} min"
    )
