"""Where archives are exported to, behind Airflow connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException
from airflow.sdk import BaseHook, ObjectStoragePath

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.passwords import without_passwords

if TYPE_CHECKING:
    from sqlalchemy import Engine


def storage_folder(path: str, conn_id: str | None) -> ObjectStoragePath:
    """Return a folder or bucket.

    :raises WinCCConfigurationError: when the path is none, or nothing here reaches such a store.
    """
    try:
        folder = ObjectStoragePath(path, conn_id=conn_id)
        # The file system is looked up late otherwise, and its errors would not say what is wrong.
        _ = folder.fs
    except (ValueError, ImportError, TypeError, AirflowException) as error:
        raise WinCCConfigurationError(
            f"The path {without_passwords(str(path))!r} cannot be used: {without_passwords(str(error)).rstrip('.')}.",
            hint="Expected something like file:///data/plant or s3://aws_default@lake/plant. Stores other than file "
            "need their provider on the worker.",
        ) from error
    return folder


def database_hook(sql_conn_id: str) -> Any:
    """Return the hook of a database.

    :raises WinCCConfigurationError: when the connection is none of a database, or its provider is not installed.
    """
    connection = BaseHook.get_connection(sql_conn_id)
    try:
        hook = connection.get_hook()
    except (AirflowException, ImportError) as error:
        raise WinCCConfigurationError(
            f"There is no hook for connection {sql_conn_id!r} of type {connection.conn_type!r}: {error}.",
            hint=f"Install apache-airflow-providers-{connection.conn_type} on the worker.",
        ) from error
    if not hasattr(hook, "get_sqlalchemy_engine"):
        raise WinCCConfigurationError(
            f"Connection {sql_conn_id!r} of type {connection.conn_type!r} is none of a database.",
            hint="Expected one of a provider that builds on Airflow's common.sql, such as postgres or sqlite.",
        )
    return hook


def engine_of(hook: Any) -> Engine:
    """Return SQLAlchemy's engine of a database.

    :raises WinCCConfigurationError: when the hook cannot make one.
    """
    try:
        engine: Engine = hook.get_sqlalchemy_engine()
    except Exception as error:  # noqa: BLE001  drivers raise what they like
        # Left out, because it may quote the password.
        raise WinCCConfigurationError(
            f"There is no engine for the database of {type(hook).__name__} ({type(error).__name__}).",
            hint="Check the fields of the connection, and that the driver for SQLAlchemy is installed on the worker.",
        ) from None
    return engine
