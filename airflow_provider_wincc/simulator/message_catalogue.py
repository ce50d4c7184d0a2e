"""The message system of the demo plant as it is configured."""

from __future__ import annotations

from functools import lru_cache

from airflow_provider_wincc.simulator.message_settings import (
    ConfiguredMessage,
    LimitValue,
    MessageBlock,
    MessageClass,
    MessageGroup,
    MessageType,
    RestFilter,
    Wording,
)

ERROR = MessageClass(1, Wording("Error", "Fehler"), needs_acknowledgement=True)
WARNING = MessageClass(2, Wording("Warning", "Warnung"))
PROCESS = MessageClass(3, Wording("Process", "Prozess"))
CLASSES = (ERROR, WARNING, PROCESS)

ALARM = MessageType(1, Wording("Alarm", "Alarm"), ERROR)
WARNING_TYPE = MessageType(2, Wording("Warning", "Warnung"), WARNING)
OPERATING = MessageType(3, Wording("Operating message", "Betriebsmeldung"), PROCESS)
TYPES = (ALARM, WARNING_TYPE, OPERATING)

MIXER_WAITS = 2001
LINE_RUNS = 3001

LIMIT_VALUES = (
    LimitValue("Tank1.Level", 1001, limit=90.0, hysteresis=5.0),
    LimitValue("Tank2.Level", 1002, limit=90.0, hysteresis=5.0),
)

_LEVEL = Wording("Level @1%.1f@ %, limit @2%.1f@ %", "Füllstand @1%.1f@ %, Grenze @2%.1f@ %")
_STRANGE = "<b>Filter</b> {{ ds }} \x1b[31mred\x1b[0m\nsecond line\t\x07"

MESSAGES = (
    ConfiguredMessage(
        1001,
        ALARM,
        (Wording("Tank1 level high", "Füllstand Tank1 hoch"), Wording("Tank1", "Tank1"), _LEVEL),
        priority=8,
    ),
    ConfiguredMessage(
        1002,
        ALARM,
        (Wording("Tank2 level high", "Füllstand Tank2 hoch"), Wording("Tank2", "Tank2"), _LEVEL),
        priority=8,
    ),
    ConfiguredMessage(
        MIXER_WAITS,
        WARNING_TYPE,
        (Wording("Mixer1 waits for its start", "Mixer1 wartet auf den Start"), Wording("Mixer1", "Mixer1")),
        priority=4,
    ),
    ConfiguredMessage(
        2002,
        WARNING_TYPE,
        (Wording(_STRANGE, _STRANGE), Wording("<script>alert(1)</script>", "<script>alert(1)</script>")),
        priority=4,
    ),
    ConfiguredMessage(
        LINE_RUNS, OPERATING, (Wording("Line3 runs", "Linie3 läuft"), Wording("Line3", "Linie3")), priority=1
    ),
)

GROUPS = (
    MessageGroup(Wording("Tanks", "Behälter"), (1001, 1002)),
    MessageGroup(Wording("Mixing", "Mischen"), (MIXER_WAITS, 2002)),
    MessageGroup(Wording("Packing", "Verpackung"), (LINE_RUNS,)),
)

REST_FILTERS = (
    RestFilter(Wording("All", "Alle")),
    RestFilter(Wording("Errors", "Fehler"), ERROR),
    RestFilter(Wording("Warnings", "Warnungen"), WARNING),
    RestFilter(Wording("Process", "Prozess"), PROCESS),
)

BLOCKS = (
    MessageBlock(Wording("Date", "Datum"), "system"),
    MessageBlock(Wording("Time", "Uhrzeit"), "system"),
    MessageBlock(Wording("Number", "Nummer"), "system"),
    MessageBlock(Wording("Status", "Zustand"), "system"),
    MessageBlock(Wording("Class", "Klasse"), "system"),
    MessageBlock(Wording("Type", "Art"), "system"),
    MessageBlock(Wording("Message text", "Meldetext"), "user text"),
    MessageBlock(Wording("Point of error", "Störort"), "user text"),
    MessageBlock(Wording("Details", "Einzelheiten"), "user text"),
    MessageBlock(Wording("Process value: 1", "Prozesswert: 1"), "process value"),
    MessageBlock(Wording("Process value: 2", "Prozesswert: 2"), "process value"),
)

BURST_SIZE = 10_000
"""Messages for bursts that each class has: as many as one burst may have."""
_BURSTS = {message_type.message_class.number * BURST_SIZE: message_type for message_type in TYPES}
BURST_NUMBERS = (min(_BURSTS), max(_BURSTS) + BURST_SIZE - 1)
"""The lowest and the highest number of a message for bursts."""


def find_burst_message(number: int) -> ConfiguredMessage | None:
    """Find a message for bursts by its number; None when there is none."""
    return _burst_message(number) if number // BURST_SIZE * BURST_SIZE in _BURSTS else None


def burst_numbers(class_name: str) -> range:
    """Return the numbers of the messages for bursts of a class, by its name in either language.

    :raises ValueError: when there is no such class.
    """
    for first, message_type in _BURSTS.items():
        name = message_type.message_class.name
        if class_name in (name.english, name.german):
            return range(first, first + BURST_SIZE)
    known = ", ".join(message_class.name.english for message_class in CLASSES)
    raise ValueError(f"class_name is one of {known}, not {class_name!r}")


@lru_cache(maxsize=len(_BURSTS) * BURST_SIZE)
def _burst_message(number: int) -> ConfiguredMessage:
    message_type = _BURSTS[number // BURST_SIZE * BURST_SIZE]
    texts = (Wording(f"Burst message {number}", f"Schwallmeldung {number}"), Wording("Burst", "Schwall"))
    return ConfiguredMessage(number, message_type, texts, priority=2)
