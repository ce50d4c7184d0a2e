"""How an order is brought to a unit: permission, payload, read-back, commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.orders.commits import CommitPhase
from airflow_provider_wincc.orders.steps import Action, Step, Wait

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.orders.situation import Situation


def offer_step(now: Situation, reason: str) -> Step:
    """Return the next step towards the commit.

    :param reason: why the order may be offered, in words.
    """
    obstacle = _obstacle(now)
    if obstacle:
        return now.wait(Wait.ADMIT, obstacle)
    if now.phase is CommitPhase.NEEDS_PERMISSION:
        return Step(Action.ASK, reason, writes=now.named(now.profile.permission(now.snapshot.numbers)))
    differences = now.offer_differences
    if not differences:
        writes = now.named(now.profile.commit(now.snapshot.numbers))
        return Step(Action.COMMIT, "the payload stands in the tags", writes=writes)
    if now.memory.offered:
        return now.wait(Wait.VERIFY, f"the tags do not show the payload: {'; '.join(differences)}")
    return Step(Action.OFFER, reason, writes=_payload(now))


def _obstacle(now: Situation) -> str:
    if now.phase is CommitPhase.FALLING_BACK:
        return "the unit has not taken back its signal of the last handshake"
    if not now.is_in_production:
        return f"the unit is in mode {now.snapshot.numbers['mode']}, not in production ({now.tags.production_mode})"
    # A unit that holds an order is not ready for another one, but it may take an update of that order.
    if not now.snapshot.numbers.get("ready", 1) and not now.snapshot.holds_an_order:
        return "the unit is not ready"
    return "the unit's heartbeat has not changed yet" if now.snapshot.is_alive is False else ""


def _payload(now: Situation) -> dict[str, Scalar]:
    roles, order = now.tags.roles, now.order
    values: dict[str, Scalar] = {tag: order.payload[name] for name, tag in now.tags.payload_tags.items()}
    values[roles["id"]] = order.order_id
    if "revision" in roles:
        values[roles["revision"]] = order.revision
    return values | {roles[role]: 0 for role in now.tags.methods}
