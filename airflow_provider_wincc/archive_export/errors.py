"""What can go wrong with archived rows after they were read."""

from __future__ import annotations

from airflow_provider_wincc.client.errors import WinCCError


class ArchiveTargetError(WinCCError):
    """The place where a file was to be written refused it. Nothing was left under the file's name.

    A file that stood there before is unchanged. It can be tried again: disks are cleared and rights are given
    while a task waits for its next try.
    """

    retryable = True
    default_hint = (
        "Check that the target can be written by the user of the Airflow worker (or by the connection in the path), "
        "and that it has room. Nothing was left under the file's name; run the task again when that is put right."
    )
