"""Operators that hand production orders to a unit."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NoReturn

from airflow.providers.common.compat.sdk import conf

from airflow_provider_wincc.client.error_json import error_from_json
from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.client.models import DataType, read_as
from airflow_provider_wincc.erp.tables import ORDERS_TABLE, RESULTS_TABLE
from airflow_provider_wincc.hooks.deferral import SHORTEST_PAUSE, may_defer, wait_on_worker
from airflow_provider_wincc.operators.clear_order import WinCCClearOrderOperator
from airflow_provider_wincc.operators.execution import attempt_of, client_of, fail, run_of
from airflow_provider_wincc.operators.handoff_arguments import check_arguments, check_tag_map
from airflow_provider_wincc.operators.unit_operator import UnitOperator, seconds_of
from airflow_provider_wincc.order_handoff import DEFAULT_TIMEOUTS, HandoffOptions, OrderHandoff, Waiting
from airflow_provider_wincc.orders.decision import HandoffRules, Wait
from airflow_provider_wincc.orders.errors import OrderTakenOverError
from airflow_provider_wincc.orders.order import ProductionOrder
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS, AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.client.settings import StationSettings
    from airflow_provider_wincc.conditions import Condition
    from airflow_provider_wincc.erp.staging import StagingTables
    from airflow_provider_wincc.orders.store import HandoffStore
    from airflow_provider_wincc.orders.tags import OrderHandoffTags

__all__ = ["WinCCClearOrderOperator", "WinCCOrderHandoffOperator"]

# The trigger itself watches the deadline; Airflow's own time-out is for a triggerer that is away.
_GRACE = timedelta(seconds=60)
# Airflow kills a task that a person has ended five seconds after it has told it so.
_LONGEST_SLEEP = 0.5
_LONGEST_END = 3.0


class WinCCOrderHandoffOperator(UnitOperator):
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
    retries fail: a unit that is not free in time, does not answer in time, or cannot be read, and a task that was ended
    (:class:`OrderTaskEndedError`; Airflow does not retry one that a person has marked).

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
    :param on_cancel: what a user's end of the task means for the order: ``leave`` it, ``stop`` or ``abort`` it. On a
        worker, its shutdown and ``execution_timeout`` end the task too.
    :param settle_window: seconds that two equal readings must lie apart to be believed; longer than the update cycle
        of the unit's tags.
    :param poke_interval: seconds between two readings while waiting.
    :param unit_timeout: how long to wait until the unit is free and ready.
    :param run_timeout: how long the order may run.
    :param timeouts: other time-outs by the name of the wait, see :data:`DEFAULT_TIMEOUTS`.
    :param mode: ``poke`` waits on the worker, ``reschedule`` frees it between two readings.
    :param deferrable: wait in the triggerer, where all waiting tasks share one reader per connection. Default:
        ``[operators] default_deferrable``. Where the connection has ``allow_deferrable`` false, the task is rescheduled
        instead, at least 10 s later each time; it waits on the worker with an ``on_cancel`` other than ``leave``, and
        below Airflow 3.3 without ``mode="reschedule"``.
    """

    template_fields: Sequence[str] = (*UnitOperator.template_fields, "payload", "erp_conn_id", "success")
    template_fields_renderers: ClassVar[dict[str, str]] = {"payload": "json"}
    shortest_deferral = SHORTEST_PAUSE

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
        self.unit_timeout = seconds_of(unit_timeout)
        self.run_timeout = seconds_of(run_timeout)
        self.mode = mode
        self.deferrable = deferrable
        self._handoff: OrderHandoff | None = None
        self._settings: StationSettings | None = None
        self._ask_erp: Callable[[], object] | None = None
        # Once the task was ended: what was sent to end the order, in words.
        self._ended: str | None = None
        check_arguments(self)

    @property
    def reschedule(self) -> bool:
        """Whether the task may be rescheduled between two readings; Airflow's scheduler asks."""
        return self.mode == "reschedule"

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
            order, tags = self._checked_input()
            store = self._store(context, order, tags)
            pause = self._pause_on_worker()
            with client_of(self.wincc_conn_id) as client:
                self._settings = client.settings
                self._handoff = OrderHandoff(
                    client,
                    order,
                    tags,
                    self._options(context),
                    store,
                    log=self.log,
                    sleep=self._sleep,
                    ended=lambda: self._ended,
                )
                result = self._go_on(self._handoff, order, tags, context, pause=pause)
                station = client.settings.station
        except WinCCError as error:
            fail(error)
        return {**result, "station": station, **run_of(context)}

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Go on after the trigger: look at the unit, whatever the trigger has seen."""
        if event["status"] == "failed":
            error = error_from_json(event["error"])
            self._tell_erp(str(error))
            fail(error)
        return self._hand_off(context)

    def get_openlineage_facets_on_start(self) -> OperatorLineage[Any, Any]:
        """Return the tags of the unit, for OpenLineage: those that a handoff may write, and those that it reads."""
        from airflow_provider_wincc.operators.lineage import unit_lineage

        tags = self.tag_map()
        return unit_lineage(
            self.wincc_conn_id, tags, roles=("id", "revision", *tags.commit_profile.client_roles, "start", "clear")
        )

    def get_openlineage_facets_on_complete(self, task_instance: object) -> OperatorLineage[Any, Any]:  # noqa: ARG002  Airflow's signature
        """Return the same, and the ERP's tables where the order has a row in them."""
        from airflow_provider_wincc.operators.lineage import table_lineage, tables_of_erp

        lineage = self.get_openlineage_facets_on_start()
        if self.erp_conn_id is None:
            return lineage
        orders, results = tables_of_erp(self.erp_conn_id, self.orders_table, self.results_table)
        return lineage.merge(table_lineage(read=[orders], written=[orders, results]))

    def get_openlineage_facets_on_failure(self, task_instance: object) -> OperatorLineage[Any, Any]:  # noqa: ARG002  Airflow's signature
        """Return the tags of the unit alone: the ERP's database may be what is away."""
        return self.get_openlineage_facets_on_start()

    def on_kill(self) -> None:
        """Send nothing more, and stop or abort the order in the unit, if the task asks for that.

        Airflow calls it when a user ends the task, when the worker is shut down or has lost Airflow, and after
        ``execution_timeout``. It raises nothing: it is called out of a signal's handler, and what that has interrupted
        goes on afterwards.
        """
        # First of all: what was interrupted would otherwise go on to start the order.
        self._ended = "Nothing was sent to end it."
        # What was interrupted may hold a lock, such as that of the log, which is free only when this has returned.
        ending = threading.Thread(target=self._end_order_or_tell, name="wincc-end-order")
        ending.start()
        ending.join(_LONGEST_END)

    def _end_order_or_tell(self) -> None:
        try:
            self._end_order()
        except Exception as failure:  # noqa: BLE001  whatever it is, nobody else would tell it
            self.log.error(  # noqa: TRY400  the error says all that is needed
                "WinCC order %r: the unit was to be told to %s it, because the task was ended, and that may not have "
                "arrived. What to do: look at the unit, and end the order there if need be. %s",
                self.order_id,
                self.on_cancel,
                failure if isinstance(failure, WinCCError) else type(failure).__name__,
            )

    def _end_order(self) -> None:
        writes = self._cancel_writes(self._handoff)
        if not writes or self._settings is None:
            self.log.info("WinCC order %r: nothing is sent, what the unit holds goes on.", self.order_id)
            return
        self._ended = f"Unless another attempt goes on with it, which the ERP was being asked, {writes} is written."
        if self._was_taken_over():
            self._ended = "Nothing was sent to end it, because another attempt goes on with it."
            self.log.info("WinCC order %r: nothing is sent, another attempt goes on with it.", self.order_id)
            return
        from airflow_provider_wincc.client.client import WinCCClient

        self._ended = f"To end it, {writes} was to be written, and that may not have arrived."
        # A signal can come in the middle of anything: neither the session in use nor Airflow's API is asked.
        with WinCCClient(self._settings) as client:
            client.write_tags(writes)
        self._ended = f"To end it, {writes} was written."
        self.log.info("WinCC order %r: %s written, because the task was ended.", self.order_id, writes)

    def _was_taken_over(self) -> bool:
        """Whether another attempt has begun; asked of the ERP alone, since Airflow's API may not answer here.

        :raises ErpUnavailableError: when the ERP cannot be asked.
        """
        if self._ask_erp is None:
            return False
        try:
            self._ask_erp()
        except OrderTakenOverError:
            return True
        return False

    def _sleep(self, seconds: float) -> None:
        """Sleep for seconds, or until the task is ended."""
        until = time.monotonic() + seconds
        while self._ended is None and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LONGEST_SLEEP))

    def _pause_on_worker(self) -> float:
        """Return the seconds between two processes of a task that does not defer; decide whether this one does."""
        if not self.deferrable or may_defer(self):
            return self.poke_interval
        holds_slot_because = None
        if self.on_cancel != "leave":
            holds_slot_because = f"on_cancel={self.on_cancel!r} needs a process that a user can end"
        elif not self.reschedule and not AIRFLOW_V_3_3_PLUS:
            holds_slot_because = "below Airflow 3.3 it is rescheduled with mode='reschedule' only"
        wait_on_worker(self, holds_slot_because=holds_slot_because)
        return max(self.poke_interval, self.shortest_deferral)

    def _go_on(
        self, handoff: OrderHandoff, order: ProductionOrder, tags: OrderHandoffTags, context: Context, *, pause: float
    ) -> dict[str, Any]:
        while isinstance(outcome := handoff.advance(), Waiting):
            # A wait that is over sooner than Airflow bears to start the task again stays in this process.
            if self.deferrable and outcome.deadline - time.time() > self.shortest_deferral:
                handoff.save()
                self._defer(handoff, order, tags, outcome, context)
            if self.reschedule:
                handoff.save()
                _reschedule_in(pause)
            self._sleep(min(self.poke_interval, outcome.deadline - time.time()))
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

        result = handoff.progress.memory.result
        self.defer(
            trigger=WinCCOrderTrigger(
                wincc_conn_id=self.wincc_conn_id,
                order=order.to_json(),
                tags=tags.to_json(),
                rules=rules_to_json(self._rules()),
                document=handoff.progress.to_document(),
                result=None if result is None else dict(result),
                attempt=attempt_of(context),
                waits_for=waiting.wait.value,
                settle=self.settle_window,
                poll_interval=self.poke_interval,
                not_before=time.time() + self.shortest_deferral,
                deadline=waiting.deadline,
                cancel_writes=self._cancel_writes(handoff),
            ),
            method_name="execute_complete",
            timeout=timedelta(seconds=max(0.0, waiting.deadline - time.time())) + _GRACE,
        )

    def _checked_input(self) -> tuple[ProductionOrder, OrderHandoffTags]:
        try:
            tags = self.tag_map()
            check_tag_map(self, tags)
            return self._order(), tags
        except WinCCConfigurationError as error:
            self._tell_erp(str(error))
            raise

    def _tell_erp(self, reason: str) -> None:
        """Write into the order's row why it is not handed over, as far as it has one."""
        if self.erp_conn_id is None or not isinstance(self.order_id, str) or not self.order_id:
            return
        try:
            self._tables().report(self.order_id, reason=reason)
        except WinCCError as failure:
            self.log.warning("WinCC order %r: the ERP could not be told: %s", self.order_id, failure)

    def _order(self) -> ProductionOrder:
        order = ProductionOrder(self.order_id, self.payload, self.whole_revision())
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
            timeouts={**self.all_timeouts(), **own},
            clears=self.erp_conn_id is not None if self.clear is None else self.clear,
            attempt=attempt_of(context),
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
        from airflow_provider_wincc.hooks.staging import owner_of_run

        store = StagingStore(self._tables(), order, unit=tags.unit, owner=owner_of_run(context))
        self._ask_erp = store.check
        return store

    def _tables(self) -> StagingTables:
        # The hooks of databases bring their drivers with them, which parsing a DAG file does not need.
        from airflow_provider_wincc.hooks.staging import erp_tables

        return erp_tables(str(self.erp_conn_id), orders_table=self.orders_table, results_table=self.results_table)

    def _cancel_writes(self, handoff: OrderHandoff | None) -> dict[str, Scalar]:
        number = None if handoff is None else handoff.accepted_number
        if handoff is None or self.on_cancel == "leave" or number is None:
            return {}
        roles = self.tag_map().roles
        # Stop does nothing to an order that is only stored, and would stand in the way of a later start. The unit
        # ignores the command that does not fit by the time it gets them.
        is_to_cancel = self.on_cancel == "stop" and not handoff.has_started
        commands = ("stop", "cancel") if is_to_cancel else (self.on_cancel,)
        return {roles[role]: number for role in commands if role in roles}


def _reschedule_in(seconds: float) -> NoReturn:
    if AIRFLOW_V_3_2_PLUS:
        from airflow.sdk.exceptions import AirflowRescheduleException
    else:
        from airflow.exceptions import AirflowRescheduleException
    raise AirflowRescheduleException(datetime.now(UTC) + timedelta(seconds=seconds))
