"""What all sensors share: the three modes with one judgement, and how a wait ends the task."""

from __future__ import annotations

import time
from abc import abstractmethod
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    conf,
)
from airflow.sdk import BaseOperator, BaseSensorOperator, PokeReturnValue

from airflow_provider_wincc.client.error_json import error_from_json
from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.hooks.deferral import SHORTEST_PAUSE, may_defer, wait_on_worker
from airflow_provider_wincc.links.station import WinCCStationLink
from airflow_provider_wincc.sensors.reschedule_memory import kept_between_pokes
from airflow_provider_wincc.task_colors import READS
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from collections.abc import Collection

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from airflow_provider_wincc.client.client import WinCCClient
    from airflow_provider_wincc.triggers.wait_trigger import Outcome, Wait, WaitTrigger

_SHORTEST_INTERVAL = 0.1
# The trigger itself watches the deadline and explains; Airflow's own time-out is for a triggerer that is away.
_GRACE = timedelta(seconds=60)
# What Airflow resumes a task with when its trigger crashed or ran out of time.
_TRIGGER_ENDED_WITHOUT_EVENT = "__fail__"
_TRIGGER_TIMED_OUT = "Trigger timeout"
_FORGETFUL = (
    "below Airflow 3.3 reschedule mode forgets everything between two readings. With mode='reschedule' it is used for "
    "what needs no memory"
)


