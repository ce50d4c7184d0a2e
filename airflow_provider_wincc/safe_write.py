"""Safe writes: checked before, sent once, proved after, and leaving a receipt.

In this order, and nothing is sent unless all of it holds: the connection's write policy, the caller's own limits, the
interlock (a condition read just before), the types. Then each group is sent once and, before the next, read back; the
interlock is read again before each.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pendulum

from airflow_provider_wincc.client.arguments import check_from_zero
from airflow_provider_wincc.client.errors import (
    WinCCConfigurationError,
    WinCCError,
    WinCCInterlockNotMetError,
    WinCCTagError,
    WinCCTagNotFoundError,
    WinCCWriteOutcomeUnknownError,
    WinCCWriteVerificationError,
)
from airflow_provider_wincc.client.models import DataType, FailureKind, TagReadings, TagValue
from airflow_provider_wincc.client.storable import storable_tag_value
from airflow_provider_wincc.client.wire import names_in_words
from airflow_provider_wincc.value_types import fit_value, may_be_unchanged, shows_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.client.policy import TagLimits
    from airflow_provider_wincc.conditions import Condition

log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 2.0


class Outcome(StrEnum):
    """What became of one tag's write."""

    WRITTEN = "written"
    VERIFIED = "verified"
    DRY_RUN = "dry run"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOrder:
    """What to write and under which conditions.

    :param groups: tag → value, group by group; a group is sent only after the one before it was proved.
    :param only_if: interlock; must be true of readings taken just before each group.
    :param limits: the caller's own limits, besides the connection's.
    :param types: data types of tags, where the value read back does not tell them.
    :param verify: read back until equal.
    :param verify_with: tag → feedback tag that must take the value, instead of the written tag itself.
    :param verify_timeout: seconds to wait for that, 0 or more.
    :param tolerance: by how much a number read back may differ, 0 or more.
    :param dry_run: do all but the sending.
    """

    groups: tuple[Mapping[str, Scalar], ...]
    only_if: Condition | None = None
    limits: tuple[TagLimits, ...] = ()
    types: Mapping[str, DataType] = field(default_factory=dict)
    verify: bool = True
    verify_with: Mapping[str, str] = field(default_factory=dict)
    verify_timeout: float = 30.0
    tolerance: float = 0.0
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class WriteReceipt:
    """What one tag was, is now, and how sure that is.

    :param confirmed_by: ``the station's answer``, or how it was found out when there was none.
    """

    tag: str
    old: TagValue | None
    new_value: Scalar
    written_at: pendulum.DateTime
    outcome: Outcome
    verified_with: str | None = None
    confirmed_by: str = "the station's answer"

    def __str__(self) -> str:
        old = "nothing" if self.old is None else self.old.text
        proof = f"{self.outcome}" + (f" with {self.verified_with!r}" if self.verified_with else "")
        return f"WinCC {self.tag!r}: {old!r} -> {self.new_value!r} ({proof}; confirmed by {self.confirmed_by})"

    def to_json(self) -> dict[str, Any]:
        """Return the receipt as plain JSON types."""
        return {
            "tag": self.tag,
            "old_value": None if self.old is None else storable_tag_value(self.old.value),
            "old_quality": None if self.old is None else self.old.quality.level.value,
            "new_value": storable_tag_value(self.new_value),
            "written_at": self.written_at.isoformat(),
            "outcome": self.outcome.value,
            "verified": self.outcome is Outcome.VERIFIED,
            "verified_with": self.verified_with,
            "confirmed_by": self.confirmed_by,
        }


