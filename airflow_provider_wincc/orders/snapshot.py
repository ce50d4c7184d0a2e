"""Snapshots: what a unit shows, believed only when two readings across a settle window agree.

A station fills its image in several acquisition cycles, so that one answer can hold the unit's new number beside the
old id or state, although the unit wrote them in the right order. Two equal readings, far enough apart, cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.errors import WinCCTagNotFoundError
from airflow_provider_wincc.client.models import DataType, FailureKind, TagFailure, TagValue, read_as
from airflow_provider_wincc.orders.errors import OrderUnitError
from airflow_provider_wincc.orders.states import FINAL_STATES, RESULT_WORDS, JobState
from airflow_provider_wincc.orders.tags import TEXT_ROLES

if TYPE_CHECKING:
    from airflow_provider_wincc.orders.tags import OrderHandoffTags

Readings = Mapping[str, TagValue | TagFailure]
_BOOL_ROLES = frozenset({"request", "acknowledge", "ready"})
# A unit that is alive changes its heartbeat at least every second.
HEARTBEAT_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a unit shows, read into the terms of the handoff.

    :param numbers: role → number, for the roles that hold numbers or bits (bits are 0 and 1).
    :param order_id: what stands in the tag of the id that the client writes.
    :param ack_id: order of the last answer; None when the unit does not say.
    :param current_id: stored order, owner of state, result and echo; empty for none, None when the unit does not say.
    :param state: the job state.
    :param result: the job result (0 unknown, 1 successful, 2 unsuccessful); None when the unit has no tag for it.
    :param payload: parameter → reading of the tag that the client writes.
    :param echo: parameter → reading of what the unit has stored.
    :param results: name → reading of a result.
    :param is_alive: whether the heartbeat changed lately; None when the unit has none.
    """

    numbers: Mapping[str, int]
    order_id: str
    ack_id: str | None
    current_id: str | None
    state: JobState
    result: int | None
    payload: Mapping[str, TagValue] = field(default_factory=dict)
    echo: Mapping[str, TagValue] = field(default_factory=dict)
    results: Mapping[str, TagValue | TagFailure] = field(default_factory=dict)
    is_alive: bool | None = None

    @property
    def current_sequence(self) -> int:
        """The number of the stored order, to which its methods are bound; 0 when there is none."""
        return self.numbers["current_sequence"]

    @property
    def holds_an_order(self) -> bool:
        """Whether the unit holds an order, whosever and in whichever state."""
        return self.state is not JobState.NONE or bool(self.current_id)

    def words(self, tags: OrderHandoffTags) -> str:
        """Say in one line what the unit shows."""
        parts = [f"state {int(self.state)} ({self.state.words})"]
        if self.current_id is not None:
            parts.append(f"current order {self.current_id!r}" if self.current_id else "no current order")
        parts.append(f"number {self.current_sequence}")
        if self.ack_id is not None:
            parts.append(f"last answer to {self.ack_id!r}")
        if "return_status" in self.numbers:
            parts.append(f"return status {tags.return_codes.words(self.numbers['return_status'])}")
        if self.result is not None:
            parts.append(f"result {self.result} ({RESULT_WORDS.get(self.result, 'not a job result')})")
        signals = (*tags.commit_profile.client_roles, *tags.commit_profile.unit_roles, "mode", "ready")
        parts += [f"{role.replace('_', ' ')} {self.numbers[role]}" for role in signals if role in self.numbers]
        if self.is_alive is not None:
            parts.append("heartbeat changes" if self.is_alive else "heartbeat stands still")
        return ", ".join(parts)


