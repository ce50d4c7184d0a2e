"""``WinCCHook``: an Airflow connection made into a :class:`WinCCClient`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat import connection as compat_connection
from airflow.sdk import BaseHook

from airflow_provider_wincc import connection_form
from airflow_provider_wincc.client.check import check_station
from airflow_provider_wincc.client.client import WinCCClient
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.settings import StationSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Connection


class WinCCHook(BaseHook):
    """Gives access to a WinCC station by the id of an Airflow connection of type ``wincc``.

    Nothing is looked up when the hook is made.

    :param wincc_conn_id: id of the connection.
    """

    conn_name_attr = "wincc_conn_id"
    default_conn_name = connection_form.DEFAULT_CONNECTION_ID
    conn_type = connection_form.CONNECTION_TYPE
    hook_name = connection_form.HOOK_NAME

    def __init__(self, wincc_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.wincc_conn_id = wincc_conn_id
        self._client: WinCCClient | None = None

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Return the fields of the connection form (Airflow 3.1; later versions read the metadata)."""
        return connection_form.connection_form_widgets()

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Return labels and placeholders of the form (Airflow 3.1; later versions read the metadata)."""
        return connection_form.ui_field_behaviour()

    def get_settings(self) -> StationSettings:
        """Return the settings of the station, read from the connection.

        :raises WinCCConfigurationError: naming the field of the connection that cannot be read.
        """
        connection = self.get_connection(self.wincc_conn_id)
        _check_extra(connection)
        return _settings(connection, connection.extra_dejson)

    async def aget_settings(self) -> StationSettings:
        """Return the settings of the station without blocking the event loop; for triggers.

        :raises WinCCConfigurationError: naming the field of the connection that cannot be read.
        """
        connection = await compat_connection.get_async_connection(self.wincc_conn_id)
        _check_extra(connection)
        get_extra = getattr(compat_connection, "get_async_extra_dejson", None)
        if get_extra is None:
            extra = await asyncio.to_thread(lambda: connection.extra_dejson)
        else:
            extra = await get_extra(connection)
        return _settings(connection, extra)

    def get_conn(self) -> WinCCClient:
        """Return the client of the station; the same one each time. Close it when done: it is a context manager.

        :raises WinCCConfigurationError: when the connection cannot be read.
        """
        if self._client is None:
            self._client = WinCCClient(self.get_settings())
        return self._client

    def test_connection(self) -> tuple[bool, str]:
        """Go from the address to a first read; return whether all worked, and which step failed and what to do.

        The button in Airflow's web page runs this on the API server, not on the worker that will do the work.
        """
        try:
            result = check_station(self.get_settings())
        except WinCCConfigurationError as error:
            return False, f"Step 'address' failed: {error}"
        return result.ok, str(result)


def _check_extra(connection: Connection) -> None:
    # Airflow takes an unreadable extra for an empty one, which would drop "verify" and the write policy.
    try:
        extra = json.loads(connection.extra or "{}")
    except ValueError:
        extra = None
    if not isinstance(extra, dict):
        raise WinCCConfigurationError(
            f"The extra of connection {connection.conn_id!r} is not a JSON object.",
            hint='Expected something like {"verify": "/etc/ssl/plant-ca.pem"}.',
        )


def _settings(connection: Connection, extra: Mapping[str, Any]) -> StationSettings:
    try:
        return StationSettings.from_fields(
            host=connection.host,
            port=connection.port,
            schema=connection.schema,
            login=connection.login,
            password=connection.password,
            extra=extra,
        )
    except WinCCConfigurationError as error:
        error.message = f"Connection {connection.conn_id!r}: {error.message}"
        raise
