"""One attempt at a handoff: looks, decides, acts, and keeps what must survive this process."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.order_handoff.options import Waiting
from airflow_provider_wincc.order_handoff.step_log import tell_once
from airflow_provider_wincc.order_handoff.step_writer import StepWriter
from airflow_provider_wincc.order_handoff.unit_view import UnitView
from airflow_provider_wincc.orders.commits import CommitPhase
from airflow_provider_wincc.orders.decision import Action, Step, Wait, accepted_just_now, holds_ours, next_step
from airflow_provider_wincc.orders.errors import (
    OrderAbortedError,
    OrderError,
    OrderOutcomeUnknownError,
    OrderPayloadMismatchError,
    OrderRefusedError,
    OrderTakenOverError,
    OrderTaskEndedError,
    OrderTimeoutError,
    OrderUnsuccessfulError,
)
from airflow_provider_wincc.orders.memory import NoteStage, OrderNote
from airflow_provider_wincc.orders.outcome import OrderOutcome, outcome_of
from airflow_provider_wincc.orders.ownership import is_machine_state
from airflow_provider_wincc.orders.progress import Progress
from airflow_provider_wincc.orders.results import foreign_result, order_result, result_in_words
from airflow_provider_wincc.orders.states import STARTED_STATES, JobState
from airflow_provider_wincc.value_types import fit_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.order_handoff.options import HandoffOptions
    from airflow_provider_wincc.order_handoff.step_log import StepLog
    from airflow_provider_wincc.orders.order import ProductionOrder
    from airflow_provider_wincc.orders.snapshot import Snapshot
    from airflow_provider_wincc.orders.store import HandoffStore
    from airflow_provider_wincc.orders.tags import OrderHandoffTags

_OFFERING = frozenset({Action.ASK, Action.OFFER, Action.COMMIT})
_UNHAPPY_ENDS: dict[str, tuple[type[OrderError], str]] = {
    OrderOutcome.REFUSED: (OrderRefusedError, "was refused before"),
    OrderOutcome.ABORTED: (OrderAbortedError, "was aborted"),
    OrderOutcome.UNSUCCESSFUL: (OrderUnsuccessfulError, "ended without success"),
}


def _goes_on() -> None:
    """Say that nobody has ended the task."""


class OrderHandoff:
    """One attempt at the handoff of one order, from wherever the unit stands to the state that was asked for.

    :param client: client of the station; used from one thread.
    :param order: the order.
    :param tags: tags of the unit.
    :param options: how to drive it.
    :param store: where the note, the progress and the result are kept.
    :param log: where each step is told.
    :param sleep: waits for seconds, and may come back sooner when the task is ended.
    :param ended: None as long as the task goes on; once it was ended, what was sent to end the order, in words. It is
        asked before everything that may write, since a signal can end the task in the middle of anything.
    :raises WinCCConfigurationError: when the order does not fit the tags.
    :raises WinCCWriteRefusedError: when the connection does not allow what would have to be written.
    :raises OrderTakenOverError: when another owner has claimed the order.
    """

    def __init__(
        self,
        client: WinCCClient,
        order: ProductionOrder,
        tags: OrderHandoffTags,
        options: HandoffOptions,
        store: HandoffStore,
        *,
        log: StepLog | None = None,
        sleep: Callable[[float], None] = time.sleep,
        ended: Callable[[], str | None] = _goes_on,
    ) -> None:
        self._client = client
        self._order = order
        self._tags = tags
        self._options = options
        self._store = store
        self._log: StepLog = log or logging.getLogger(__name__)
        self._sleep = sleep
        self._ended = ended
        self._view = UnitView(client, tags, options.settle, self._pause)
        self._writer = StepWriter(client, self._subject, self._log)
        self._committed_at: float | None = None
        self._known: dict[str, bool] = {}
        self._suspicion: type[OrderError] | None = None
        self._progress = Progress(options.attempt)
        try:
            self._check_before()
        except WinCCError as error:
            self._report(error)
            raise
        self._progress = Progress.read(store.begin(), attempt=options.attempt)
        self._check_stored_result()

    @property
    def progress(self) -> Progress:
        """What is remembered of this handoff."""
        return self._progress

    @property
    def accepted_number(self) -> int | None:
        """The number under which the unit holds our order, as far as this attempt has seen it."""
        snapshot = self._view.last
        if snapshot is None or not holds_ours(self._order, snapshot, self._progress.memory):
            return None
        return snapshot.current_sequence or None

    @property
    def has_started(self) -> bool:
        """Whether the unit was last seen with an order that has been started."""
        snapshot = self._view.last
        return snapshot is not None and snapshot.state not in {JobState.NONE, JobState.NOT_ALLOWED_TO_START}

    def advance(self) -> Waiting | dict[str, Any]:
        """Go on as far as is possible without a longer wait; return what is waited for, or the result.

        The result is that of :func:`~airflow_provider_wincc.orders.results.order_result`.

        :raises OrderRefusedError: the unit does not accept the order.
        :raises OrderAbortedError: the unit aborted it; the result is recorded.
        :raises OrderUnsuccessfulError: it ended without success; the result is recorded.
        :raises OrderOutcomeUnknownError: it may have run; a person decides.
        :raises OrderPayloadMismatchError: the unit has an order of this id with other content.
        :raises OrderTimeoutError: a wait took too long.
        :raises OrderTaskEndedError: the task was ended; nothing is sent any more.
        :raises WinCCError: the station or the store failed.
        """
        try:
            return self._advance()
        except WinCCError as error:
            self._report(error)
            raise

    def save(self) -> None:
        """Save the progress, so that another process can go on with it."""
        self._store.save(self._progress.to_document())

    def _advance(self) -> Waiting | dict[str, Any]:
        while True:
            self._stop_when_ended()
            snapshot = self._view.look(is_known=self._has_seen_the_unit)
            if snapshot is None:
                return self._unsettled()
            self._progress.end_wait(Wait.OBSERVE)
            self._note_seen(snapshot)
            self._note_foreign_start(snapshot)
            step = self._first_thought(snapshot)
            if step is not None and step.action is Action.WAIT:
                return self._waiting(step)
            if step is not None and step.action in _OFFERING and self._has_spaced_out():
                continue
            self._progress.recall(self._store.recall())
            step = self._last_word(snapshot)
            if step is None:
                self._pause(self._options.poll_interval)
                continue
            outcome = self._waiting(step) if step.action is Action.WAIT else self._carry_out(step, snapshot)
            if outcome is not None:
                return outcome

    def _pause(self, seconds: float) -> None:
        self._sleep(seconds)
        self._stop_when_ended()

    def _stop_when_ended(self) -> None:
        """Stop where the task was ended: it may have told the unit to end the order, which must not be started then."""
        ended = self._ended()
        if ended is None:
            return
        shows = "" if self._view.last is None else f" The unit showed last: {self._view.last.words(self._tags)}."
        raise OrderTaskEndedError(
            f"The task of {self._subject} was ended. {self._sent_so_far()} {ended} Nothing else is sent.{shows}"
        )

    def _sent_so_far(self) -> str:
        times, note = self._progress.times, self._progress.memory.note
        if self._progress.memory.result is not None:
            return "The result is recorded."
        if "start_given" in times:
            return "Start was sent."
        if note is not None and note.stage is NoteStage.STARTING:
            return "The order may have been started."
        if note is not None:
            return f"The order {'was' if 'committed' in times else 'may have been'} committed, and Start was not sent."
        if self._progress.memory.was_offered:
            return "The payload may stand in the tags, and was not committed."
        return "Nothing of the order was sent."

    @property
    def _has_seen_the_unit(self) -> bool:
        waits = self._progress.waiting_since.keys() - {Wait.OBSERVE.value}
        return self._view.last is not None or bool(waits or self._progress.times)

    def _first_thought(self, snapshot: Snapshot) -> Step | None:
        try:
            return self._decide(snapshot)
        except OrderError:
            # What another process has stored meanwhile may explain it: it may have collected this very order.
            return None

    def _last_word(self, snapshot: Snapshot) -> Step | None:
        """Decide with what is stored now; None to look once more before an error is believed.

        This process may have slept since the snapshot, and what is stored may be newer than what was seen.
        """
        try:
            step = self._decide(snapshot)
        except OrderError as error:
            if self._suspicion is not type(error):
                self._suspicion = type(error)
                return None
            if isinstance(error, OrderRefusedError) and self._phase(snapshot) is CommitPhase.ANSWERED:
                self._release("the unit has refused")
            raise
        self._suspicion = None
        return step

    def _decide(self, snapshot: Snapshot) -> Step:
        accepted = accepted_just_now(snapshot, self._progress.memory, self._tags)
        if accepted is not None and snapshot.order_id == self._order.order_id:
            self._progress.remember(accepted_sequence=accepted)
        if self._phase(snapshot) is CommitPhase.UNDER_WAY:
            self._look_up(snapshot.order_id)
        return next_step(self._order, snapshot, self._progress.memory, self._tags, self._options.rules)

    def _phase(self, snapshot: Snapshot) -> CommitPhase:
        return self._tags.commit_profile.phase(snapshot.numbers)

    def _look_up(self, order_id: str) -> None:
        """Ask the ledger about a foreign order that stands in the tags, once."""
        if not order_id or order_id == self._order.order_id:
            return
        if order_id not in self._known:
            self._known[order_id] = self._store.knows_done(order_id)
        if self._known[order_id]:
            self._progress.remember(known_done=self._progress.memory.known_done | {order_id})

    def _release(self, reason: str) -> None:
        roles = self._tags.roles
        writes = {roles[role]: value for role, value in self._tags.commit_profile.release().items()}
        if writes:
            self._write(Step(Action.RELEASE, reason, writes=writes))

    def _unsettled(self) -> Waiting:
        wait = Wait.ADMIT if self._view.is_overridden else Wait.OBSERVE
        # An order that runs goes on in the unit while the station is away.
        wait = Wait.RUN if Wait.RUN in self._progress.waiting_since else wait
        return self._waiting(Step(Action.WAIT, self._view.reason, wait))

    def _waiting(self, step: Step) -> Waiting:
        wait = step.waits_for or Wait.OBSERVE
        if wait is Wait.VERIFY:
            self._check_id_length()
        if wait is not Wait.RUN:
            self._tell(f"waiting, {wait}", f"waiting ({wait}): {step.reason}")
        return Waiting(wait, step.reason, self._check_deadline(wait, step.reason))

    def _check_deadline(self, wait: Wait, reason: str) -> float:
        """Return when a wait gives up, in seconds since 1970; raise when that time has come."""
        now = time.time()
        deadline = self._progress.begin_wait(wait, now) + self._options.timeouts[wait]
        if now >= deadline:
            if wait is Wait.ANSWER:
                self._give_up_the_commit()
            raise self._time_out(wait, reason)
        return deadline

    def _give_up_the_commit(self) -> None:
        """Take back a signal that stands for one order: a unit that has lost its memory answers none that still stands.

        Others could not commit before. If the unit has taken the order all the same, the next attempt finds it there.
        """
        self._progress.recall(self._store.recall())
        try:
            self._release("the unit has not answered in time")
        except WinCCError as error:
            self._log.warning("WinCC %s: the signal could not be taken back: %s", self._subject, error.message)

    def _time_out(self, wait: Wait, reason: str) -> OrderTimeoutError:
        shows = "" if self._view.last is None else f" The unit shows: {self._view.last.words(self._tags)}."
        goes_on = " The order goes on in the unit." if wait is Wait.RUN else ""
        seconds = self._options.timeouts[wait]
        error = OrderTimeoutError(
            f"{self._subject} was waited for ({wait}) for {seconds:g} s: {reason}.{goes_on}{shows}",
            # Waiting again for an order that runs is for a person to decide.
            retryable=wait is not Wait.RUN,
        )
        error.step = wait.value
        return error

    def _carry_out(self, step: Step, snapshot: Snapshot) -> dict[str, Any] | None:
        self._stop_when_ended()
        self._writer.count_repeats(step, snapshot, snapshot.words(self._tags))
        match step.action:
            case Action.RETURN_STORED:
                self._tell("stored result", step.reason)
                return self._stored_result()
            case Action.REACHED:
                return order_result(self._order, snapshot, self._tags, outcome=None, times=self._progress.times)
            case Action.TAKE_RESULT:
                return self._take_result(snapshot)
            case Action.COLLECT:
                self._collect(step, snapshot)
            case Action.OFFER:
                self._offer(step, snapshot)
            case Action.COMMIT:
                self._commit(step, snapshot)
            case Action.START:
                self._note_ahead(NoteStage.STARTING, snapshot.current_sequence)
                self._progress.end_wait(Wait.START, Wait.RUN)
                self._write(step)
                self._progress.reached("start_given", time.time())
            case Action.CANCEL:
                # Another writer may have committed it. Once it is gone, only the note says that it did not run.
                sequence = snapshot.current_sequence if "sequence" in self._tags.roles else None
                self._note_ahead(NoteStage.COMMITTING, sequence)
                self._progress.end_wait(Wait.CANCEL)
                self._write(step)
                self._progress.remember(offered=False)
            case Action.CLEAR if not self._options.clears:
                return self._stored_result()
            case Action.CLEAR:
                self._progress.end_wait(Wait.CLEAR)
                self._write(step)
            case _:
                self._write(step)
        return None

    def _offer(self, step: Step, snapshot: Snapshot) -> None:
        fitted = dict(step.writes)
        for name, tag in self._tags.payload_tags.items():
            value = self._order.payload[name]
            if not isinstance(value, str):
                fitted[tag] = fit_value(tag, value, snapshot.payload[name])
        self._progress.end_wait(Wait.VERIFY)
        if not self._progress.memory.was_offered:
            # Another writer may commit our id with other content out of it: then that order is not a stranger's.
            self._progress.remember(was_offered=True)
            self.save()
        is_confirmed = self._write(Step(step.action, step.reason, writes=fitted))
        # Nothing is committed yet, so what did not arrive may be written again.
        self._progress.remember(offered=is_confirmed)
        self._progress.reached("offered", time.time())

    def _check_id_length(self) -> None:
        shown, ours = "" if self._view.last is None else self._view.last.order_id, self._order.order_id
        if shown and shown != ours and ours.startswith(shown):
            raise WinCCConfigurationError(
                f"The tag {self._tags.roles['id']!r} shows only {shown!r} of the order id {ours!r}. "
                "Nothing was committed.",
                hint="The controller's STRING is too short. Make it longer, and say its length in id_length.",
            )

    def _commit(self, step: Step, snapshot: Snapshot) -> None:
        numbers = [value for value in step.writes.values() if not isinstance(value, bool)]
        stage = NoteStage.STARTING if self._options.rules.one_phase else NoteStage.COMMITTING
        number = numbers[0] if numbers and "sequence" in self._tags.roles else None
        self._progress.remember(committed=True, offered=False, number_before=snapshot.current_sequence)
        self._progress.end_wait(Wait.ANSWER, Wait.START)
        self._note_ahead(stage, None if number is None else int(number))
        self._write(step)
        self._committed_at = time.monotonic()
        self._progress.reached("committed", time.time())

    def _has_spaced_out(self) -> bool:
        """Pause before a commit is repeated: a unit that says it is ready and then refuses must not be pestered."""
        if self._committed_at is None:
            return False
        self._check_deadline(Wait.ADMIT, "the unit says that it is ready, and then does not take the order")
        left = self._committed_at + self._options.poll_interval - time.monotonic()
        self._committed_at = None
        if left > 0:
            self._pause(left)
        return left > 0

    def _note_ahead(self, stage: NoteStage, sequence: int | None) -> None:
        note = self._progress.memory.note
        may_have_started = note is not None and note.stage is NoteStage.STARTING
        # What may have been started stays so, whatever is committed after it.
        if stage is NoteStage.STARTING or not may_have_started:
            at = datetime.now(UTC).isoformat()
            self._progress.remember(note=OrderNote(stage, self._order.revision, sequence, at))
        self.save()

    def _write(self, step: Step) -> bool:
        """Write in one request; return whether the station has confirmed it."""
        self._stop_when_ended()
        self._tell(step.action.value, f"{step.action}: {step.reason}")
        self._view.note_write()
        return self._writer.write(step)

    def _take_result(self, snapshot: Snapshot) -> dict[str, Any] | None:
        outcome = outcome_of(snapshot, self._tags, self._options.rules.success)
        result = order_result(self._order, snapshot, self._tags, outcome=outcome, times=self._progress.times)
        stands = self._store.record_result(result)
        self._progress.remember(result=stands)
        self._progress.reached("recorded", time.time())
        self._tell("recorded", f"the result is recorded: {stands['outcome']}")
        return None if self._options.clears else self._stored_result()

    def _stored_result(self) -> dict[str, Any]:
        result = dict(self._progress.memory.result or {})
        self._check_stored_result()
        outcome = result.get("outcome")
        self._tell("done", f"done: {outcome}")
        if outcome not in set(OrderOutcome):
            raise OrderError(
                f"The recorded result of {self._subject} has the outcome {outcome!r}.",
                hint=f"Known are {', '.join(OrderOutcome)}. Correct the record.",
            )
        if outcome in _UNHAPPY_ENDS:
            kind, words = _UNHAPPY_ENDS[outcome]
            raise kind(f"{self._subject} {words}. {result_in_words(result)}")
        return {**result, "times": {**result.get("times", {}), **self._progress.times}}

    def _collect(self, step: Step, snapshot: Snapshot) -> None:
        outcome = outcome_of(snapshot, self._tags, None)
        result = foreign_result(snapshot, self._tags, outcome=outcome)
        self._store.record_other_result(str(snapshot.current_id), result)
        self._write(step)

    def _check_before(self) -> None:
        self._tags.check_order(self._order)
        roles = self._tags.roles
        commands: dict[str, Scalar] = {
            roles[role]: role == "request" or 1 for role in (*self._tags.commit_profile.client_roles, "start", "clear")
        }
        payload = {tag: self._order.payload[name] for name, tag in self._tags.payload_tags.items()}
        revision = {roles["revision"]: self._order.revision} if "revision" in roles else {}
        self._client.check_write({**commands, **payload, **revision, roles["id"]: self._order.order_id})

    def _check_stored_result(self) -> None:
        result = self._progress.memory.result
        revision = None if result is None else result.get("revision", self._order.revision)
        if revision not in {None, self._order.revision}:
            raise OrderPayloadMismatchError(
                f"{self._subject} is done in revision {revision}, and revision {self._order.revision} was to be handed "
                "over."
            )

    def _note_seen(self, snapshot: Snapshot) -> None:
        if not holds_ours(self._order, snapshot, self._progress.memory):
            return
        now = time.time()
        if "stored" not in self._progress.times:
            self._progress.end_wait(Wait.ADMIT)
        self._progress.reached("stored", now)
        if self._is_machine_state(snapshot):
            return
        if snapshot.state in {JobState.RUNNING, JobState.INTERRUPTED}:
            self._progress.reached("running", now)
        elif snapshot.state is JobState.ENDED:
            self._progress.reached("ended", now)
        elif snapshot.state is JobState.ABORTED:
            self._progress.reached("aborted", now)
        if snapshot.state in STARTED_STATES:
            self._progress.begin_wait(Wait.RUN, now)
            self._tell(f"seen {snapshot.state.words}", f"the order is {snapshot.state.words}")
            if self._view.heartbeat_stands_still:
                self._tell("heartbeat", "the unit's heartbeat stands still; the order may go on all the same")

    def _note_foreign_start(self, snapshot: Snapshot) -> None:
        """Remember that an order has started although we never gave Start: it must not be offered again."""
        note = self._progress.memory.note
        is_noted = note is not None and note.stage is NoteStage.STARTING
        is_done = self._progress.memory.result is not None
        is_ours = holds_ours(self._order, snapshot, self._progress.memory)
        is_started = snapshot.state not in {JobState.NONE, JobState.NOT_ALLOWED_TO_START}
        if is_noted or is_done or not is_ours or not is_started or self._is_machine_state(snapshot):
            return
        self._tell("foreign start", "the order was started by the unit itself, or by somebody else")
        self._note_ahead(NoteStage.STARTING, snapshot.current_sequence)

    def _is_machine_state(self, snapshot: Snapshot) -> bool:
        return is_machine_state(snapshot, self._tags) and not self._options.rules.one_phase

    def _tell(self, step: str, text: str) -> None:
        tell_once(self._log, self._progress, self._subject, step, text)

    def _report(self, error: WinCCError) -> None:
        """Tell the ledger; an order that will not be offered again must not look as if it would."""
        needs_decision = isinstance(error, OrderOutcomeUnknownError | OrderPayloadMismatchError)
        ends = needs_decision or isinstance(error, OrderRefusedError)
        if isinstance(error, OrderTakenOverError):
            return
        if self._progress.memory.result is not None and not isinstance(error, OrderOutcomeUnknownError):
            # The ledger has the status of this result; only a unit that contradicts it makes another of it.
            return
        try:
            self._store.report(str(error), ends=ends, needs_decision=needs_decision)
        except WinCCError as failure:
            self._log.warning("WinCC %s: the ledger could not be told: %s", self._subject, failure)
            if ends:
                failure.message = f"{failure.message} It was to be told: {error.message}"
                raise failure from error

    @property
    def _subject(self) -> str:
        return f"order {self._order.order_id!r} at unit {self._tags.unit!r}"
