"""What tag logging is configured to archive."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from airflow_provider_wincc.client.archives.arguments import check_archive
from airflow_provider_wincc.client.archives.values import ArchiveInfo, ArchiveTagInfo, TimerInfo
from airflow_provider_wincc.client.errors import WinCCNotFoundError
from airflow_provider_wincc.client.paging import list_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from airflow_provider_wincc.client.transport import Transport

ARCHIVE_HINT = "Check its spelling; client.list_archives() names the archives of the station."


def list_archives(transport: Transport, *, page_size: int) -> Iterator[ArchiveInfo]:
    """Yield the archives; see :meth:`WinCCClient.list_archives`."""
    named = list_named(transport, "/tagLogging/Archives", ("archivename", "name"), page_size=page_size)
    return (ArchiveInfo(name, item) for name, item in named)


def list_archive_tags(transport: Transport, archive: str, *, page_size: int) -> Iterator[ArchiveTagInfo]:
    """Yield the tags of an archive; see :meth:`WinCCClient.list_archive_tags`."""
    check_archive(archive)
    path = f"/tagLogging/Archive/{quote(archive, safe='')}/Variables"
    return _tags(archive, list_named(transport, path, ("variablename", "name"), page_size=page_size))


def list_timers(transport: Transport, *, page_size: int) -> Iterator[TimerInfo]:
    """Yield the timers; see :meth:`WinCCClient.list_timers`."""
    named = list_named(transport, "/tagLogging/Timers", ("timername", "name"), page_size=page_size)
    return (TimerInfo(name, item) for name, item in named)


def _tags(archive: str, named: Iterator[tuple[str, Mapping[str, Any]]]) -> Iterator[ArchiveTagInfo]:
    before = f"{archive}\\".casefold()
    try:
        for name, item in named:
            plain = name[len(before) :] if name.casefold().startswith(before) else name
            yield ArchiveTagInfo(plain, archive, item)
    except WinCCNotFoundError as error:
        raise unknown_archive(archive, error) from error


def unknown_archive(archive: str, error: WinCCNotFoundError) -> WinCCNotFoundError:
    """Return the error for an archive that the station does not know."""
    return WinCCNotFoundError(
        f"The station has no archive {archive!r}.",
        hint=ARCHIVE_HINT,
        method=error.method,
        path=error.path,
        station=error.station,
        status=error.status,
    )
