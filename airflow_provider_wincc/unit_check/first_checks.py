"""The checks before an order is handed over: the tags, the free unit, its heartbeat, and what it must ignore."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCTagError, WinCCWriteRefusedError
from airflow_provider_wincc.orders import JobState
from airflow_provider_wincc.orders.commits import CommitPhase
from airflow_provider_wincc.unit_check.bench import answered_part
from airflow_provider_wincc.unit_check.offers import AnswerKind, judge_refusal, offer, payload_writes
from airflow_provider_wincc.unit_check.verdicts import failed, passed, skipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import TagReadings
    from airflow_provider_wincc.orders import Snapshot
    from airflow_provider_wincc.unit_check.bench import Bench
    from airflow_provider_wincc.unit_check.verdicts import Verdict

_HEARTBEAT_SECONDS = 5.0
_HEARTBEAT_PAUSE = 0.1
_CHANGES = 2
_QUALITY_PAUSE = 1.0


def check_tags(bench: Bench) -> Verdict:
    """Check that all tags are there, good, and of types that fit."""
    deadline = time.monotonic() + bench.plan.answer_timeout
    # A station shows start values of tags that nobody has read before.
    while (problems := _unusable(bench, readings := bench.read())) and time.monotonic() < deadline:
        if any(failure.kind == "not found" for failure in readings.failures.values()):
            break
        time.sleep(_QUALITY_PAUSE)
    if problems:
        return failed("; ".join(problems))
    # Reading the picture finds ids in number tags, states without a meaning, and texts in number tags.
    snapshot = bench.look()
    try:
        bench.fit_payload(readings.values)
    except WinCCWriteRefusedError as error:
        return failed(error.message)
    return passed(f"{len(readings.values)} tags, all good. {bench.shown(snapshot)}")


def check_unit_is_free(bench: Bench) -> Verdict:
    """Check that nothing is going on in the unit."""
    snapshot = bench.look_anew()
    numbers, tags = snapshot.numbers, bench.tags
    problems = []
    if snapshot.holds_an_order or snapshot.state is not JobState.NONE:
        problems.append("it holds an order")
    if _has_command_under_way(bench, snapshot):
        problems.append("a command is under way or has not been taken back")
    if numbers.get("mode", tags.production_mode) != tags.production_mode:
        problems.append(f"its mode is {numbers['mode']}, not production ({tags.production_mode})")
    if not numbers.get("ready", 1):
        problems.append("it is not ready")
    found = bench.shown(snapshot)
    return failed(f"The unit is not free: {', '.join(problems)}. {found}") if problems else passed(found)


def check_heartbeat(bench: Bench) -> Verdict:
    """Check that the heartbeat changes."""
    if not bench.has("heartbeat"):
        return skipped("the tag map has no heartbeat; nobody can tell a dead controller from a quiet one")
    tag = bench.tags.roles["heartbeat"]
    started = time.monotonic()
    values: list[str] = []
    while len(values) <= _CHANGES and time.monotonic() - started < _HEARTBEAT_SECONDS:
        reading = bench.read([tag]).values.get(tag)
        if reading is not None and reading.text not in values[-1:]:
            values.append(reading.text)
        time.sleep(_HEARTBEAT_PAUSE)
    seen = f"{len(values) - 1} changes in {time.monotonic() - started:.1f} s ({', '.join(values)})"
    return passed(seen) if len(values) > _CHANGES else failed(seen, goes_on=True)


def check_id_length(bench: Bench) -> Verdict:
    """Check that an id is kept whole, with its leading zeros."""
    tag, length = bench.tags.roles["id"], bench.tags.id_length
    written = ("00" + "1234567890" * (length // 10 + 1))[:length]
    before = bench.look_anew()
    try:
        bench.write({tag: written})
    except WinCCTagError as error:
        if bench.plan.knows_id_length:
            raise
        return skipped(f"the station takes no text of {length} characters, so say what it holds. {error.message}")
    after = bench.wait_until(lambda snapshot: snapshot.order_id == written, bench.plan.watch_seconds)
    shown = after.order_id
    if answered_part(after) != answered_part(before):
        return failed(f"the unit did something without a commit. {bench.shown(after)}")
    if shown == written:
        return passed(f"{length} characters, leading zeros kept")
    longest = max(map(len, bench.plan.order_ids))
    if not bench.plan.knows_id_length and shown and written.startswith(shown) and len(shown) >= longest:
        return passed(f"{len(shown)} characters, leading zeros kept; write id_length={len(shown)} into your tag map")
    return failed(
        f"of {length} characters written, the tag shows {len(shown)}: {shown!r}. Say id_length={len(shown)} in the "
        "tag map, or make the STRING longer.",
        goes_on=len(shown) >= longest and written.startswith(shown),
    )


def check_stale_number(bench: Bench) -> Verdict:
    """Check that only the next number counts."""
    if "ack_sequence" not in bench.tags.roles:
        return skipped(f"profile {bench.tags.profile} has no numbers; see signal-held")
    before = bench.look_anew()
    bench.write(payload_writes(bench, bench.first))
    numbers = _numbers_without_meaning(bench, before)
    for number in numbers:
        bench.write_roles({"sequence": number})
        changed = bench.watch(before, answered_part)
        if changed is not None:
            return failed(f"the unit acted on {number}. {bench.shown(changed)}")
    return passed(f"nothing happened on {', '.join(map(str, numbers))}")


def check_bad_order(bench: Bench) -> Verdict:
    """Check that the unit refuses what it cannot execute."""
    if bench.plan.bad is None:
        return skipped("no bad value was given (--bad PARAM=VALUE)")
    answer = offer(bench, bench.bad)
    if answer.kind is AnswerKind.ACCEPTED:
        bad = ", ".join(f"{name}={value}" for name, value in bench.plan.bad.items())
        return failed(f"the unit accepts {bad}. {bench.shown(answer.snapshot)}")
    return judge_refusal(bench, bench.bad, answer, fitting=["content"])


def _unusable(bench: Bench, readings: TagReadings) -> list[str]:
    places = _places(bench)
    problems = [f"{name!r} ({places[name]}) {failure}" for name, failure in readings.failures.items()]
    for name, reading in readings.values.items():
        quality = reading.quality
        if not quality.is_good or quality.is_simulated or quality.is_local_override:
            problems.append(f"{name!r} ({places[name]}) has quality {quality}")
    return problems


def _places(bench: Bench) -> Mapping[str, str]:
    tags = bench.tags
    groups = {"role": tags.roles, "payload": tags.payload_tags, "echo of": tags.echo_tags, "result": tags.result_tags}
    return {tag: f"{kind} {name}" for kind, names in groups.items() for name, tag in names.items()}


def _has_command_under_way(bench: Bench, snapshot: Snapshot) -> bool:
    profile = bench.tags.commit_profile
    phase = profile.phase(snapshot.numbers)
    if phase is CommitPhase.UNDER_WAY:
        return profile.is_commit(snapshot.numbers)
    return phase in {CommitPhase.ANSWERED, CommitPhase.FALLING_BACK}


def _numbers_without_meaning(bench: Bench, before: Snapshot) -> list[int]:
    acknowledged = before.numbers["ack_sequence"]
    following = _next(bench, _next(bench, acknowledged))
    earlier = [acknowledged - 1] if acknowledged else []
    # The acknowledged number comes last, so that what stays in the tag is the harmless one.
    return [*earlier, following, acknowledged]


def _next(bench: Bench, number: int) -> int:
    (following,) = bench.tags.commit_profile.commit({"ack_sequence": number}).values()
    return int(following)
