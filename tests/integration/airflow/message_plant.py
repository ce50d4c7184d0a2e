"""A station whose messages a test knows: some in one hour, and some on either side of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive_plant import START

NASTY = "\x1b[31mred\x1b[0m\r\n<script>alert(1)</script>\t{{ ds }}\x85=1+1;=2"
"""A text that a terminal, a browser, Jinja and a spreadsheet would each make something of."""


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def raise_known_messages(station):
    """Let messages come in just before, in and just after the hour that begins at START."""
    station.raise_message(1001, time=at(-0.001), process_values=[91.0, 90.0])
    station.raise_message(1001, time=at(0), process_values=[92.5, 90.0])
    station.clear_message(1001, time=at(60.5))
    station.raise_message(1002, time=at(1800.123), texts=["Tank2 level high", NASTY], instance="Line3")
    station.acknowledge_message(1002, time=at(1801), user="Meier")
    station.raise_message(1001, time=at(3599.999), process_values=["sensor fault"])
    station.raise_message(1002, time=at(3600))


IN_THE_HOUR = [
    (at(0), 1001, "came in"),
    (at(60.5), 1001, "went out"),
    (at(1800.123), 1002, "came in"),
    (at(1801), 1002, "acknowledged"),
    (at(3599.999), 1001, "came in"),
]
"""Time, number and state of the rows that the filter ``Errors`` shows of the hour."""


def raise_many(station, count, *, first=0.0, step=0.001):
    """Let one message come in again and again, at times that a test chooses."""
    for number in range(count):
        station.raise_message(1001, time=at(first + number * step))