@dataclass(slots=True)
class SnapshotTaker:
    """Takes readings one after the other, and gives a snapshot when they have settled.

    :param tags: the tag map of the unit.
    :param settle: seconds that two equal readings must lie apart. It must be longer than the update cycle of the
        unit's tags in the station.
    """

    tags: OrderHandoffTags
    settle: float
    reason: str = "nothing was read yet"
    is_overridden: bool = False
    _settled_key: object = None
    _settled_since: float = 0.0
    _heartbeat: int | None = None
    _heartbeat_seen_at: float = 0.0
    _heartbeat_changed_at: float | None = None
    _now: float = 0.0

    @property
    def is_settling(self) -> bool:
        """Whether the last reading was usable, and another one may make a snapshot."""
        return self._settled_key is not None

    @property
    def heartbeat_stands_still(self) -> bool:
        """Whether the heartbeat was watched for a while and did not change."""
        if self._heartbeat is None:
            return False
        return self._now - (self._heartbeat_changed_at or self._heartbeat_seen_at) > HEARTBEAT_PATIENCE

    def take(self, readings: Readings, *, asked_at: float, answered_at: float) -> Snapshot | None:
        """Take a reading of all :attr:`OrderHandoffTags.tags`; return a snapshot when it has settled.

        Otherwise :attr:`reason` says in words why not.

        :param asked_at: monotonic time at which the request was sent.
        :param answered_at: monotonic time at which the answer was there.
        :raises WinCCTagNotFoundError: naming tags and roles that the station does not know.
        :raises OrderUnitError: when a value cannot be understood, such as a state that the map does not know.
        """
        _check_known(self.tags, readings)
        doubt, overridden = _doubt(self.tags, readings)
        if doubt is not None:
            self.interrupt(doubt, is_overridden=overridden)
            return None
        self._now, self.is_overridden = answered_at, False
        self._note_heartbeat(readings, answered_at)
        snapshot = _read(self.tags, readings, is_alive=self._is_alive(answered_at))
        key = _settling_part(snapshot)
        if key != self._settled_key:
            self._settled_key, self._settled_since = key, answered_at
            self.reason = "the unit's tags are changing"
        has_settled = not self.settle or asked_at - self._settled_since >= self.settle
        return snapshot if has_settled else None

    def interrupt(self, reason: str, *, is_overridden: bool = False) -> None:
        """Note that a reading was not usable: what was read before it counts no more.

        :param is_overridden: because somebody on site has taken the unit over.
        """
        self._settled_key = None
        self.reason = reason
        self.is_overridden = is_overridden

    def _note_heartbeat(self, readings: Readings, now: float) -> None:
        if "heartbeat" not in self.tags.roles:
            return
        beat = _number(self.tags, readings, "heartbeat")
        if self._heartbeat is None:
            self._heartbeat_seen_at = now
        elif beat != self._heartbeat:
            self._heartbeat_changed_at = now
        self._heartbeat = beat

    def _is_alive(self, now: float) -> bool | None:
        if "heartbeat" not in self.tags.roles:
            return None
        changed_at = self._heartbeat_changed_at
        return changed_at is not None and now - changed_at <= HEARTBEAT_PATIENCE


def _settling_part(snapshot: Snapshot) -> object:
    # Heartbeats always differ, and so do the counters of a running order.
    readings: list[Mapping[str, TagValue | TagFailure]] = [snapshot.payload, snapshot.echo]
    if snapshot.state in FINAL_STATES:
        readings.append(snapshot.results)
    values = [
        (name, reading.text if isinstance(reading, TagValue) else str(reading))
        for group in readings
        for name, reading in group.items()
    ]
    numbers = {role: number for role, number in snapshot.numbers.items() if role != "heartbeat"}
    texts = (snapshot.order_id, snapshot.ack_id, snapshot.current_id)
    return numbers, texts, snapshot.state, snapshot.result, values


def _check_known(tags: OrderHandoffTags, readings: Readings) -> None:
    places = _places(tags)
    unknown = {
        name: reading
        for name in tags.tags
        if isinstance(reading := readings.get(name), TagFailure) and reading.kind is FailureKind.NOT_FOUND
    }
    if unknown:
        told = ", ".join(f"{name!r} ({places[name]})" for name in unknown)
        raise WinCCTagNotFoundError(
            f"The station does not know tags of unit {tags.unit!r}: {told}.",
            errors=unknown,
            hint="Correct the tag map (prefix, names), or name roles that the unit does not have in without.",
        )


def _doubt(tags: OrderHandoffTags, readings: Readings) -> tuple[str | None, bool]:
    """Say why readings cannot be believed, None when they can, and whether that is a local override."""
    results = set(tags.result_tags.values())
    places = _places(tags)
    for name in tags.tags:
        reading = readings.get(name)
        if name in results:
            continue
        if reading is None or isinstance(reading, TagFailure):
            return f"{name!r} ({places[name]}) cannot be read: {reading or 'no answer'}", False
        quality = reading.quality
        if not quality.is_good or quality.is_simulated or quality.is_local_override:
            return f"the quality of {name!r} ({places[name]}) is {quality}", quality.is_local_override
    return None, False


