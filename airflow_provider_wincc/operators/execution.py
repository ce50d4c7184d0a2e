"""What every operator does when it is executed: reach the station, end in Airflow's terms, say which run it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import BaseOperator, Context

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.client.errors import WinCCError


def client_of(wincc_conn_id: str) -> WinCCClient:
    """Return the client of a connection."""
    # The hook brings the whole HTTP stack with it, which parsing a DAG file does not need.
    from airflow_provider_wincc.hooks.wincc import WinCCHook

    return WinCCHook(wincc_conn_id).get_conn()


def fail(error: WinCCError) -> NoReturn:
    """Raise the error; as one without retries where trying again cannot help."""
    if error.retryable:
        raise error
    raise AirflowFailException(str(error)) from error


def check_choice(operator: BaseOperator, argument: str, value: object, choices: Sequence[str]) -> None:
    """Check an argument that is one of a few words.

    :raises WinCCConfigurationError: naming the words.
    """
    if value not in choices:
        raise WinCCConfigurationError(
            f"The {argument} of task {operator.task_id!r} is {value!r}.",
            hint=f"Expected {' or '.join(map(repr, choices))}.",
        )


def check_flag(operator: BaseOperator, argument: str, value: object) -> None:
    """Check an argument that is True or False.

    :raises WinCCConfigurationError: when it is something else.
    """
    # Any text counts as true to Python, "False" and a template that nobody renders among them.
    if not isinstance(value, bool):
        raise WinCCConfigurationError(
            f"The {argument} of task {operator.task_id!r} is {value!r}, not True or False.",
            hint="Give True or False itself. It is no templated field, so neither a template nor another task's output "
            "can stand here; where a run decides, branch to one of two tasks.",
        )


def is_mapped(operator: BaseOperator) -> bool:
    """Whether this is one of the tasks that Airflow makes of a mapped one when it runs, with data as arguments."""
    # Airflow says it nowhere else.
    mapped: bool = operator._BaseOperator__from_mapped  # type: ignore[attr-defined]  # noqa: SLF001
    return mapped


def run_of(context: Context) -> dict[str, Any]:
    """Return which run of which task this is, for the result."""
    task_instance = context["ti"]
    return {
        "dag_id": task_instance.dag_id,
        "run_id": task_instance.run_id,
        "task_id": task_instance.task_id,
        "map_index": task_instance.map_index,
        "try_number": task_instance.try_number,
    }


def attempt_of(context: Context) -> str:
    """Return a name that this try of this task has alone, in whichever process it goes on."""
    return "/".join(str(part) for part in run_of(context).values())
