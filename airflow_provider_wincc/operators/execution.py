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
