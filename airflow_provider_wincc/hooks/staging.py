"""The ERP's staging tables behind an Airflow connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException
from airflow.sdk import BaseHook

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.erp.staging import StagingTables
from airflow_provider_wincc.erp.tables import ORDERS_TABLE, RESULTS_TABLE

if TYPE_CHECKING:
    from airflow.sdk import Connection, Context

    from airflow_provider_wincc.erp.dialects import DialectName


def erp_tables(
    erp_conn_id: str, *, orders_table: str = ORDERS_TABLE, results_table: str = RESULTS_TABLE
) -> StagingTables:
    """Return the staging tables of a connection of type ``sqlite`` or ``postgres``.

    The connection is looked up here, the database is not reached before the first call.

    :raises WinCCConfigurationError: when the connection is of another type, or its provider is not installed.
    """
    connection = BaseHook.get_connection(erp_conn_id)
    dialect = _dialect(connection)
    hook = _database_hook(connection)
    return StagingTables(hook.get_conn, dialect=dialect, orders_table=orders_table, results_table=results_table)


def owner_of_run(context: Context) -> str:
    """Return the name under which the tasks of a DAG run claim orders: ``dag_id/run_id``."""
    task_instance = context["ti"]
    return f"{task_instance.dag_id}/{task_instance.run_id}"


_DIALECTS: dict[str, DialectName] = {"sqlite": "sqlite", "postgres": "postgresql"}


def _dialect(connection: Connection) -> DialectName:
    dialect = _DIALECTS.get(connection.conn_type or "")
    if dialect is None:
        raise WinCCConfigurationError(
            f"Connection {connection.conn_id!r} is of type {connection.conn_type!r}.",
            hint=f"The ERP's staging tables need one of type {' or '.join(_DIALECTS)}.",
        )
    return dialect


def _database_hook(connection: Connection) -> Any:
    try:
        return connection.get_hook()
    except (AirflowException, ImportError) as error:
        raise WinCCConfigurationError(
            f"There is no hook for connection {connection.conn_id!r} of type {connection.conn_type!r}: {error}.",
            hint=f"Install apache-airflow-providers-{connection.conn_type} on the worker.",
        ) from error
