"""What can go wrong with archived rows after they were read."""

from __future__ import annotations

from airflow_provider_wincc.client.errors import WinCCError


class ArchiveTargetError(WinCCError):
    """The folder, store, table or temporary folder into which rows were to go refused them.

    A table is as it was, and nothing was left under the name of a file, unless it was refused when complete files got
    their names: then some of them may stand there. It can be tried again: disks are cleared, locks and rights are
    given while a task waits for its next try.
    """

    retryable = True
    default_hint = (
        "Check that the target can be written by the user of the Airflow worker (or by its connection), and that it "
        "has room; run the task again when that is put right."
    )
