"""Rows of messages as JSON text, in the dialect of the station; fast, as a burst has thousands of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.message_records import MessageChange
from airflow_provider_wincc.simulator.message_settings import Wording
from airflow_provider_wincc.simulator.values import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from airflow_provider_wincc.simulator.dialect import Dialect
    from airflow_provider_wincc.simulator.message_records import MessageRecord
    from airflow_provider_wincc.simulator.message_settings import Language
    from airflow_provider_wincc.simulator.message_statistics import MessageHits

    Content = dict[str, Any]

BLOCKS = 10
"""User text blocks, and process value blocks, that a row can have."""


class MessageWriter:
    """Writes rows of messages; made once for each dialect.

    A row is written once in each language and remembered, because pollers ask for the same rows again and again.

    :param time: how a timestamp is shown.
    """

    def __init__(self, dialect: Dialect, time: Callable[[datetime], str]) -> None:
        self._time = time
        self._splits = dialect.message_time == "split"
        self._key = _KEYS[dialect.message_keys]
        self._is_opc_ua = dialect.message_keys == "opc_ua"
        self._has_all_blocks = dialect.message_keys == "ole_db"
        self._as_text = dialect.message_typing == "text"
        self._written: dict[tuple[int, Language], str] = {}

    def rows(self, records: Iterable[MessageRecord], language: Language) -> str:
        """Write rows as they stand between the brackets of a list."""
        written = self._written
        texts = []
        for record in records:
            place = (record.counter, language)
            text = written.get(place)
            if text is None:
                if len(written) >= _REMEMBERED:
                    written.clear()
                text = written[place] = self._json(self._row(record, language))
            texts.append(text)
        return ",".join(texts)

    def hits(self, hits: Iterable[MessageHits], language: Language) -> str:
        """Write rows of the hit list as they stand between the brackets of a list."""
        return ",".join(self._json(self._hit(hit, language)) for hit in hits)

    def _row(self, record: MessageRecord, language: Language) -> Content:
        # ALARMCOUNT of WinCC's OPC servers is how many messages are pending; a counter of the rows they have not.
        own = (
            {"stateText": _STATE_TEXTS[record.state].in_language(language)}
            if self._is_opc_ua
            else {"counter": record.counter}
        )
        return {
            **self._head(record, language),
            "state": int(record.state),
            **self._moment(record.time),
            **{f"pValue{place}": value for place, value in enumerate(record.process_values, 1)},
            "instance": record.instance,
            "userName": record.user,
            "computerName": record.computer,
            "timeDiff": None if record.seconds is None else _milliseconds(record.seconds),
            **own,
        }

    def _hit(self, hit: MessageHits, language: Language) -> Content:
        return {
            **self._head(hit.last, language),
            "frequency": hit.times,
            "totalDuration": _milliseconds(hit.seconds),
            "averageDuration": _milliseconds(hit.average_seconds),
        }

    def _head(self, record: MessageRecord, language: Language) -> Content:
        message_type = record.message.message_type
        return {
            "msgNo": record.number,
            "className": message_type.message_class.name.in_language(language),
            "class": message_type.message_class.number,
            "typeName": message_type.name.in_language(language),
            "type": message_type.number,
            **{f"text{place}": text for place, text in enumerate(record.texts(language), 1)},
            "priority": record.message.priority,
        }

    def _moment(self, moment: datetime) -> Content:
        text = self._time(moment)
        if not self._splits:
            return {"dateTime": text}
        return {"dateTime": re.sub(r"\.\d+", "", text), "ms": moment.microsecond // 1000}

    def _json(self, content: Content) -> str:
        if self._has_all_blocks:
            content = dict.fromkeys(_ALL_BLOCKS) | content
        return _ENCODE(
            {
                self._key(key): self._shown(value)
                for key, value in content.items()
                if self._has_all_blocks or (value is not None and value != "")
            }
        )

    def _shown(self, value: Any) -> Any:
        return text_of(value) if self._as_text and value is not None else value


_REMEMBERED = 50_000
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_ALL_BLOCKS = [f"{block}{place}" for block in ("text", "pValue") for place in range(1, BLOCKS + 1)]
_STATE_TEXTS = {
    MessageChange.CAME_IN: Wording("Came in", "Gekommen"),
    MessageChange.WENT_OUT: Wording("Went out", "Gegangen"),
    MessageChange.ACKNOWLEDGED: Wording("Acknowledged", "Quittiert"),
    MessageChange.LOCKED: Wording("Locked", "Gesperrt"),
    MessageChange.UNLOCKED: Wording("Unlocked", "Freigegeben"),
    MessageChange.HIDDEN: Wording("Hidden", "Ausgeblendet"),
    MessageChange.SHOWN_AGAIN: Wording("Shown again", "Eingeblendet"),
}


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _camel_key(key: str) -> str:
    return key


def _ole_db_key(key: str) -> str:
    return key[0].upper() + key[1:]


_OPC_UA_NAMES = {
    "msgNo": "OS_EVENTID",
    "class": "CLASSID",
    "type": "TYPEID",
    "userName": "USER",
    "computerName": "COMPUTER",
    "state": "MODIFYSTATE",
    "timeDiff": "DURATION",
    **{f"text{place}": f"TEXT{place:02}" for place in range(1, BLOCKS + 1)},
    **{f"pValue{place}": f"PROCESSVALUE{place:02}" for place in range(1, BLOCKS + 1)},
}


def _opc_ua_key(key: str) -> str:
    return _OPC_UA_NAMES.get(key) or key.upper()


_KEYS: dict[str, Callable[[str], str]] = {"camel": _camel_key, "ole_db": _ole_db_key, "opc_ua": _opc_ua_key}