class WaitingSensor(BaseSensorOperator):
    """Waits by one judgement, whoever reads; what is waited for, a subclass says.

    :param wincc_conn_id: id of the connection.
    :param max_consecutive_failures: failed readings in a row that are waited through.
    :param deferrable: wait in the triggerer, unless the connection has ``allow_deferrable`` false.
    """

    ui_color = READS
    operator_extra_links = (WinCCStationLink(),)
    shortest_pause = SHORTEST_PAUSE
    """Seconds between two processes of a task that defers, or is rescheduled because its connection says so."""
    _unmet: ClassVar[str]
    """What a time-out begins with, such as "The condition was not met"."""
    _defers_until: float | None = None
    """Time to give up of a wait that may defer, in seconds since 1970; None where it may not."""

    def __init__(
        self,
        *,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        max_consecutive_failures: int = 10,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.wincc_conn_id = wincc_conn_id
        self.max_consecutive_failures = max_consecutive_failures
        self.deferrable = deferrable
        self._check_shared_arguments()

    def execute(self, context: Context) -> Any:
        """Wait; return what was waited for.

        :raises AirflowSensorTimeout: when it did not come in time.
        :raises WinCCError: when the wait failed in a way that a retry can mend.
        :raises AirflowFailException: when it failed in a way that no retry can mend.
        """
        try:
            self._wait_state = self._new_wait()
            defers = may_defer(self)
        except WinCCError as error:
            raise self._failure(error) from None
        except Exception as error:
            if not self.never_fail:
                raise
            raise self._skipped_by(error) from error
        if defers:
            # It begins on the worker, and is at its end there when its time is nearly up.
            self.mode, self._defers_until = "poke", time.time() + self.timeout
        elif self.deferrable:
            self._wait_on_worker()
        if self.reschedule and AIRFLOW_V_3_3_PLUS:
            with kept_between_pokes(self._wait_state, context):
                return self._wait(context)
        return self._wait(context)

    def poke(self, context: Context) -> PokeReturnValue:  # noqa: ARG002  Airflow's signature
        """Read once and judge; :meth:`execute` calls it.

        :raises AirflowSkipException: of a private kind, when the wait failed.
        :raises TaskDeferred: when it goes on in the triggerer.
        """
        outcome = self._observe()
        if outcome is None:
            if self._defers_until is not None:
                self._defer_unless_it_ends_soon(self._defers_until)
            return PokeReturnValue(is_done=False)
        if outcome.error is not None:
            raise _WaitFailedError(outcome.error)
        return PokeReturnValue(is_done=True, xcom_value=self._result(outcome.to_json()))

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """Go on after the trigger.

        The base class would turn a crashed trigger into a skip under ``soft_fail``; a crash is an error.
        """
        if next_method != _TRIGGER_ENDED_WITHOUT_EVENT:
            return BaseOperator.resume_execution(self, next_method, next_kwargs, context)
        reason = (next_kwargs or {}).get("error", "unknown")
        if reason == _TRIGGER_TIMED_OUT:
            raise self._time_out("The triggerer did not say why: it may be down. Look into its log.")
        traceback = "".join((next_kwargs or {}).get("traceback") or [])
        raise self._failure(
            WinCCError(
                f"The trigger failed ({reason}).\n{traceback}", hint="Look into the triggerer's log.", retryable=True
            )
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:  # noqa: ARG002  Airflow's signature
        """Turn the trigger's event into the result, or into the error."""
        if event["status"] == "met":
            return self._result(event)
        if event["status"] == "timeout":
            raise self._time_out(event["explanation"])
        raise self._failure(error_from_json(event["error"]))

    def get_openlineage_facets_on_start(self) -> OperatorLineage[Any, Any]:
        """Return what is looked at while waiting, for OpenLineage."""
        from airflow_provider_wincc.assets.openlineage import tag_lineage

        return tag_lineage(self.wincc_conn_id, read=self._inputs())

    @abstractmethod
    def _inputs(self) -> Collection[str]:
        """Return what is read of the station, as lineage names it."""

    @abstractmethod
    def _new_wait(self) -> Wait:
        """Return the wait at its very beginning.

        :raises WinCCConfigurationError: when an argument was rendered to something that is wrong.
        """

    @abstractmethod
    def _read(self, client: WinCCClient, sources: Collection[Any]) -> dict[Any, Any]:
        """Read what the wait asks for."""

    @abstractmethod
    def _new_trigger(self, **shared: Any) -> WaitTrigger:
        """Return the trigger that goes on with the wait.

        :param shared: the arguments that all triggers have.
        """

    @abstractmethod
    def _result(self, event: dict[str, Any]) -> Any:
        """Log and return what was waited for, out of the event with the status ``met``."""

    def _wait_on_worker(self) -> None:
        can_be_rescheduled = AIRFLOW_V_3_3_PLUS or (self.reschedule and not self._needs_memory)
        wait_on_worker(self, holds_slot_because=None if can_be_rescheduled else _FORGETFUL)
        if self.reschedule:
            # The first pause of a backoff may be half of the interval.
            shortest = self.shortest_pause * (2 if self.exponential_backoff else 1)
            self.poke_interval = max(self.poke_interval, shortest)
            if self.max_wait is not None:
                self.max_wait = max(self.max_wait, timedelta(seconds=self.shortest_pause))

    @property
    def _needs_memory(self) -> bool:
        """Whether the wait depends on what was read before, other than failures."""
        return False

    def _wait(self, context: Context) -> Any:
        try:
            return super().execute(context)
        except _WaitFailedError as failed:
            raise self._failure(failed.error) from None
        except AirflowSensorTimeout:
            raise self._time_out(self._wait_state.explain()) from None
        except AirflowSkipException as skip:
            # The base class has made any error a skip that never_fail or soft_fail is about; the time-out has no cause.
            cause = skip.__cause__
            if cause is None or isinstance(cause, AirflowSensorTimeout):
                raise self._time_out(self._wait_state.explain()) from None
            raise self._skipped_by(cause) from cause

    def _observe(self) -> Outcome | None:
        # The hook brings the whole HTTP stack with it, which parsing a DAG file does not need.
        from airflow_provider_wincc.hooks.wincc import WinCCHook

        try:
            with WinCCHook(self.wincc_conn_id).get_conn() as client:
                readings = self._read(client, self._wait_state.tags)
        except WinCCError as error:
            outcome = self._wait_state.observe_failure(error)
            if outcome is None:
                self.log.warning("Reading failed (%d in a row): %s", self._wait_state.failures, error)
            return outcome
        return self._wait_state.observe(readings)

    def _defer_unless_it_ends_soon(self, deadline: float) -> None:
        left = deadline - time.time()
        if left > self.shortest_pause:
            self.defer(
                trigger=self._new_trigger(
                    wincc_conn_id=self.wincc_conn_id,
                    poke_interval=self.poke_interval,
                    deadline=deadline,
                    max_consecutive_failures=self._wait_state.max_consecutive_failures,
                    exponential_backoff=self.exponential_backoff,
                    max_wait=seconds(self.max_wait),
                    state=self._wait_state.to_json(),
                    not_before=time.time() + self.shortest_pause,
                ),
                method_name="execute_complete",
                timeout=timedelta(seconds=self.timeout) + _GRACE,
            )
        # A wait that is over sooner than Airflow bears to start the task again stays in this process. The base class
        # looks at the time after a pause only, which must not be longer than what is left.
        self.poke_interval = min(self.poke_interval, max(0.0, left) + _SHORTEST_INTERVAL)

    @property
    def _failures_waited_through(self) -> int | None:
        return None if self.silent_fail else self.max_consecutive_failures

    def _time_out(self, explanation: str) -> AirflowException:
        message = f"{self._unmet} within {self.timeout:g} s.\n{explanation}"
        if self.soft_fail or self.never_fail:
            self.log.warning(message)
            return AirflowSkipException(message)
        return AirflowSensorTimeout(message)

    def _failure(self, error: WinCCError) -> Exception:
        if self.never_fail:
            return AirflowSkipException(f"Skipped, because never_fail is set: {error}")
        return error if error.retryable else AirflowFailException(str(error))

    def _skipped_by(self, cause: BaseException) -> AirflowSkipException:
        flag = "soft_fail" if self.soft_fail else "never_fail"
        self.log.error("Skipped, because %s is set.", flag, exc_info=cause)
        return AirflowSkipException(f"Skipped, because {flag} is set: {cause!r}")

    def _check_shared_arguments(self) -> None:
        if self.poke_interval < _SHORTEST_INTERVAL:
            raise WinCCConfigurationError(
                f"The poke_interval of task {self.task_id!r} is {self.poke_interval:g} s.",
                hint=f"A station is not read more often than every {_SHORTEST_INTERVAL:g} s.",
            )
        if self.max_consecutive_failures < 0:
            raise WinCCConfigurationError(
                f"The max_consecutive_failures of task {self.task_id!r} is {self.max_consecutive_failures}.",
                hint="Give 0 to fail at the first failed reading, or more.",
            )


def seconds(duration: timedelta | float | None) -> float | None:
    """Return a duration in seconds."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration


class _WaitFailedError(AirflowSkipException):
    """Carries an error through the base class's loop, which lets a skip pass and bends everything else."""

    def __init__(self, error: WinCCError) -> None:
        super().__init__(str(error))
        self.error = error
