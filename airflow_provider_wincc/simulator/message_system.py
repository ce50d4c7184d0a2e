"""The message system of the simulated station: what is pending, what has happened, what is locked and hidden."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_wincc.simulator.message_arguments import (
    check_text,
    checked_instance,
    checked_texts,
    checked_values,
    moment_of_message,
)
from airflow_provider_wincc.simulator.message_catalogue import BURST_SIZE, burst_numbers
from airflow_provider_wincc.simulator.message_records import MessageChange, MessageRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.message_settings import ConfiguredMessage
    from airflow_provider_wincc.simulator.plant_messages import PlantMessages
    from airflow_provider_wincc.simulator.tags import TagTable

KEPT_ROWS = 20_000
"""Rows that the archive has at most; older ones are forgotten."""
PENDING_TAG = "Messages.Pending"


@dataclass(frozen=True, slots=True)
class PendingMessage:
    """A message that is pending.

    :param shown: the row that the message list shows: what happened last.
    :param came: when it came in last.
    """

    shown: MessageRecord
    came: datetime
    is_in: bool = True
    is_acknowledged: bool = False


class KeptMessages(NamedTuple):
    """What a message system knows, to be put back when the station starts anew.

    :param counter: number of the last row.
    :param archive: what happened, oldest first.
    """

    counter: int
    archive: tuple[MessageRecord, ...]
    pending: tuple[PendingMessage, ...]
    locked: tuple[MessageRecord, ...]
    hidden: tuple[MessageRecord, ...]


class MessageSystem:
    """All messages of a station; safe to use from several threads, as it shares the lock of the tag table.

    Numbers of messages that there are not raise :class:`UnknownMessageError`.

    :param configured: the messages of the plant.
    """

    def __init__(self, table: TagTable, configured: PlantMessages) -> None:
        self.configured = configured
        self._table = table
        self._counter = 0
        self._bursts: dict[int, int] = {}
        self._pending: dict[tuple[int, str], PendingMessage] = {}
        self._archive: list[MessageRecord] = []
        self._locked: dict[int, MessageRecord] = {}
        self._hidden: dict[int, MessageRecord] = {}

    @property
    def pending(self) -> list[MessageRecord]:
        """What the message list shows: messages that are pending and not hidden, what happened last to each."""
        return [record for record in self._all_pending() if record.number not in self._hidden]

    @property
    def hidden_pending(self) -> list[MessageRecord]:
        """Messages that are pending but hidden."""
        return [record for record in self._all_pending() if record.number in self._hidden]

    @property
    def archive(self) -> list[MessageRecord]:
        """What has happened to all messages, oldest first."""
        with self._table.lock:
            return list(self._archive)

    @property
    def locked(self) -> list[MessageRecord]:
        """The rows with which messages were locked that still are."""
        with self._table.lock:
            return list(self._locked.values())

    @property
    def hidden(self) -> list[MessageRecord]:
        """The rows with which messages were hidden that still are."""
        with self._table.lock:
            return list(self._hidden.values())

    @property
    def numbers_in(self) -> set[int]:
        """Numbers of the messages that have come in and have not gone out."""
        with self._table.lock:
            return {number for (number, _), entry in self._pending.items() if entry.is_in}

    def to_keep(self, rows: int) -> KeptMessages:
        """Give what is to be kept, with the last rows of the archive."""
        with self._table.lock:
            return KeptMessages(
                self._counter,
                tuple(self._archive[-rows:]),
                tuple(self._pending.values()),
                tuple(self._locked.values()),
                tuple(self._hidden.values()),
            )

    def put_back(self, kept: KeptMessages) -> None:
        """Forget everything and know what was kept."""
        with self._table.lock:
            self._counter = kept.counter
            self._archive = list(kept.archive)
            self._pending = {(entry.shown.number, entry.shown.instance): entry for entry in kept.pending}
            self._locked = {record.number: record for record in kept.locked}
            self._hidden = {record.number: record for record in kept.hidden}
            self._show_count()

    def come_in(
        self,
        number: int,
        *,
        texts: Sequence[str] | None = None,
        process_values: Sequence[Scalar] | None = None,
        instance: str | None = None,
        time: datetime | None = None,
    ) -> None:
        """Let a message come in; nothing happens to one that is locked.

        :raises ValueError: for texts, process values, an instance or a time that are none.
        """
        own_texts = None if texts is None else checked_texts(texts)
        values = () if process_values is None else checked_values(process_values)
        message, name = self.configured.get(number), checked_instance(instance)
        with self._table.lock:
            self._come_in(message, moment_of_message(time), process_values=values, own_texts=own_texts, instance=name)
            self._show_count()

    def go_out(self, number: int, *, instance: str | None = None, time: datetime | None = None) -> bool:
        """Let a message go out, all its instances if none is named; False when it was not in.

        :raises ValueError: for an instance or a time that is none.
        """
        self.configured.get(number)
        name = checked_instance(instance)
        with self._table.lock:
            moment = moment_of_message(time)
            gone = [key for key in self._keys(number, instance, name) if self._pending[key].is_in]
            for key in gone:
                self._go_out(key, moment)
            self._show_count()
        return bool(gone)

    def acknowledge(
        self, number: int, *, user: str | None = None, instance: str | None = None, time: datetime | None = None
    ) -> bool:
        """Acknowledge a message, all its instances if none is named; False when there was nothing to acknowledge.

        :param user: who does it; the user at the screen if left out.
        :raises ValueError: for a user, an instance or a time that is none.
        """
        self.configured.get(number)
        name = checked_instance(instance)
        if user is not None:
            check_text("user", user)
        with self._table.lock:
            moment = moment_of_message(time)
            waiting = [key for key in self._keys(number, instance, name) if self._can_be_acknowledged(key)]
            for key in waiting:
                self._acknowledge(key, moment, user)
            self._show_count()
        return bool(waiting)

    def lock(self, number: int) -> bool:
        """Lock a message: it is no longer pending and does not come in; False when it was locked."""
        message = self.configured.get(number)
        with self._table.lock:
            if number in self._locked:
                return False
            self._locked[number] = self._operate(message, MessageChange.LOCKED)
            for key in self._keys(number, None, ""):
                del self._pending[key]
            self._show_count()
        return True

    def unlock(self, number: int) -> bool:
        """Let a message come in again from now on; False when it was not locked."""
        message = self.configured.get(number)
        with self._table.lock:
            if self._locked.pop(number, None) is None:
                return False
            self._operate(message, MessageChange.UNLOCKED)
        return True

    def hide(self, number: int) -> bool:
        """Hide a message from the message list; False when it was hidden."""
        message = self.configured.get(number)
        with self._table.lock:
            if number in self._hidden:
                return False
            self._hidden[number] = self._operate(message, MessageChange.HIDDEN)
            self._show_count()
        return True

    def show(self, number: int) -> bool:
        """Show a message in the message list again; False when it was not hidden."""
        message = self.configured.get(number)
        with self._table.lock:
            if self._hidden.pop(number, None) is None:
                return False
            self._operate(message, MessageChange.SHOWN_AGAIN)
            self._show_count()
        return True

    def burst(self, count: int, *, class_name: str = "Error") -> None:
        """Let many messages of one class come in within one second, each of another number.

        :raises ValueError: for a count that is not 1 to 10,000, or a class that there is not.
        """
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= BURST_SIZE:
            raise ValueError(f"count is a whole number from 1 to {BURST_SIZE}, not {count!r}")
        numbers = burst_numbers(class_name)
        with self._table.lock:
            place = self._bursts.get(numbers.start, 0)
            self._bursts[numbers.start] = (place + count) % BURST_SIZE
            first = moment_of_message(None)
            for step in range(count):
                moment = min(moment_of_message(None), first + _ALMOST_A_SECOND)
                self._come_in(
                    self.configured.get(numbers[(place + step) % BURST_SIZE]),
                    moment,
                    process_values=(step + 1,),
                )
            self._show_count()

    def reset(self) -> None:
        """Forget all messages and rows, and what is locked and hidden; counters go on."""
        with self._table.lock:
            self.put_back(KeptMessages(self._counter, (), (), (), ()))

    def _all_pending(self) -> list[MessageRecord]:
        with self._table.lock:
            return sorted((entry.shown for entry in self._pending.values()), key=_place_in_time)

    def _keys(self, number: int, instance: str | None, name: str) -> list[tuple[int, str]]:
        if instance is not None:
            return [(number, name)] if (number, name) in self._pending else []
        return [key for key in self._pending if key[0] == number]

    def _come_in(self, message: ConfiguredMessage, moment: datetime, **words: Any) -> None:
        if message.number in self._locked:
            return
        record = self._note(message, MessageChange.CAME_IN, moment, **words)
        self._pending[message.number, record.instance] = PendingMessage(record, moment)

    def _go_out(self, key: tuple[int, str], moment: datetime) -> None:
        entry = self._pending[key]
        seconds = max(0.0, (moment - entry.came).total_seconds())
        record = self._note_again(entry.shown, MessageChange.WENT_OUT, moment, seconds=seconds)
        if entry.is_acknowledged or not record.message.message_class.needs_acknowledgement:
            del self._pending[key]
        else:
            self._pending[key] = replace(entry, shown=record, is_in=False)

    def _can_be_acknowledged(self, key: tuple[int, str]) -> bool:
        entry = self._pending[key]
        return not entry.is_acknowledged and entry.shown.message.message_class.needs_acknowledgement

    def _acknowledge(self, key: tuple[int, str], moment: datetime, user: str | None) -> None:
        entry = self._pending[key]
        record = self._note_again(
            entry.shown,
            MessageChange.ACKNOWLEDGED,
            moment,
            user=self._shown("@CurrentUser") if user is None else user,
            computer=self._shown("@LocalMachineName"),
        )
        if entry.is_in:
            self._pending[key] = replace(entry, shown=record, is_acknowledged=True)
        else:
            del self._pending[key]

    def _operate(self, message: ConfiguredMessage, state: MessageChange) -> MessageRecord:
        return self._note(
            message,
            state,
            moment_of_message(None),
            user=self._shown("@CurrentUser"),
            computer=self._shown("@LocalMachineName"),
        )

    def _note_again(self, last: MessageRecord, state: MessageChange, moment: datetime, **words: Any) -> MessageRecord:
        return self._note(
            last.message,
            state,
            moment,
            process_values=last.process_values,
            own_texts=last.own_texts,
            instance=last.instance,
            **words,
        )

    def _note(self, message: ConfiguredMessage, state: MessageChange, moment: datetime, **words: Any) -> MessageRecord:
        self._counter += 1
        record = MessageRecord(message, state, moment, self._counter, **words)
        if self._archive and moment < self._archive[-1].time:
            insort(self._archive, record, key=_place_in_time)
        else:
            self._archive.append(record)
        if len(self._archive) > KEPT_ROWS:
            del self._archive[0]
        return record

    def _shown(self, tag_name: str) -> str:
        tag = self._table.find([tag_name])[0]
        return "" if tag is None else str(tag.value)

    def _show_count(self) -> None:
        hidden = self._hidden
        count = len(self._pending) - sum(key[0] in hidden for key in self._pending) if hidden else len(self._pending)
        self._table.show(PENDING_TAG, count, None)


_ALMOST_A_SECOND = timedelta(milliseconds=999)


def _place_in_time(record: MessageRecord) -> tuple[datetime, int]:
    return record.time, record.counter