def write_safely(client: WinCCClient, order: WriteOrder) -> list[WriteReceipt]:
    """Check, write and prove; return a receipt for each tag, in the order of the groups.

    :raises WinCCConfigurationError: an argument of the order is wrong; nothing was sent.
    :raises WinCCWriteRefusedError: a policy, a limit or a type says no; nothing was sent.
    :raises WinCCInterlockNotMetError: ``only_if`` is not true; nothing of the group and of those after it was sent.
    :raises WinCCTagError: a tag cannot be read (nothing was sent), or the station refused single tags.
    :raises WinCCWriteOutcomeUnknownError: a write may or may not have arrived, and reading back does not show it.
    :raises WinCCWriteVerificationError: the value read back is another one, or cannot be read back.
    """
    _check_order(client, order)
    readings = _read_before(client, order, order.groups)
    _judge_interlock(order, readings)
    groups = [_fit_group(group, readings, order) for group in order.groups]
    # Fitting turns text into numbers, so the rules are asked again about what will really be sent.
    for group in groups:
        client.check_write(group)
        _check_limits(order, group)
    receipts: list[WriteReceipt] = []
    for group in groups:
        try:
            if receipts:
                # The proof of the group before can have taken a while, and the plant has gone on meanwhile.
                readings = _read_before(client, order, [group])
                _judge_interlock(order, readings)
            done = _write_group(client, order, group, readings)
        except WinCCError as error:
            if receipts:
                names = [receipt.tag for receipt in receipts]
                error.written = (*names, *error.written)
                error.message += f" Written before, in groups of their own: {names_in_words(names)}."
            raise
        for receipt in done:
            log.info("%s", receipt)
        receipts += done
    return receipts


def _check_order(client: WinCCClient, order: WriteOrder) -> None:
    if not order.groups:
        raise WinCCConfigurationError("There is nothing to write.", hint="Give at least one tag and value.")
    if order.only_if is not None and order.only_if.needs_memory:
        raise WinCCConfigurationError(
            f"The interlock only_if uses {', '.join(order.only_if.memory_forms)}, which one reading cannot tell.",
            hint="Wait with a WinCCTagSensor first, and keep only_if to what must hold at the moment of the write.",
        )
    check_from_zero("The verify_timeout", order.verify_timeout)
    check_from_zero("The tolerance", order.tolerance)
    for group in order.groups:
        client.check_write(group)
        _check_limits(order, group)
    targets = {name for group in order.groups for name in group}
    for option, names in (("types", order.types), ("verify_with", order.verify_with)):
        strangers = [name for name in names if name not in targets]
        if strangers:
            raise WinCCConfigurationError(
                f"{option} names {names_in_words(strangers)}, which this task does not write.",
                hint="Check the spelling.",
            )


def _check_limits(order: WriteOrder, group: Mapping[str, Scalar]) -> None:
    for name, value in group.items():
        for limits in order.limits:
            limits.check(name, value, rule=f"The task (limits, {limits.pattern!r})")


def _read_before(client: WinCCClient, order: WriteOrder, groups: Sequence[Mapping[str, Scalar]]) -> TagReadings:
    targets = dict.fromkeys(name for group in groups for name in group)
    needed = {**targets, **dict.fromkeys(order.verify_with[name] for name in targets if name in order.verify_with)}
    watched = () if order.only_if is None else order.only_if.tags
    readings = client.try_read_tags([*needed, *watched])
    # For the interlock a tag that cannot be read just now is "unknown"; one that does not exist is a mistake.
    failures = {
        name: failure
        for name, failure in readings.failures.items()
        if name in needed or failure.kind is FailureKind.NOT_FOUND
    }
    if failures:
        unknown = all(failure.kind is FailureKind.NOT_FOUND for failure in failures.values())
        kind = WinCCTagNotFoundError if unknown else WinCCTagError
        reasons = ", ".join(f"{name!r} ({failure})" for name, failure in failures.items())
        raise kind(
            f"Nothing was sent of {names_in_words(targets)}, because tags could not be read before: {reasons}.",
            errors=failures,
            not_sent=targets,
            station=client.settings.station,
        )
    return readings


def _judge_interlock(order: WriteOrder, readings: TagReadings) -> None:
    if order.only_if is None:
        return
    evaluation = order.only_if.evaluate({**readings.values, **readings.failures}, refuse_overridden=True)
    if not evaluation.is_true:
        state = "false" if evaluation.is_false else "unknown"
        raise WinCCInterlockNotMetError(
            f"Not written, because the interlock only_if is {state}:\n{evaluation.explain()}\n"
        )


def _fit_group(group: Mapping[str, Scalar], readings: TagReadings, order: WriteOrder) -> dict[str, Scalar]:
    return {name: fit_value(name, value, readings.values[name], order.types.get(name)) for name, value in group.items()}


