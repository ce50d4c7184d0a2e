"""A unit in memory that keeps its promises, or breaks the one to refuse ids that it knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from order_board import ACCEPTED, TAKEN, UNABLE_NOW, UNACCEPTABLE, Board

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.orders import OrderHandoffTags

LARGEST = 2**32 - 1


@dataclass(frozen=True)
class Start:
    """One start of an order, with what was latched."""

    order_id: str
    payload: dict[str, Scalar]


@dataclass
class ModelUnit:
    """The program of a unit; each scan does one thing.

    :param tags: its tags.
    :param refuses_duplicates: it refuses ids that it holds or has executed.
    :param one_phase: an order that it accepts is started.
    """

    tags: OrderHandoffTags
    refuses_duplicates: bool = True
    one_phase: bool = False
    board: Board = field(init=False)
    starts: list[Start] = field(default_factory=list)
    executed: set[str] = field(default_factory=set)
    last_number: int = 0
    held_id: str = ""
    held_revision: int = 0
    latched: dict[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.board = Board(self.tags).show(sequence=0, ack_sequence=0)

    @property
    def state(self) -> int:
        """The job state."""
        return int(self.board.role("state"))

    @property
    def number(self) -> int:
        """The number of the order that it holds."""
        return int(self.board.role("current_sequence"))

    def scan(self) -> None:
        """Obey a command, take an order, or go on with the one that runs."""
        if self._obeys_a_command() or self._answers():
            return
        if self.state == 2:
            self.board.show(state=3)
            self.starts.append(Start(self.held_id, dict(self.latched)))
        elif self.state == 3:
            self.board.show(state=5, result=1)

    def lose_memory(self) -> None:
        """Restart with nothing retained: adopt the client's number, and do nothing."""
        self.executed.clear()
        self._drop()
        self.board.answer("", 0)
        if self.tags.profile in {"A", "B"}:
            self.board.show(ack_sequence=self.board.role("sequence"))

    def start_by_hand(self) -> None:
        """Let somebody at the machine start the order that is stored."""
        if self.state == 1:
            self.board.show(state=2)

    def drop_by_hand(self) -> None:
        """Let somebody at the machine clear an order that has ended, before anybody has read its result."""
        if self.state in {5, 6}:
            self._drop()

    def _obeys_a_command(self) -> bool:
        for role, states, does in (
            ("start", {1}, lambda: self.board.show(state=2)),
            ("cancel", {1}, self._cancel),
            ("clear", {5, 6}, self._drop),
        ):
            if self.number and self.board.role(role) == self.number and self.state in states:
                does()
                return True
        return False

    def _answers(self) -> bool:
        board = self.board
        match self.tags.profile:
            case "A" | "B":
                largest = LARGEST if self.tags.profile == "A" else LARGEST - 1
                number = _following(int(board.role("ack_sequence")), largest)
                if board.role("sequence") != number:
                    return False
                is_permission = self.tags.profile == "B" and number % 2 == 1
                if is_permission and self.state:
                    return False
                if not is_permission:
                    self._take(number)
                board.show(ack_sequence=number)
            case "C":
                request, acknowledge = board.role("request"), board.role("acknowledge")
                if bool(request) == bool(acknowledge):
                    return False
                if request:
                    self._take(_following(self.last_number))
                board.show(acknowledge=request)
            case _:
                client, unit = board.role("client_status"), board.role("unit_status")
                if bool(client) == bool(unit):
                    return False
                is_taken = bool(client) and self._take(_following(self.last_number))
                board.show(unit_status=(2 if is_taken else 8) if client else 0)
        return True

    def _take(self, number: int) -> bool:
        board = self.board
        order_id, status = str(board.role("id")), self._judge()
        if status == ACCEPTED:
            self.last_number = number
            self.executed.add(order_id)
            self.held_id, self.held_revision = order_id, int(board.role("revision"))
            self.latched = {name: board.values[tag] for name, tag in self.tags.payload_tags.items()}
            self._show_order(number, state=2 if self.one_phase else 1)
        board.answer(order_id, status)
        return status == ACCEPTED

    def _judge(self) -> int:
        board, order_id = self.board, str(self.board.role("id"))
        is_update = self.state == 1 and order_id == self.held_id and int(board.role("revision")) > self.held_revision
        if is_update:
            return ACCEPTED
        if self.refuses_duplicates and order_id in self.executed:
            return TAKEN
        if self.state:
            return UNABLE_NOW
        quantity = board.values[self.tags.payload_tags["Quantity"]]
        return ACCEPTED if order_id and float(quantity) <= 1000 else UNACCEPTABLE

    def _cancel(self) -> None:
        self.executed.discard(self.held_id)
        self._drop()

    def _drop(self) -> None:
        self.held_id, self.held_revision = "", 0
        self.latched = dict.fromkeys(self.tags.payload_tags, 0)
        self._show_order(0, state=0)

    def _show_order(self, number: int, *, state: int) -> None:
        self.board.show(
            current_id=self.held_id,
            current_sequence=number,
            current_revision=self.held_revision,
            echo=self.latched,
            state=state,
            result=0,
        )


def _following(number: int, largest: int = LARGEST) -> int:
    return 1 if number >= largest else number + 1
