"""Operators that hand production orders to a unit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow.providers.common.compat.sdk import conf
from airflow.sdk import BaseOperator

from airflow_provider_wincc.client.error_json import error_from_json
from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.client.models import DataType, read_as
from airflow_provider_wincc.conditions import Condition
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.erp.tables import ORDERS_TABLE, RESULTS_TABLE
from airflow_provider_wincc.operators.execution import check_choice, client_of, fail, run_of
from airflow_provider_wincc.order_handoff import (
    DEFAULT_POLL_INTERVAL,
    DEFAULT_SETTLE,
    DEFAULT_TIMEOUTS,
    HandoffOptions,
    OrderHandoff,
    Waiting,
)
from airflow_provider_wincc.orders.decision import HandoffRules, Wait
from airflow_provider_wincc.orders.order import ProductionOrder
from airflow_provider_wincc.orders.outcome import OrderOutcome
from airflow_provider_wincc.orders.store import Remembered
from airflow_provider_wincc.orders.tags import OrderHandoffTags
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.orders.store import HandoffStore

_SHORTEST_INTERVAL = 0.1
# The trigger itself watches the deadline; Airflow's own time-out is for a triggerer that is away.
_GRACE = timedelta(seconds=60)


class _UnitOperator(BaseOperator):
    """What the operators of a unit share: its connection, its tags and the pace of reading."""

    template_fields: Sequence[str] = ("wincc_conn_id", "order_id", "revision", "tags")

    def __init__(
        self,
        *,
        order_id: str,
        tags: OrderHandoffTags | Mapping[str, Any],
        revision: int | str = 0,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        settle_window: timedelta | float = DEFAULT_SETTLE,
        poke_interval: timedelta | float = DEFAULT_POLL_INTERVAL,
        timeouts: Mapping[str, timedelta | float] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.order_id = order_id
        self.tags = tags
        self.revision = revision
        self.wincc_conn_id = wincc_conn_id
        self.settle_window = _seconds(settle_window)
        self.poke_interval = _seconds(poke_interval)
        self.timeouts = timeouts
        self._check_times()

    def _tag_map(self) -> OrderHandoffTags:
        if isinstance(self.tags, OrderHandoffTags):
            return self.tags
        if isinstance(self.tags, Mapping):
            return OrderHandoffTags.from_json(self.tags)
        raise WinCCConfigurationError(
            f"The tags of task {self.task_id!r} are a {type(self.tags).__name__}.",
            hint="Give an OrderHandoffTags, or a mapping of its parameters.",
        )

    def _all_timeouts(self) -> dict[Wait, float]:
        given = {Wait(name): _seconds(limit) for name, limit in (self.timeouts or {}).items()}
        return {**DEFAULT_TIMEOUTS, **given}

    def _whole_revision(self) -> int:
        try:
            return int(str(self.revision))
        except ValueError:
            raise WinCCConfigurationError(
                f"The revision of task {self.task_id!r} is {self.revision!r}.", hint="Give a whole number from 0."
            ) from None

    def _check_times(self) -> None:
        known = [wait.value for wait in Wait]
        for name in self.timeouts or {}:
            check_choice(self, "timeouts", name, known)
        for argument, seconds, least in (
            ("poke_interval", self.poke_interval, _SHORTEST_INTERVAL),
            ("settle_window", self.settle_window, 0.0),
            *((f"time-out {wait!r}", _seconds(limit), 0.0) for wait, limit in (self.timeouts or {}).items()),
        ):
            if seconds < least:
                raise WinCCConfigurationError(
                    f"The {argument} of task {self.task_id!r} is {seconds:g} s.", hint=f"Give at least {least:g} s."
                )


class WinCCOrderHandoffOperator(_UnitOperator):
    """Hands one production order to a unit, and waits until it has come to its end; returns its result.

    Every attempt begins by looking at the unit, and goes on from where it stands: an order that is stored is started,
    one that runs is waited for, one that has ended is collected. So a retry never starts an order twice. The order is
    committed and started in two phases: what the unit has stored is compared before it is started.

    The result (XCom): ``order_id``, ``revision``, ``unit``, ``outcome``, ``state``, ``state_name``, ``job_result``,
    ``job_result_name``, ``sequence`` (the unit's number of the order), ``results`` (name → ``value``, ``quality``,
    ``quality_code``, ``timestamp``), ``times`` (step → ISO 8601 in UTC), ``station``, and the run: ``dag_id``,
    ``run_id``, ``task_id``, ``map_index``, ``try_number``.

    What happens on failure. Without retries fail: a refused order (:class:`OrderRefusedError`), one that was aborted
    or ended without success (:class:`OrderAbortedError`, :class:`OrderUnsuccessfulError`), one of which nobody knows
    whether it ran (:class:`OrderOutcomeUnknownError`: a person decides), one whose id the unit holds with other content
    (:class:`OrderPayloadMismatchError`), and a run that takes longer than ``run_timeout`` (the order goes on). With
    retries fail: a unit that is not free in time, does not answer in time, or cannot be read.

    What must survive the process is kept in the ERP's row of the order when ``erp_conn_id`` is given, else in
    Airflow's task state store (3.3 and later). With ``erp_conn_id`` the result is recorded there in one transaction,
    and then the unit is cleared; without it clear the unit with :class:`WinCCClearOrderOperator` once your own task
    has committed the result.

    :param order_id: the ERP's number, as text. (templated)
    :param payload: parameter → value. (templated, the values)
    :param tags: tags of the unit, or a mapping of the parameters of :class:`OrderHandoffTags`. (templated)
    :param revision: which version of the order this is. (templated)
    :param types: parameter → type (:class:`DataType`), to make a text that a template gives a number again.
    :param wincc_conn_id: id of the WinCC connection. (templated)
    :param erp_conn_id: id of the connection of the ERP's staging tables, ``sqlite`` or ``postgres``. (templated)
    :param orders_table: the ERP's table of orders.
    :param results_table: the ERP's table of results.
    :param wait_for: ``stored`` (somebody else starts it), ``running``, or ``ended``.
    :param one_phase: the unit starts what it accepts. Weaker: what arrived torn is started before anybody compares.
    :param success: when an order that ended was successful, as a condition over its results; the unit's job result
        if left out. (may hold templates)
    :param foreign_results: what to do with the result of another order that stands in the way: ``collect`` it into
        the ERP and clear the unit, or ``wait``. Default: ``collect`` with ``erp_conn_id``, else ``wait``.
    :param update_stored: replace a stored order of a lower revision, if the unit can do that.
    :param clear: clear the unit once the result is recorded. Default: with ``erp_conn_id``.
    :param on_cancel: what a user's end of the task means for the order: ``leave`` it, ``stop`` or ``abort`` it.
    :param settle_window: seconds that two equal readings must lie apart to be believed; longer than the update cycle
        of the unit's tags.
    :param poke_interval: seconds between two readings while waiting.
    :param unit_timeout: how long to wait until the unit is free and ready.
    :param run_timeout: how long the order may run.
    :param timeouts: other time-outs by the name of the wait, see :data:`DEFAULT_TIMEOUTS`.
    :param mode: ``poke`` waits on the worker, ``reschedule`` frees it between two readings.
    :param deferrable: wait in the triggerer, where all waiting tasks share one reader per connection. Default:
        ``[operators] default_deferrable``.
    """

    template_fields: Sequence[str] = (*_UnitOperator.template_fields, "payload", "erp_conn_id", "success")
    template_fields_renderers: ClassVar[dict[str, str]] = {"payload": "json"}
    ui_color = "#f3dcc7"

    def __init__(
        self,
        *,
        payload: Mapping[str, Scalar],
        types: Mapping[str, str] | None = None,
        erp_conn_id: str | None = None,
        orders_table: str = ORDERS_TABLE,
        results_table: str = RESULTS_TABLE,
        wait_for: Literal["stored", "running", "ended"] = "ended",
        one_phase: bool = False,
        success: Condition | None = None,
        foreign_results: Literal["collect", "wait"] | None = None,
        update_stored: bool = False,
        clear: bool | None = None,
        on_cancel: Literal["leave", "stop", "abort"] = "leave",
        unit_timeout: timedelta | float = DEFAULT_TIMEOUTS[Wait.ADMIT],
        run_timeout: timedelta | float = DEFAULT_TIMEOUTS[Wait.RUN],
        mode: Literal["poke", "reschedule"] = "poke",
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.payload = payload
        self.types = types
        self.erp_conn_id = erp_conn_id
        self.orders_table = orders_table
        self.results_table = results_table
        self.wait_for = wait_for
        self.one_phase = one_phase
        self.success = success
        self.foreign_results = foreign_results
        self.update_stored = update_stored
        self.clear = clear
        self.on_cancel = on_cancel
        self.unit_timeout = _seconds(unit_timeout)
        self.run_timeout = _seconds(run_timeout)
        self.mode = mode
        self.deferrable = deferrable
        self._handoff: OrderHandoff | None = None
        self._check_arguments()

    @property
    def reschedule(self) -> bool:
        """Whether the task is rescheduled between two readings; Airflow's scheduler asks."""
        return self.mode == "reschedule" and not self.deferrable

    @classmethod
    def get_serialized_fields(cls) -> frozenset[str]:
        """Return what Airflow's scheduler has to know of the task."""
        fields: frozenset[str] = super().get_serialized_fields()  # type: ignore[no-untyped-call]  # Airflow's
        return fields | {"reschedule"}

    def execute(self, context: Context) -> dict[str, Any]:
        """Hand over and wait; return the result.

        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend.
        """
        return self._hand_off(context)

    def _hand_off(self, context: Context) -> dict[str, Any]:
        try:
            order, tags = self._order(), self._tag_map()
            self._check_tag_map(tags)
            store = self._store(context, order, tags)
            with client_of(self.wincc_conn_id) as client:
                self._handoff = OrderHandoff(client, order, tags, self._options(context), store, log=self.log)
                result = self._go_on(self._handoff, order, tags, context)
                station = client.settings.station
        except WinCCError as error:
            fail(error)
        return {**result, "station": station, **run_of(context)}

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Go on after the trigger: look at the unit, whatever the trigger has seen."""
        if event["status"] == "failed":
            fail(error_from_json(event["error"]))
        return self._hand_off(context)

    def on_kill(self) -> None:
        """Stop or abort the order in the unit, if the task asks for that, when a user ends the task."""
        writes = self._cancel_writes(self._handoff)
        if not writes:
            self.log.info("WinCC order %r: nothing is sent, what the unit holds goes on.", self.order_id)
            return
        with client_of(self.wincc_conn_id) as client:
            client.write_tags(writes)
        self.log.info("WinCC order %r: %s written, because the task was ended.", self.order_id, writes)

    def _go_on(
        self, handoff: OrderHandoff, order: ProductionOrder, tags: OrderHandoffTags, context: Context
    ) -> dict[str, Any]:
        while isinstance(outcome := handoff.advance(), Waiting):
            if self.deferrable:
                handoff.save()
                self._defer(handoff, order, tags, outcome, context)
            if self.reschedule:
                from airflow.sdk.exceptions import AirflowRescheduleException

                handoff.save()
                raise AirflowRescheduleException(datetime.now(UTC) + timedelta(seconds=self.poke_interval))
            time.sleep(max(0.0, min(self.poke_interval, outcome.deadline - time.time())))
        return outcome

    def _defer(
        self,
        handoff: OrderHandoff,
        order: ProductionOrder,
        tags: OrderHandoffTags,
        waiting: Waiting,
        context: Context,
    ) -> None:
        from airflow_provider_wincc.triggers.orders import WinCCOrderTrigger, rules_to_json

        self.defer(
            trigger=WinCCOrderTrigger(
                wincc_conn_id=self.wincc_conn_id,
                order=order.to_json(),
                tags=tags.to_json(),
                rules=rules_to_json(self._rules()),
                document=handoff.progress.to_document(),
                attempt=context["ti"].try_number,
                waits_for=waiting.wait.value,
                settle=self.settle_window,
                poll_interval=self.poke_interval,
                deadline=waiting.deadline,
                cancel_writes=self._cancel_writes(handoff),
            ),
            method_name="execute_complete",
            timeout=timedelta(seconds=max(0.0, waiting.deadline - time.time())) + _GRACE,
        )

    def _order(self) -> ProductionOrder:
        order = ProductionOrder(self.order_id, self.payload, self._whole_revision())
        types = self.types or {}
        strangers = [name for name in types if name not in order.payload]
        if strangers:
            raise WinCCConfigurationError(
                f"The types of task {self.task_id!r} name {', '.join(map(repr, strangers))}, which the payload lacks.",
                hint="Correct the names.",
            )
        return replace(order, payload={**order.payload, **{name: self._typed(name, types[name]) for name in types}})

    def _typed(self, name: str, type_name: str) -> Scalar:
        value = self.payload[name]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        try:
            typed = read_as(text, DataType.parse(type_name))
        except ValueError as error:
            typed, reason = None, str(error)
        else:
            reason = "it is not a finite number"
        if typed is None:
            raise WinCCConfigurationError(
                f"Parameter {name!r} of order {self.order_id!r} is {value!r}, which is no {type_name}: {reason}.",
                hint="Correct the value, or the type in types.",
            )
        return typed

    def _options(self, context: Context) -> HandoffOptions:
        own = {Wait.ADMIT: self.unit_timeout, Wait.RUN: self.run_timeout}
        return HandoffOptions(
            rules=self._rules(),
            settle=self.settle_window,
            poll_interval=self.poke_interval,
            timeouts={**self._all_timeouts(), **own},
            clears=self.erp_conn_id is not None if self.clear is None else self.clear,
            attempt=context["ti"].try_number,
        )

    def _rules(self) -> HandoffRules:
        collects = self.erp_conn_id is not None if self.foreign_results is None else self.foreign_results == "collect"
        return HandoffRules(
            wait_for=self.wait_for,
            one_phase=self.one_phase,
            collects=collects,
            may_update=self.update_stored,
            success=self.success,
        )

    def _store(self, context: Context, order: ProductionOrder, tags: OrderHandoffTags) -> HandoffStore:
        from airflow_provider_wincc.operators.order_stores import StagingStore, TaskStateStore

        if self.erp_conn_id is None:
            return TaskStateStore(context["task_state_store"], order)
        # The hooks of databases bring their drivers with them, which parsing a DAG file does not need.
        from airflow_provider_wincc.hooks.staging import erp_tables, owner_of_run

        tables = erp_tables(self.erp_conn_id, orders_table=self.orders_table, results_table=self.results_table)
        return StagingStore(tables, order, unit=tags.unit, owner=owner_of_run(context))

    def _cancel_writes(self, handoff: OrderHandoff | None) -> dict[str, Scalar]:
        number = None if handoff is None else handoff.accepted_number
        if self.on_cancel == "leave" or number is None:
            return {}
        return {self._tag_map().roles[self.on_cancel]: number}

    def _check_arguments(self) -> None:
        check_choice(self, "wait_for", self.wait_for, ("stored", "running", "ended"))
        check_choice(self, "on_cancel", self.on_cancel, ("leave", "stop", "abort"))
        check_choice(self, "mode", self.mode, ("poke", "reschedule"))
        if self.foreign_results is not None:
            check_choice(self, "foreign_results", self.foreign_results, ("collect", "wait"))
        if self.foreign_results == "collect" and self.erp_conn_id is None:
            raise WinCCConfigurationError(
                f"Task {self.task_id!r} is to collect results of other orders, and has no erp_conn_id to put them.",
                hint="Give the connection of the ERP's staging tables, or foreign_results='wait'.",
            )
        if self.success is not None and not isinstance(self.success, Condition):
            raise WinCCConfigurationError(
                f"The success of task {self.task_id!r} is a {type(self.success).__name__}.",
                hint='Give an expression such as tag("Mixer1.Order.ActualQuantity") >= 95.',
            )
        if self.erp_conn_id is None and not AIRFLOW_V_3_3_PLUS:
            raise WinCCConfigurationError(
                f"Task {self.task_id!r} has nowhere to keep its durable note: Airflow keeps state of tasks from 3.3 "
                "on.",
                hint="Give the connection of the ERP's staging tables in erp_conn_id, or upgrade Airflow.",
            )
        self._check_cancel()
        if isinstance(self.tags, OrderHandoffTags):
            self._check_tag_map(self.tags)

    def _check_cancel(self) -> None:
        if self.on_cancel == "leave":
            return
        if self.reschedule:
            raise WinCCConfigurationError(
                f"Task {self.task_id!r} has on_cancel={self.on_cancel!r} in reschedule mode, where nobody is there to "
                "act between two readings.",
                hint="Use mode='poke' or deferrable=True, or leave the order to the unit (on_cancel='leave').",
            )
        if self.deferrable and not AIRFLOW_V_3_3_PLUS:
            raise WinCCConfigurationError(
                f"Task {self.task_id!r} has on_cancel={self.on_cancel!r} and is deferrable, and below Airflow 3.3 "
                "nobody tells a trigger that a user has ended its task.",
                hint="Use mode='poke', or upgrade Airflow.",
            )

    def _check_tag_map(self, tags: OrderHandoffTags) -> None:
        if self.on_cancel != "leave" and self.on_cancel not in tags.roles:
            raise WinCCConfigurationError(
                f"Task {self.task_id!r} has on_cancel={self.on_cancel!r}, and unit {tags.unit!r} has no tag for it.",
                hint=f"Give the unit a tag of role {self.on_cancel!r}, or use on_cancel='leave'.",
            )
        if not tags.has_id_echo and self.retries:
            raise WinCCConfigurationError(
                f"Task {self.task_id!r} has retries={self.retries}, and unit {tags.unit!r} does not say which order an "
                "answer belongs to. A retry could not tell what became of the order, and might start it twice.",
                hint="Set retries=0 and let a person decide, or give the unit the tags AckId and CurrentId.",
            )
        tells = "result" in tags.roles or tags.state_map.implied_results
        if self.wait_for == "ended" and self.success is None and not tells:
            raise WinCCConfigurationError(
                f"Task {self.task_id!r} could not tell whether an order was successful: unit {tags.unit!r} has no tag "
                "of role 'result', and there is no success condition.",
                hint='Give success, such as tag("Mixer1.Order.ActualQuantity") >= 95.',
            )
        if self.success is not None:
            self._check_success(self.success, tags)

    def _check_success(self, success: Condition, tags: OrderHandoffTags) -> None:
        if success.needs_memory:
            raise WinCCConfigurationError(
                f"The success of task {self.task_id!r} uses {', '.join(success.memory_forms)}, which one reading "
                "cannot tell.",
                hint="Judge the results as they stand when the order has ended.",
            )
        strangers = [name for name in success.tags if name not in tags.result_tags.values()]
        if strangers and not success.is_templated:
            raise WinCCConfigurationError(
                f"The success of task {self.task_id!r} looks at {', '.join(map(repr, strangers))}, which are no "
                "results in the tag map.",
                hint="Name these tags in the map's results: only results are kept until the unit is cleared.",
            )


class WinCCClearOrderOperator(_UnitOperator):
    """Tells a unit that the result of an order is safely stored, so that it becomes free.

    Put it after the task that has committed the result in your ERP. It does nothing when the unit holds another order,
    or none: running it twice is harmless.

    :param order_id: the ERP's number, as text. (templated)
    :param tags: tags of the unit, or a mapping of the parameters of :class:`OrderHandoffTags`. (templated)
    :param revision: which version of the order this is. (templated)
    :param wincc_conn_id: id of the WinCC connection. (templated)
    :param settle_window: seconds that two equal readings must lie apart to be believed.
    :param poke_interval: seconds between two readings while waiting.
    :param timeouts: time-outs by the name of the wait: ``observe``, ``clear``.
    """

    ui_color = "#f3dcc7"

    def execute(self, context: Context) -> dict[str, Any]:
        """Clear; return ``order_id``, ``unit`` and the run.

        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend.
        """
        try:
            tags = self._tag_map()
            order = ProductionOrder(self.order_id, {}, self._whole_revision())
            bare = replace(tags, payload=(), echo=None)
            options = HandoffOptions(
                settle=self.settle_window, poll_interval=self.poke_interval, timeouts=self._all_timeouts()
            )
            with client_of(self.wincc_conn_id) as client:
                handoff = OrderHandoff(client, order, bare, options, _Committed(order, tags), log=self.log)
                while isinstance(waiting := handoff.advance(), Waiting):
                    time.sleep(max(0.0, min(self.poke_interval, waiting.deadline - time.time())))
        except WinCCError as error:
            fail(error)
        return {"order_id": order.order_id, "unit": tags.unit, **run_of(context)}


class _Committed:
    """A store for an order whose result is committed elsewhere."""

    keeps_other_results = False

    def __init__(self, order: ProductionOrder, tags: OrderHandoffTags) -> None:
        self._result = {
            "order_id": order.order_id,
            "revision": order.revision,
            "unit": tags.unit,
            "outcome": OrderOutcome.SUCCESSFUL.value,
            "job_result_name": "committed elsewhere",
            "times": {},
        }

    def begin(self) -> Remembered:
        return Remembered({}, self._result)

    def recall(self) -> Remembered:
        return self.begin()

    def save(self, document: Mapping[str, Any]) -> None:
        """Keep nothing: clearing needs no memory."""

    def record_result(self, result: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002  the protocol's
        return self._result

    def record_other_result(self, order_id: str, result: Mapping[str, Any]) -> None:
        """Keep nothing: other orders are left alone."""

    def knows_done(self, order_id: str) -> bool:  # noqa: ARG002  the protocol's
        return False

    def report(self, reason: str, *, ends: bool, needs_decision: bool = False) -> None:
        """Tell nobody: the task's log and state say it."""


def _seconds(duration: timedelta | float) -> float:
    return duration.total_seconds() if isinstance(duration, timedelta) else float(duration)
