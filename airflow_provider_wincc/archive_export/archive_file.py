"""What all forms of files have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from airflow_provider_wincc.archive_export.aggregates import ResampledValue
    from airflow_provider_wincc.archive_export.facts import ArchiveFacts
    from airflow_provider_wincc.client.archives.values import ArchiveWindow


class BinaryTarget(Protocol):
    """What a file needs of an open binary file object."""

    def write(self, data: bytes, /) -> object:
        """Take the bytes."""


class ArchiveFile(ABC):
    """Writes windows of rows, or buckets, into an open binary file object, which stays open.

    It holds rows, or buckets when its facts name aggregates. As a context manager it finishes the file, or on an
    exception leaves it as it is: unfinished, and to be thrown away.

    :param file: where to write.
    :param facts: what the file is about.
    """

    def __init__(self, file: BinaryTarget, facts: ArchiveFacts) -> None:
        self._file = file
        self._facts = facts
        self.rows = 0
        """Rows or buckets taken so far."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()

    def write(self, window: ArchiveWindow) -> None:
        """Write the rows of a window in time order."""
        if self._facts.aggregates:
            raise TypeError("this file holds buckets: its facts name aggregates")
        if window.row_count:
            self._write_rows(window)
            self.rows += window.row_count

    def write_buckets(self, buckets: Sequence[ResampledValue]) -> None:
        """Write buckets in their order."""
        if not self._facts.aggregates:
            raise TypeError("this file holds rows: its facts name no aggregates")
        if buckets:
            self._write_buckets(buckets)
            self.rows += len(buckets)

    def close(self) -> None:  # noqa: B027  most forms hold nothing back
        """Write what is still held back, so that the file is whole."""

    def abandon(self) -> None:  # noqa: B027
        """Let go of what is held back; the file is not whole."""

    @staticmethod
    @abstractmethod
    def holds_rows(file: BinaryIO) -> bool:
        """Whether a file of this form has rows or buckets; also true of what cannot be read as one, and is not empty.

        :param file: open for reading, at its start; no more of it is read than it takes to know.
        """

    @abstractmethod
    def _write_rows(self, window: ArchiveWindow) -> None: ...

    @abstractmethod
    def _write_buckets(self, buckets: Sequence[ResampledValue]) -> None: ...
