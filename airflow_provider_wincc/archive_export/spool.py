"""Batches of rows that wait on the local disk, so that a database is not kept waiting for the plant."""

from __future__ import annotations

import pickle  # nosec B403 # reads nothing but what it has written itself
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from airflow_provider_wincc.archive_export.errors import ArchiveTargetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType


class Spool:
    """Keeps batches of rows in a temporary file that nobody else sees, in order; gone when it is closed."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by close()
        self.row_count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the file."""
        # What a full disk did not take is still in the buffer, and refused again; the file has no name and goes anyway.
        with suppress(OSError):
            self._file.close()

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add a batch.

        :raises ArchiveTargetError: when the disk of the temporary folder is full.
        """
        try:
            pickle.dump(rows, self._file, protocol=pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            raise ArchiveTargetError(
                f"The rows could not be kept in the temporary folder {tempfile.gettempdir()!r}: "
                f"{error.strerror or error}. Nothing was written to the table.",
                hint="Make room there, choose another folder by the environment variable TMPDIR, or export shorter "
                "intervals.",
            ) from error
        self.row_count += len(rows)

    def batches(self) -> Iterator[Sequence[Mapping[str, Any]]]:
        """Yield the batches from the first to the last."""
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)  # nosec B301 # noqa: S301  our own file, which has no name
            except EOFError:
                return
