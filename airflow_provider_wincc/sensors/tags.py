"""``WinCCTagSensor``: a task that waits until a condition over tags is true."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

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
from airflow_provider_wincc.conditions import Condition
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.sensors.reschedule_memory import kept_between_pokes
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS
from airflow_provider_wincc.waiting import TagWait, WaitOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

_SHORTEST_INTERVAL = 0.1
# The trigger itself watches the deadline and explains; Airflow's own time-out is for a triggerer that is away.
_GRACE = timedelta(seconds=60)
# What Airflow resumes a task with when its trigger crashed or ran out of time.
_TRIGGER_ENDED_WITHOUT_EVENT = "__fail__"
_TRIGGER_TIMED_OUT = "Trigger timeout"


class WinCCTagSensor(BaseSensorOperator):
    """Waits for a *level*, not for an edge: until the condition is true, whether it just became so or was for hours.

    In poke, reschedule and deferrable mode it gives the same result, the same errors and the same time-out. The
    result (XCom) is the readings that satisfied the condition: tag → ``value``, ``quality``, ``quality_code``,
    ``timestamp``.

    What happens on failure: a station that is away or busy is waited through, up to ``max_consecutive_failures``
    readings in a row. A refused login, a missing permission, an unknown tag and a value that cannot be compared
    fail the task at once, without retries. A time-out raises ``AirflowSensorTimeout`` and logs which part of the
    condition was not met. ``soft_fail`` turns the time-out, and nothing else, into a skip: a plant that cannot be
    read is an error, not a skip.

    Reschedule mode remembers earlier readings from Airflow 3.3 on, see
    :mod:`airflow_provider_wincc.sensors.reschedule_memory`. Below, ``held_for``, ``changed``, ``alive`` and
    ``fail_if_unknown_for`` are refused in that mode, and failures are waited through until the time-out.

    :param condition: what to wait for; see :mod:`airflow_provider_wincc.conditions`. It may hold templates.
    :param fail_if: what ends the wait with :class:`WinCCFailConditionMetError` at once, without retries, such as
        "the unit was aborted". Judged by the same readings as ``condition``, and before it: when both are true, the
        task fails. Unknown never fails. It may hold templates.
    :param wincc_conn_id: id of the connection. (templated)
    :param fail_if_unknown_for: fail when there was no usable reading (good quality, or as the condition asks) for so
        long; seconds or timedelta.
    :param max_consecutive_failures: failed readings in a row that are waited through.
    :param deferrable: wait in the triggerer, where all waiting tasks share one reader per connection, instead of on a
        worker. Default: ``[operators] default_deferrable``.
    """

    template_fields: Sequence[str] = ("wincc_conn_id", "condition", "fail_if")
    ui_color = "#d5e8e4"

    def __init__(
        self,
        *,
        condition: Condition,
        fail_if: Condition | None = None,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        fail_if_unknown_for: timedelta | float | None = None,
        max_consecutive_failures: int = 10,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.condition = condition
        self.fail_if = fail_if
        self.wincc_conn_id = wincc_conn_id
        self.fail_if_unknown_for = fail_if_unknown_for
        self.max_consecutive_failures = max_consecutive_failures
        self.deferrable = deferrable
        self._check_arguments()

    def execute(self, context: Context) -> Any:
        """Wait; return the readings that satisfied the condition.

        :raises AirflowSensorTimeout: when the condition was not met in time.
        :raises WinCCError: when the wait failed in a way that a retry can mend.
        :raises AirflowFailException: when it failed in a way that no retry can mend.
        """
        self._wait_state = self._new_wait()
        if self.deferrable:
            return self._poke_once_then_defer()
        if self.reschedule and AIRFLOW_V_3_3_PLUS:
            with kept_between_pokes(self._wait_state, context):
                return self._wait(context)
        return self._wait(context)

    def poke(self, context: Context) -> PokeReturnValue:  # noqa: ARG002  Airflow's signature
        """Read the tags once and judge them; :meth:`execute` calls it.

        :raises AirflowSkipException: of a private kind, when the wait failed.
        """
        outcome = self._observe()
        if outcome is None:
            return PokeReturnValue(is_done=False)
        if outcome.error is not None:
            raise _WaitFailedError(outcome.error)
        return PokeReturnValue(is_done=True, xcom_value=self._met(outcome.readings))

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
            return self._met(event["readings"])
        if event["status"] == "timeout":
            raise self._time_out(event["explanation"])
        raise self._failure(error_from_json(event["error"]))

    def _new_wait(self) -> TagWait:
        return TagWait(
            self.condition,
            fail_if=self.fail_if,
            fail_if_unknown_for=_seconds(self.fail_if_unknown_for),
            max_consecutive_failures=None if self.silent_fail else self.max_consecutive_failures,
        )

    def _wait(self, context: Context) -> Any:
        try:
            return super().execute(context)
        except _WaitFailedError as failed:
            raise self._failure(failed.error) from None
        except (AirflowSensorTimeout, AirflowSkipException):
            raise self._time_out(self._wait_state.explain()) from None

    def _observe(self) -> WaitOutcome | None:
        # The hook brings the whole HTTP stack with it, which parsing a DAG file does not need.
        from airflow_provider_wincc.hooks.wincc import WinCCHook

        try:
            with WinCCHook(self.wincc_conn_id).get_conn() as client:
                readings = client.try_read_tags(self._wait_state.tags)
        except WinCCError as error:
            outcome = self._wait_state.observe_failure(error)
            if outcome is None:
                self.log.warning("Reading failed (%d in a row): %s", self._wait_state.failures, error)
            return outcome
        return self._wait_state.observe({**readings.values, **readings.failures})

    def _poke_once_then_defer(self) -> Any:
        deadline = time.time() + self.timeout
        outcome = self._observe()
        if outcome is not None and outcome.error is not None:
            raise self._failure(outcome.error)
        if outcome is not None:
            return self._met(outcome.readings)
        from airflow_provider_wincc.triggers.tags import WinCCTagTrigger

        self.defer(
            trigger=WinCCTagTrigger(
                wincc_conn_id=self.wincc_conn_id,
                condition=self.condition.to_json(),
                poke_interval=self.poke_interval,
                deadline=deadline,
                fail_if=None if self.fail_if is None else self.fail_if.to_json(),
                fail_if_unknown_for=self._wait_state.fail_if_unknown_for,
                max_consecutive_failures=self._wait_state.max_consecutive_failures,
                exponential_backoff=self.exponential_backoff,
                max_wait=_seconds(self.max_wait),
                state=self._wait_state.to_json(),
            ),
            method_name="execute_complete",
            timeout=timedelta(seconds=self.timeout) + _GRACE,
        )
        return None

    def _met(self, readings: dict[str, Any] | None) -> dict[str, Any]:
        self.log.info("WinCC condition is met: %r", self.condition)
        for name, reading in (readings or {}).items():
            self.log.info(
                "WinCC %r = %r (%s, %s)", name, reading.get("value"), reading.get("quality"), reading.get("timestamp")
            )
        return readings or {}

    def _time_out(self, explanation: str) -> AirflowException:
        message = f"The condition was not met within {self.timeout:g} s.\n{explanation}"
        if self.soft_fail or self.never_fail:
            self.log.warning(message)
            return AirflowSkipException(message)
        return AirflowSensorTimeout(message)

    def _failure(self, error: WinCCError) -> Exception:
        if self.never_fail:
            return AirflowSkipException(f"Skipped, because never_fail is set: {error}")
        return error if error.retryable else AirflowFailException(str(error))

    def _check_arguments(self) -> None:
        if not isinstance(self.condition, Condition):
            raise WinCCConfigurationError(
                f"The condition of task {self.task_id!r} is a {type(self.condition).__name__}.",
                hint='Give an expression such as tag("Tank1.Level") >= 40.',
            )
        if self.fail_if is not None and not isinstance(self.fail_if, Condition):
            raise WinCCConfigurationError(
                f"The fail_if of task {self.task_id!r} is a {type(self.fail_if).__name__}.",
                hint='Give an expression such as tag("Mixer1.State") == "ABORTED", or None.',
            )
        if self.poke_interval < _SHORTEST_INTERVAL:
            raise WinCCConfigurationError(
                f"The poke_interval of task {self.task_id!r} is {self.poke_interval:g} s.",
                hint=f"A station is not read more often than every {_SHORTEST_INTERVAL:g} s.",
            )
        unknown_for = _seconds(self.fail_if_unknown_for)
        if unknown_for is not None and unknown_for <= 0:
            raise WinCCConfigurationError(
                f"The fail_if_unknown_for of task {self.task_id!r} is {unknown_for:g} s.", hint="Give a positive time."
            )
        if self.max_consecutive_failures < 0:
            raise WinCCConfigurationError(
                f"The max_consecutive_failures of task {self.task_id!r} is {self.max_consecutive_failures}.",
                hint="Give 0 to fail at the first failed reading, or more.",
            )
        if self.reschedule and not self.deferrable and not AIRFLOW_V_3_3_PLUS:
            self._refuse_what_needs_memory()

    def _refuse_what_needs_memory(self) -> None:
        for name, condition in (("condition", self.condition), ("fail_if", self.fail_if)):
            if condition is not None and condition.needs_memory:
                raise WinCCConfigurationError(
                    f"The {name} of task {self.task_id!r} uses {', '.join(condition.memory_forms)}, and below Airflow "
                    "3.3 reschedule mode forgets everything between two readings.",
                    hint="Use deferrable=True or mode='poke', or upgrade Airflow.",
                )
        if self.fail_if_unknown_for is not None:
            raise WinCCConfigurationError(
                f"Task {self.task_id!r} has fail_if_unknown_for in reschedule mode, which needs Airflow 3.3 or later.",
                hint="Use deferrable=True or mode='poke', or upgrade Airflow.",
            )


class _WaitFailedError(AirflowSkipException):
    """Carries an error through the base class's loop, which lets a skip pass and bends everything else."""

    def __init__(self, error: WinCCError) -> None:
        super().__init__(str(error))
        self.error = error


def _seconds(duration: timedelta | float | None) -> float | None:
    return duration.total_seconds() if isinstance(duration, timedelta) else duration