def _write_group(
    client: WinCCClient, order: WriteOrder, group: Mapping[str, Scalar], readings: TagReadings
) -> list[WriteReceipt]:
    written_at = pendulum.now("UTC")
    outcome, confirmed_by = Outcome.WRITTEN, "the station's answer"
    if order.dry_run:
        outcome, confirmed_by = Outcome.DRY_RUN, "nothing, it was not sent"
    else:
        try:
            client.write_tags(group)
        except WinCCWriteOutcomeUnknownError as error:
            _resolve_unknown(client, order, group, readings, error)
            confirmed_by = "reading back, because the station's answer was lost"
        if order.verify:
            _verify(client, order, group)
            outcome = Outcome.VERIFIED
    return [
        WriteReceipt(
            tag=name,
            old=readings.values[name],
            new_value=value,
            written_at=written_at,
            outcome=outcome,
            verified_with=order.verify_with.get(name, name) if outcome is Outcome.VERIFIED else None,
            confirmed_by=confirmed_by,
        )
        for name, value in group.items()
    ]


def _resolve_unknown(
    client: WinCCClient,
    order: WriteOrder,
    group: Mapping[str, Scalar],
    before: TagReadings,
    error: WinCCWriteOutcomeUnknownError,
) -> None:
    """Find out by reading whether a write in doubt arrived; raise the error when it cannot be told."""
    log.warning("WinCC write in doubt, reading back: %s", error.message)
    in_doubt = {name: name for name in error.unknown}
    missing = _wait_until_shown(client, order, group, in_doubt, before)
    if missing:
        error.message += f" Reading back for {order.verify_timeout:g} s did not show it: {_mismatches(missing)}."
    if missing or error.errors or error.not_sent:
        raise error


def _verify(client: WinCCClient, order: WriteOrder, group: Mapping[str, Scalar]) -> None:
    shown_by = {name: order.verify_with.get(name, name) for name in group}
    missing = _wait_until_shown(client, order, group, shown_by)
    if missing:
        raise WinCCWriteVerificationError(
            f"The station took the write, but after {order.verify_timeout:g} s the tags do not show it: "
            f"{_mismatches(missing)}.",
            station=client.settings.station,
        )


def _wait_until_shown(
    client: WinCCClient,
    order: WriteOrder,
    group: Mapping[str, Scalar],
    shown_by: Mapping[str, str],
    before: TagReadings | None = None,
) -> dict[str, str]:
    """Read back until every value is shown or the time is up; return what the others show, in words, by tag.

    :param before: what the tags read before a write that may not have arrived; None where the station took it.
    """
    deadline = time.monotonic() + order.verify_timeout
    pause = _FIRST_PAUSE
    missing = dict.fromkeys(shown_by, "nothing was read")
    while True:
        waiting_for = {name: shown_by[name] for name in missing}
        try:
            missing = _not_shown(client, order, group, waiting_for, before)
            lasting = False
        except WinCCError as error:
            missing = {
                name: f"{feedback!r} cannot be read back ({error.message})" for name, feedback in waiting_for.items()
            }
            # A refused login must not be repeated: accounts lock.
            lasting = not error.retryable
        left = deadline - time.monotonic()
        if not missing or lasting or left <= 0:
            return missing
        time.sleep(min(pause, left))
        pause = min(_LONGEST_PAUSE, pause * 2)


def _not_shown(
    client: WinCCClient,
    order: WriteOrder,
    group: Mapping[str, Scalar],
    shown_by: Mapping[str, str],
    before: TagReadings | None,
) -> dict[str, str]:
    readings = client.try_read_tags(dict.fromkeys(shown_by.values()))
    missing = {}
    for name, feedback in shown_by.items():
        reading = readings.values.get(feedback)
        if reading is None:
            missing[name] = f"{feedback!r} cannot be read back ({readings.failures[feedback]})"
        elif not shows_value(reading, group[name], order.tolerance):
            missing[name] = f"{feedback!r} shows {reading.text!r} ({reading.quality}), expected {group[name]!r}"
        elif before is not None and may_be_unchanged(reading, before.values[feedback], group[name]):
            missing[name] = f"{feedback!r} shows {reading.text!r} as before the write, expected {group[name]!r}"
    return missing


def _mismatches(missing: Mapping[str, str]) -> str:
    return "; ".join(missing.values())
