"""What is fetched ahead comes in order, with its errors, and never more than two items are under way."""

from __future__ import annotations

import threading

import pytest

from airflow_provider_wincc.archive_export.read_ahead import read_ahead


def test_the_items_come_in_order_and_from_a_thread_of_their_own() -> None:
    threads = []

    def items():
        for number in range(100):
            threads.append(threading.current_thread())
            yield number

    assert list(read_ahead(items())) == list(range(100))
    assert len(set(threads)) == 1
    assert threads[0] is not threading.current_thread()
    assert not threads[0].is_alive()


def test_an_error_is_raised_after_the_items_before_it() -> None:
    def items():
        yield 1
        raise OSError("the station is away")

    taken = read_ahead(items())

    assert next(taken) == 1
    with pytest.raises(OSError, match="the station is away"):
        next(taken)


def test_one_item_waits_and_the_next_one_is_under_way_and_no_more() -> None:
    made = []
    third = threading.Event()

    def items():
        for number in range(10):
            made.append(number)
            if number == 2:
                third.set()
            yield number

    taken = read_ahead(items())
    first = next(taken)
    assert third.wait(10)

    assert (first, made) == (0, [0, 1, 2])
    taken.close()


def test_who_leaves_early_ends_the_thread_and_closes_the_items() -> None:
    threads = []
    closed = threading.Event()

    def items():
        threads.append(threading.current_thread())
        try:
            yield from range(10)
        finally:
            closed.set()

    source = items()
    taken = read_ahead(source)
    next(taken)
    taken.close()

    assert not threads[0].is_alive()
    source.close()
    assert closed.is_set()