def _places(tags: OrderHandoffTags) -> dict[str, str]:
    return {
        **{tag: f"role {role!r}" for role, tag in tags.roles.items()},
        **{tag: f"payload {name!r}" for name, tag in tags.payload_tags.items()},
        **{tag: f"echo of {name!r}" for name, tag in tags.echo_tags.items()},
        **{tag: f"result {name!r}" for name, tag in tags.result_tags.items()},
    }


def _read(tags: OrderHandoffTags, readings: Readings, *, is_alive: bool | None) -> Snapshot:
    _refuse_numeric_ids(tags, readings)
    numbers = {role: _number(tags, readings, role) for role in tags.roles if role not in TEXT_ROLES}
    ids = {role: _value(readings, tags.roles[role]).text for role in TEXT_ROLES if role in tags.roles}
    current_id = ids.get("current_id")
    holds_order = bool(current_id) if current_id is not None else numbers["current_sequence"] != 0
    state = _job_state(tags, numbers["state"], holds_order=holds_order)
    results = {name: readings[tag] for name, tag in tags.result_tags.items() if tag in readings}
    return Snapshot(
        numbers=numbers,
        order_id=ids["id"],
        ack_id=ids.get("ack_id"),
        current_id=current_id,
        state=state,
        result=_job_result(tags, numbers, state),
        payload={name: _value(readings, tag) for name, tag in tags.payload_tags.items()},
        echo={name: _value(readings, tag) for name, tag in tags.echo_tags.items()},
        results=results,
        is_alive=is_alive,
    )


def _value(readings: Readings, tag: str) -> TagValue:
    reading = readings[tag]
    assert isinstance(reading, TagValue)  # nosec B101 # noqa: S101  doubtful readings do not come this far
    return reading


def _number(tags: OrderHandoffTags, readings: Readings, role: str) -> int:
    reading = _value(readings, tags.roles[role])
    try:
        value = read_as(reading.text, DataType.BOOL if role in _BOOL_ROLES else DataType.INT)
    except ValueError as error:
        raise _unit_error(tags, role, str(error)) from None
    if value is None:
        raise _unit_error(tags, role, f"{reading.text!r} is not a number")
    return int(value)


def _job_state(tags: OrderHandoffTags, number: int, *, holds_order: bool) -> JobState:
    known = tags.state_map
    state = known.states.get(number)
    if state is None:
        raise _unit_error(
            tags, "state", f"{number} is no state of the map {known.name!r} (known: {_listed(known.states)})"
        )
    # A PackML machine without an order has a state too; while it works, it is busy with something else.
    is_idle = state not in {JobState.RUNNING, JobState.INTERRUPTED}
    return JobState.NONE if known.shows_machine and not holds_order and is_idle else state


def _job_result(tags: OrderHandoffTags, numbers: Mapping[str, int], state: JobState) -> int | None:
    if "result" in numbers:
        return numbers["result"]
    return tags.state_map.implied_results.get(numbers["state"]) if state in FINAL_STATES else None


def _refuse_numeric_ids(tags: OrderHandoffTags, readings: Readings) -> None:
    # The numbers of data types are not published, but a tag of the type of a counter or a state is no text.
    others = [tag for role, tag in tags.roles.items() if role not in TEXT_ROLES]
    numeric = {_value(readings, tag).data_type for tag in others} - {None}
    for role in TEXT_ROLES:
        if role not in tags.roles:
            continue
        reading = _value(readings, tags.roles[role])
        is_number = isinstance(reading.raw.get("value"), int | float)
        if is_number or reading.data_type in numeric:
            raise _unit_error(
                tags,
                role,
                f"it is a numeric tag (it shows {reading.text!r}), and order ids are texts with leading zeros",
            )


def _unit_error(tags: OrderHandoffTags, role: str, problem: str) -> OrderUnitError:
    return OrderUnitError(f"Unit {tags.unit!r}, tag {tags.roles[role]!r} (role {role!r}): {problem}.")


def _listed(numbers: Mapping[int, Any]) -> str:
    return ", ".join(map(str, sorted(numbers)))
