"""Archive tags in batches that the station accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCNotFoundError, WinCCResponseError, WinCCTagError
from airflow_provider_wincc.client.failures import REFUSED_FOR_ITS_CONTENT, refused_alone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_provider_wincc.client.archives.requests import ArchiveRequests
    from airflow_provider_wincc.client.models import TagFailure

_REFUSED_HINT = (
    "The station refuses the request even for one tag: lower archive_max_values in the connection, and check whether "
    "archive_times and archive_form fit the station."
)


class Batches:
    """Reads tags batch by batch; a batch that the station refuses as a whole halves the size of all that follow.

    :param requests: to the archive, for the errors.
    :param size: most tags in one batch.
    """

    def __init__(self, requests: ArchiveRequests, size: int) -> None:
        self._requests = requests
        self._size = size

    def first(self, tags: Sequence[str]) -> Sequence[str]:
        """Return the first batch of the tags."""
        return tags[: self._size]

    def each(self, tags: Sequence[str], read: Callable[[Sequence[str], Sequence[str]], None]) -> None:
        """Call ``read`` with batch after batch, and with the one that will follow; that is empty after the last.

        :raises WinCCTagError: naming all tags that failed, after all batches.
        :raises WinCCError: when a request failed.
        """
        failures: dict[str, TagFailure] = {}
        hint = None
        left = list(tags)
        while left:
            batch = left[: self._size]
            try:
                read(batch, left[self._size : 2 * self._size])
            except WinCCTagError as error:
                failures |= error.errors
            except (WinCCNotFoundError, WinCCResponseError) as error:
                if error.status not in REFUSED_FOR_ITS_CONTENT:
                    raise
                self._requests.refuse_unknown_archive(error)
                if len(batch) > 1:
                    self._size = (len(batch) + 1) // 2
                    continue
                failures[batch[0]] = refused_alone(batch[0], error)
                hint = None if isinstance(error, WinCCNotFoundError) else _REFUSED_HINT
            del left[: len(batch)]
        if failures:
            failed = self._requests.tag_error(failures, asked=len(tags), hint=hint)
            if len(failures) == len(tags):
                self._requests.refuse_unknown_archive(failed)
            raise failed
