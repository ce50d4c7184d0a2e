"""What can go wrong with archived rows after they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCError

if TYPE_CHECKING:
    from datetime import datetime


class ArchiveTargetError(WinCCError):
    """The folder, store, table or temporary folder into which rows were to go refused them.

    A table is as it was, and nothing was left under the name of a file, unless it was refused when complete files got
    their names: then some of them may stand there. It can be tried again: disks are cleared, locks and rights are
    given while a task waits for its next try.

    :func:`nothing_for_rows` makes the one that is not tried again.
    """

    retryable = True
    default_hint = (
        "Check that the target can be written by the user of the Airflow worker (or by its connection), and that it "
        "has room; run the task again when that is put right."
    )


def nothing_for_rows(
    archive: str, start: datetime, end: datetime, *, standing: str, to_delete: str
) -> ArchiveTargetError:
    """Make the error for an export without a row that was to take the place of one with rows.

    :param standing: what stands there, as a clause: ``3,600 rows stand in table 'history'``.
    :param to_delete: what a user deletes to have nothing there.
    """
    return ArchiveTargetError(
        f"The station has no rows of archive {archive!r} from {start.isoformat()} to {end.isoformat()} for these tags, "
        f"where {standing}. Nothing was changed.",
        hint="The archive may have deleted its rows of that time: then mark the task as success, and what was exported "
        f"stays. If it is to go, delete {to_delete} by hand, and clear the task again.",
        retryable=False,
    )
