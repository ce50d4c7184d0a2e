"""Into which requests the tags and message queries of a cycle are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airflow_provider_wincc.triggers.polling.waiter import Source

_SMALLEST_SHARE = 8
_GROWTH_SHARE = 10


class Batches:
    """Cuts tags into batches, makes a batch of each message query, and learns from batches that fail.

    A time-out of tags halves the size of all batches, down to an eighth, because a busy station is asked less at a
    time; each cycle that succeeds lets it grow by a tenth of the full size. A message query cannot be made smaller. A
    batch that failed is read last from then on, until it is answered, so that it cannot keep the others from being
    read; one that fails even though the station answered others in the same cycle is cut in two, until the tags that
    make it fail stand alone.

    :param full_size: most tags in one request, as the connection says.
    """

    def __init__(self, full_size: int) -> None:
        self._full_size = full_size
        self._size = full_size
        self._doubtful: dict[tuple[Source, ...], None] = {}

    @property
    def size(self) -> int:
        """Most tags in one request at the moment."""
        return self._size

    def cut(self, sources: Sequence[Source]) -> list[tuple[Source, ...]]:
        """Return the batches to read, in order: of tags, of queries, and doubtful ones last."""
        if not self._doubtful:
            return _slices(sources, self._size)
        wanted = set(sources)
        doubtful = [tuple(source for source in batch if source in wanted) for batch in self._doubtful]
        doubted = {source for batch in doubtful for source in batch}
        batches = _slices([source for source in sources if source not in doubted], self._size)
        return [*batches, *(piece for batch in doubtful for piece in _slices(batch, self._size))]

    def answered(self, batch: tuple[Source, ...]) -> None:
        """Note that a batch was answered."""
        if self._doubtful:
            self._take_out(batch)

    def failed(self, batch: tuple[Source, ...], *, timed_out: bool, others_answered: bool) -> None:
        """Note that a batch failed.

        :param timed_out: no answer came in time.
        :param others_answered: the station answered another batch in the same cycle.
        """
        if timed_out and _are_tags(batch):
            self._size = max(self._size // 2, -(-self._full_size // _SMALLEST_SHARE))
        self._take_out(batch)
        half = -(-len(batch) // 2) if others_answered else len(batch)
        self._doubtful.update(dict.fromkeys(_slices(batch, half)))

    def succeeded(self) -> None:
        """Note that a whole cycle was answered."""
        self._size = min(self._full_size, self._size + -(-self._full_size // _GROWTH_SHARE))

    def forget(self, sources: Iterable[Source]) -> None:
        """Forget sources that nobody waits for."""
        if self._doubtful:
            self._take_out(sources)

    def _take_out(self, sources: Iterable[Source]) -> None:
        gone = set(sources)
        kept = (tuple(source for source in batch if source not in gone) for batch in self._doubtful)
        self._doubtful = {batch: None for batch in kept if batch}


def _slices(sources: Sequence[Source], size: int) -> list[tuple[Source, ...]]:
    tags = [source for source in sources if isinstance(source, str)]
    queries = [(source,) for source in sources if not isinstance(source, str)]
    return [*(tuple(tags[start : start + size]) for start in range(0, len(tags), size)), *queries]


def _are_tags(batch: tuple[Source, ...]) -> bool:
    return isinstance(batch[0], str)
