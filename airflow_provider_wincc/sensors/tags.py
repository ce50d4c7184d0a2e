"""``WinCCTagSensor``: a task that waits until a condition over tags is true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.conditions import Condition
from airflow_provider_wincc.conditions.text import given_condition
from airflow_provider_wincc.sensors.waiting_sensor import WaitingSensor, seconds
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS
from airflow_provider_wincc.waiting import TagWait

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import timedelta

    from airflow_provider_wincc.client.client import WinCCClient
    from airflow_provider_wincc.triggers.tags import WinCCTagTrigger


class WinCCTagSensor(WaitingSensor):
    """Waits for a *level*, not for an edge: until the condition is true, whether it just became so or was for hours.

    In poke, reschedule and deferrable mode it gives the same result, the same errors and the same time-out. The
    result (XCom) is the readings that satisfied the condition: tag → ``value``, ``quality``, ``quality_code``,
    ``timestamp``.

    What happens on failure: a station that is away or busy is waited through, up to ``max_consecutive_failures``
    readings in a row, and so is a tag that is missing from its answers after all have been read once. A refused login,
    a missing permission, a tag that is unknown from the beginning and a value that cannot be compared fail the task at
    once, without retries. A time-out raises ``AirflowSensorTimeout`` and logs which part of the
    condition was not met. ``soft_fail`` turns the time-out, and nothing else, into a skip: a plant that cannot be
    read is an error, not a skip.

    Reschedule mode remembers earlier readings from Airflow 3.3 on, see
    :mod:`airflow_provider_wincc.sensors.reschedule_memory`. Below, ``held_for``, ``changed``, ``alive`` and
    ``fail_if_unknown_for`` are refused in that mode, failures are waited through until the time-out, and a missing tag
    fails the task at once.

    :param condition: what to wait for; see :mod:`airflow_provider_wincc.conditions`. Also as text, which is read when
        the task is defined. It may hold templates.
    :param fail_if: what ends the wait with :class:`WinCCFailConditionMetError` at once, without retries, such as
        "the unit was aborted". Judged by the same readings as ``condition``, and before it: when both are true, the
        task fails. Unknown never fails. Also as text. It may hold templates.
    :param wincc_conn_id: id of the connection. (templated)
    :param fail_if_unknown_for: fail when there was no usable reading (good quality, or as the condition asks) for so
        long; seconds or timedelta.
    :param max_consecutive_failures: failed readings in a row that are waited through, and readings in a row in which a
        tag is missing.
    :param deferrable: wait in the triggerer, where all waiting tasks share one reader per connection, instead of on a
        worker. Default: ``[operators] default_deferrable``. Where the connection has ``allow_deferrable`` false, the
        task is rescheduled instead, at least 10 s later each time; below Airflow 3.3 with ``mode="reschedule"`` and
        where that mode is not refused, else it waits on the worker.
    """

    template_fields: Sequence[str] = ("wincc_conn_id", "condition", "fail_if")
    _unmet = "The condition was not met"

    def __init__(
        self,
        *,
        condition: Condition | str,
        fail_if: Condition | str | None = None,
        fail_if_unknown_for: timedelta | float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.condition = given_condition(condition, where=f"The condition of task {self.task_id!r}")
        self.fail_if = (
            None if fail_if is None else given_condition(fail_if, where=f"The fail_if of task {self.task_id!r}")
        )
        self.fail_if_unknown_for = fail_if_unknown_for
        self._check_arguments()

    def _inputs(self) -> Collection[str]:
        return [*self.condition.tags, *(() if self.fail_if is None else self.fail_if.tags)]

    def _new_wait(self) -> TagWait:
        return TagWait(
            self.condition,
            fail_if=self.fail_if,
            fail_if_unknown_for=seconds(self.fail_if_unknown_for),
            max_consecutive_failures=self._failures_waited_through,
        )

    def _read(self, client: WinCCClient, sources: Collection[str]) -> dict[Any, Any]:
        readings = client.try_read_tags(sources)
        return {**readings.values, **readings.failures}

    def _new_trigger(self, **shared: Any) -> WinCCTagTrigger:
        from airflow_provider_wincc.triggers.tags import WinCCTagTrigger

        return WinCCTagTrigger(
            condition=self.condition.to_json(),
            fail_if=None if self.fail_if is None else self.fail_if.to_json(),
            fail_if_unknown_for=seconds(self.fail_if_unknown_for),
            **shared,
        )

    def _result(self, event: dict[str, Any]) -> dict[str, Any]:
        self.log.info("WinCC condition is met: %r", self.condition)
        readings: dict[str, Any] = event["readings"] or {}
        for name, reading in readings.items():
            self.log.info(
                "WinCC %r = %r (%s, %s)", name, reading.get("value"), reading.get("quality"), reading.get("timestamp")
            )
        return readings

    @property
    def _needs_memory(self) -> bool:
        conditions = [self.condition, *([] if self.fail_if is None else [self.fail_if])]
        return self.fail_if_unknown_for is not None or any(condition.needs_memory for condition in conditions)

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
        unknown_for = seconds(self.fail_if_unknown_for)
        if unknown_for is not None and unknown_for <= 0:
            raise WinCCConfigurationError(
                f"The fail_if_unknown_for of task {self.task_id!r} is {unknown_for:g} s.", hint="Give a positive time."
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
