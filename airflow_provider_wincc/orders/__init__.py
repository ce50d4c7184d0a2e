"""The handoff of production orders to a unit over tags, as a pure state machine. It imports nothing of Airflow.

An order and the tags of a unit are described by :class:`ProductionOrder` and :class:`OrderHandoffTags`;
:func:`next_step` says what to do next, given a snapshot of the unit and what is remembered. Nothing here sends or
waits: :mod:`airflow_provider_wincc.order_handoff` does.
"""

from __future__ import annotations

from airflow_provider_wincc.orders.decision import next_step
from airflow_provider_wincc.orders.errors import (
    OrderAbortedError,
    OrderError,
    OrderOutcomeUnknownError,
    OrderPayloadMismatchError,
    OrderRefusedError,
    OrderTakenOverError,
    OrderTaskEndedError,
    OrderTimeoutError,
    OrderUnitError,
    OrderUnsuccessfulError,
)
from airflow_provider_wincc.orders.memory import NoteStage, OrderMemory, OrderNote
from airflow_provider_wincc.orders.order import ProductionOrder
from airflow_provider_wincc.orders.outcome import OrderOutcome
from airflow_provider_wincc.orders.snapshot import Snapshot, SnapshotTaker
from airflow_provider_wincc.orders.states import STATE_MAPS, JobState
from airflow_provider_wincc.orders.steps import Action, HandoffRules, Step, Wait
from airflow_provider_wincc.orders.store import HandoffStore, Remembered
from airflow_provider_wincc.orders.tags import STANDARD_NAMES, OrderHandoffTags

__all__ = [
    "STANDARD_NAMES",
    "STATE_MAPS",
    "Action",
    "HandoffRules",
    "HandoffStore",
    "JobState",
    "NoteStage",
    "OrderAbortedError",
    "OrderError",
    "OrderHandoffTags",
    "OrderMemory",
    "OrderNote",
    "OrderOutcome",
    "OrderOutcomeUnknownError",
    "OrderPayloadMismatchError",
    "OrderRefusedError",
    "OrderTakenOverError",
    "OrderTaskEndedError",
    "OrderTimeoutError",
    "OrderUnitError",
    "OrderUnsuccessfulError",
    "ProductionOrder",
    "Remembered",
    "Snapshot",
    "SnapshotTaker",
    "Step",
    "Wait",
    "next_step",
]
