"""An event loop whose time jumps to the next thing to do, so that hours pass in milliseconds, the same way each run."""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from concurrent.futures import Executor, Future


class Clock:
    """The time of a virtual event loop; stands in for ``time.monotonic`` in the thread that makes it.

    Other threads keep the real time: the event loop of a simulated station would wait for a virtual moment otherwise.
    """

    def __init__(self):
        self.now = 1000.0
        self._thread = threading.get_ident()
        self._real = time.monotonic

    def __call__(self):
        return self.now if threading.get_ident() == self._thread else self._real()


class JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting, moves the clock on."""

    def __init__(self, clock):
        super().__init__()
        self._clock = clock

    def select(self, timeout=None):
        events = super().select(0)
        if not events and timeout != 0:
            assert timeout is not None, "everybody waits for something that nobody will do"
            self._clock.now += timeout
        return events


class DelayedCalls(Executor):
    """Stands in for the poller's threads: runs a call on the event loop after a time that it is told.

    :param duration: gives the seconds that the next call takes.
    """

    def __init__(self, duration):
        self._duration = duration
        self.in_flight = 0
        self.most_in_flight = 0

    def submit(self, call, /):
        future = Future()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

        def complete():
            self.in_flight -= 1
            try:
                future.set_result(call())
            except Exception as error:  # noqa: BLE001  handed to the one who waits for the call
                future.set_exception(error)

        asyncio.get_running_loop().call_later(self._duration(), complete)
        return future


def run_in_virtual_time(monkeypatch, main):
    """Run an async function with a clock that jumps; return its result."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    loop = asyncio.SelectorEventLoop(JumpingSelector(clock))
    try:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            return runner.run(main())
    finally:
        loop.close()
