"""The next window is fetched while the last one is written, so that station and worker need not wait for each other."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Generator
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

_Item = TypeVar("_Item")
_SECONDS_BETWEEN_LOOKS = 0.1


def read_ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """Yield the items of an iterator that runs in a thread of its own, one item ahead.

    The iterator is used from that thread alone, one item after the other: what sends requests still sends one at a
    time. Its exceptions are raised here. When this generator is closed early, it waits for the item under way.
    """
    fetcher = _Fetcher(items)
    # What the log says of the task goes with the context.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(fetcher.run,), daemon=True)
    thread.start()
    try:
        while True:
            item = fetcher.fetched.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        fetcher.stop()
        thread.join()


class _End:
    """Comes after the last item.

    :param error: what has ended it; None when it was the end of the items.
    """

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class _Fetcher(Generic[_Item]):
    def __init__(self, items: Iterator[_Item]) -> None:
        self._items = items
        self._is_stopped = threading.Event()
        self.fetched: Queue[_Item | _End] = Queue(maxsize=1)

    def run(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._items:
                self._hand_over(item)
                if self._is_stopped.is_set():
                    return
        except BaseException as raised:  # noqa: BLE001  it is raised again where the items are taken
            error = raised
        finally:
            if isinstance(self._items, Generator):
                self._items.close()
        self._hand_over(_End(error))

    def stop(self) -> None:
        self._is_stopped.set()
        while True:
            try:
                self.fetched.get_nowait()
            except Empty:
                return

    def _hand_over(self, item: _Item | _End) -> None:
        while not self._is_stopped.is_set():
            try:
                self.fetched.put(item, timeout=_SECONDS_BETWEEN_LOOKS)
            except Full:
                continue
            return
