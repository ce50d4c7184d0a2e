"""The arguments of a handoff, checked when the task is defined, and again when its templates are rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.conditions import Condition
from airflow_provider_wincc.operators.execution import check_choice
from airflow_provider_wincc.orders.tags import OrderHandoffTags
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator


def check_arguments(operator: WinCCOrderHandoffOperator) -> None:
    """Check what can be checked when the task is defined.

    :raises WinCCConfigurationError: naming the task, the argument and what was expected.
    """
    check_choice(operator, "wait_for", operator.wait_for, ("stored", "running", "ended"))
    check_choice(operator, "on_cancel", operator.on_cancel, ("leave", "stop", "abort"))
    check_choice(operator, "mode", operator.mode, ("poke", "reschedule"))
    if operator.foreign_results is not None:
        check_choice(operator, "foreign_results", operator.foreign_results, ("collect", "wait"))
    if operator.foreign_results == "collect" and operator.erp_conn_id is None:
        raise WinCCConfigurationError(
            f"Task {operator.task_id!r} is to collect results of other orders, and has no erp_conn_id to put them.",
            hint="Give the connection of the ERP's staging tables, or foreign_results='wait'.",
        )
    for name, argument in (("admit", "unit_timeout"), ("run", "run_timeout")):
        if name in (operator.timeouts or {}):
            raise WinCCConfigurationError(
                f"The timeouts of task {operator.task_id!r} name {name!r}.", hint=f"Give {argument} instead."
            )
    if operator.success is not None and not isinstance(operator.success, Condition):
        raise WinCCConfigurationError(
            f"The success of task {operator.task_id!r} is a {type(operator.success).__name__}.",
            hint='Give an expression such as tag("Mixer1.Order.ActualQuantity") >= 95.',
        )
    if operator.erp_conn_id is None and not AIRFLOW_V_3_3_PLUS:
        raise WinCCConfigurationError(
            f"Task {operator.task_id!r} has nowhere to keep its durable note: Airflow keeps state of tasks from 3.3 "
            "on.",
            hint="Give the connection of the ERP's staging tables in erp_conn_id, or upgrade Airflow.",
        )
    _check_cancel(operator)
    if isinstance(operator.tags, OrderHandoffTags):
        check_tag_map(operator, operator.tags)


def _check_cancel(operator: WinCCOrderHandoffOperator) -> None:
    if operator.on_cancel == "leave":
        return
    if operator.reschedule and not operator.deferrable:
        raise WinCCConfigurationError(
            f"Task {operator.task_id!r} has on_cancel={operator.on_cancel!r} in reschedule mode, where nobody is there "
            "to act between two readings.",
            hint="Use mode='poke' or deferrable=True, or leave the order to the unit (on_cancel='leave').",
        )
    if operator.deferrable and not AIRFLOW_V_3_3_PLUS:
        raise WinCCConfigurationError(
            f"Task {operator.task_id!r} has on_cancel={operator.on_cancel!r} and is deferrable, and below Airflow 3.3 "
            "nobody tells a trigger that a user has ended its task.",
            hint="Use mode='poke', or upgrade Airflow.",
        )


def check_tag_map(operator: WinCCOrderHandoffOperator, tags: OrderHandoffTags) -> None:
    """Check that the tags have what the task needs of them.

    :raises WinCCConfigurationError: naming the task, the unit and what is missing.
    """
    if operator.on_cancel != "leave" and operator.on_cancel not in tags.roles:
        raise WinCCConfigurationError(
            f"Task {operator.task_id!r} has on_cancel={operator.on_cancel!r}, and unit {tags.unit!r} has no tag for "
            "it.",
            hint=f"Give the unit a tag of role {operator.on_cancel!r}, or use on_cancel='leave'.",
        )
    if not tags.has_id_echo and operator.retries:
        raise WinCCConfigurationError(
            f"Task {operator.task_id!r} has retries={operator.retries}, and unit {tags.unit!r} does not say which "
            "order an answer belongs to. A retry could not tell what became of the order, and might start it twice.",
            hint="Set retries=0 and let a person decide, or give the unit the tags AckId and CurrentId.",
        )
    tells = "result" in tags.roles or tags.state_map.implied_results
    if operator.wait_for == "ended" and operator.success is None and not tells:
        raise WinCCConfigurationError(
            f"Task {operator.task_id!r} could not tell whether an order was successful: unit {tags.unit!r} has no tag "
            "of role 'result', and there is no success condition.",
            hint='Give success, such as tag("Mixer1.Order.ActualQuantity") >= 95.',
        )
    if operator.success is not None:
        _check_success(operator, operator.success, tags)


def _check_success(operator: WinCCOrderHandoffOperator, success: Condition, tags: OrderHandoffTags) -> None:
    if success.needs_memory:
        raise WinCCConfigurationError(
            f"The success of task {operator.task_id!r} uses {', '.join(success.memory_forms)}, which one reading "
            "cannot tell.",
            hint="Judge the results as they stand when the order has ended.",
        )
    strangers = [name for name in success.tags if name not in tags.result_tags.values()]
    if strangers and not success.is_templated:
        raise WinCCConfigurationError(
            f"The success of task {operator.task_id!r} looks at {', '.join(map(repr, strangers))}, which are no "
            "results in the tag map.",
            hint="Name these tags in the map's results: only results are kept until the unit is cleared.",
        )
