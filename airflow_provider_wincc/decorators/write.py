"""``@task.wincc_write``: a function computes values, and the same task writes them safely."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk.bases.decorator import DecoratedOperator, task_decorator_factory

from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.operators.execution import fail
from airflow_provider_wincc.operators.tags import WinCCWriteTagsOperator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS

if AIRFLOW_V_3_2_PLUS:
    from airflow.sdk.bases.decorator import KeywordParameters
else:
    from airflow.utils.operator_helpers import KeywordParameters  # type: ignore[attr-defined]  # there it is defined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow.sdk import Context
    from airflow.sdk.bases.decorator import TaskDecorator


def wincc_write_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> TaskDecorator:
    """Make a function a task that writes what it returns; ``@task.wincc_write`` in a DAG file.

    The function returns what ``values`` of :class:`WinCCWriteTagsOperator` takes: tag → absolute value, or a list of
    such mappings. What it returns is never rendered as a template. Then all is as with that operator: policy, limits,
    interlock and types are checked, each group is sent once and read back, and the result is the receipt.

    What happens on failure: every try of the task calls the function anew, so it must leave nothing behind, and a
    retry may write other values than the try before. A write of unknown outcome is an error of the task, as with the
    operator. A :class:`WinCCError` of the function fails the task with or without retries, as an operator's does; any
    other error is left to ``retries``. A function that raises ``AirflowSkipException`` skips the task.

    :param python_callable: the function, which is not async.
    :param kwargs: arguments of the operator, but for ``values``.
    """
    return task_decorator_factory(
        python_callable=python_callable, decorated_operator_class=WinCCWriteDecoratedOperator, **kwargs
    )


class WinCCWriteDecoratedOperator(DecoratedOperator, WinCCWriteTagsOperator):
    """The operator behind :func:`wincc_write_task`, which is what to use."""

    template_fields: Sequence[str] = (*DecoratedOperator.template_fields, *WinCCWriteTagsOperator.template_fields)
    template_fields_renderers: ClassVar[dict[str, str]] = {
        **DecoratedOperator.template_fields_renderers,
        **WinCCWriteTagsOperator.template_fields_renderers,
    }
    custom_operator_name = "@task.wincc_write"
    # What was computed stands beside the other rendered fields in Airflow's web page.
    overwrite_rtif_after_execution = True

    def __init__(self, *, python_callable: Callable[..., Any], **kwargs: Any) -> None:
        if "values" in kwargs:
            raise WinCCConfigurationError(
                f"The task of function {python_callable.__name__!r} has values of its own.",
                hint="With @task.wincc_write, the function returns the values. Give the argument to a "
                "WinCCWriteTagsOperator.",
            )
        if inspect.iscoroutinefunction(python_callable):
            raise WinCCConfigurationError(
                f"The function {python_callable.__name__!r} is async, and a write happens in one step on the worker.",
                hint="Use a plain function with @task.wincc_write.",
            )
        # Airflow takes it from the function's return type, but it would take the receipt apart.
        kwargs["multiple_outputs"] = False
        super().__init__(python_callable=python_callable, values={}, **kwargs)

    def execute(self, context: Context) -> dict[str, Any]:
        """Call the function, check, write, prove; return the receipt.

        :raises AirflowSkipException: when the function says so, or the interlock and ``when_not_allowed`` do.
        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend.
        """
        try:
            given = {**context, **self.op_kwargs}
            arguments = KeywordParameters.determine(self.python_callable, self.op_args, given).unpacking()
            self.values = self.python_callable(*self.op_args, **arguments)
        except WinCCError as error:
            fail(error)
        receipt: dict[str, Any] = super().execute(context)
        return receipt
