from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from demo.errors import DemoTimeoutError, InterruptedBySignalError
from demo.waiting import STOP_SIGNALS, StopRequest, Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stop() -> Iterator[StopRequest]:
    """A stop request that listens to real signals, and gives them back afterwards."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    request = StopRequest()
    request.listen()
    yield request
    for number, handler in before.items():
        signal.signal(number, handler)


def test_waiting_returns_what_was_looked_for(stop: StopRequest) -> None:
    answers = iter([None, None, "found"])

    found = Stopwatch(10, stop=stop).wait_for("the third look", lambda: next(answers), every=0)

    assert found == "found"


def test_waiting_gives_up_at_the_limit_and_names_what_it_waited_for(stop: StopRequest) -> None:
    stopwatch = Stopwatch(0.05, stop=stop)

    with pytest.raises(DemoTimeoutError, match=r"Gave up after 0\.05 s, waiting for the moon\..*DEMO_TIMEOUT"):
        stopwatch.wait_for("the moon", lambda: None, every=0.01)


def test_something_found_at_the_last_look_counts_although_the_time_is_over(stop: StopRequest) -> None:
    stopwatch = Stopwatch(0, stop=stop)

    assert stopwatch.wait_for("an answer", lambda: "late", every=0) == "late"


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_ends_the_waiting(stop: StopRequest, number: signal.Signals) -> None:
    def look() -> None:
        os.kill(os.getpid(), number)

    with pytest.raises(InterruptedBySignalError) as caught:
        Stopwatch(10, stop=stop).wait_for("something else", look, every=5)

    assert caught.value.signal_number == number
    assert number.name in str(caught.value)


def test_a_signal_cuts_a_long_sleep_short(stop: StopRequest) -> None:
    stopwatch = Stopwatch(60, stop=stop)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    started = time.monotonic()

    with pytest.raises(InterruptedBySignalError):
        stopwatch.sleep(30)

    assert time.monotonic() - started < 20
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
