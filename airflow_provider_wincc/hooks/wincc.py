"""``WinCCHook``: an Airflow connection made into a :class:`WinCCClient`."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat import connection as compat_connection
from airflow.sdk import BaseHook
from asgiref.sync import sync_to_async

from airflow_provider_wincc import connection_form
from airflow_provider_wincc.client.check import check_station
from airflow_provider_wincc.client.client import WinCCClient
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.settings import StationSettings
from airflow_provider_wincc.hooks.airflow_options import read_allow_deferrable, read_web_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import pandas as pd
    import pyarrow as pa
    from airflow.sdk import Connection

    from airflow_provider_wincc.client.archives.values import ArchiveWindow


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
            # Airflow tells the triggerer of the secrets in it. From any other thread, that would come between the
            # triggerer's own messages, and end it.
            extra = await sync_to_async(lambda: connection.extra_dejson)()
        else:
            extra = await get_extra(connection)
        return _settings(connection, extra)

    def allows_deferring(self) -> bool:
        """Return whether tasks of this connection may leave their waiting to a triggerer (``allow_deferrable``).

        :raises WinCCConfigurationError: when the connection cannot be read.
        """
        connection = self.get_connection(self.wincc_conn_id)
        _check_extra(connection)
        with _naming(connection):
            return read_allow_deferrable(connection.extra_dejson)

    def get_conn(self) -> WinCCClient:
        """Return the client of the station; the same one each time. Close it when done: it is a context manager.

        :raises WinCCConfigurationError: when the connection cannot be read.
        """
        if self._client is None:
            self._client = WinCCClient(self.get_settings())
        return self._client

    def get_archive_df(
        self, archive: str, tags: Sequence[str] | None, start: datetime, end: datetime, *, wide: bool = False
    ) -> pd.DataFrame:
        """Read an archive into a data frame; reported as hook lineage. All of it must fit into memory.

        A row for each archived row, in time order, in the columns of a Parquet file: ``tag`` (a categorical of all
        tags that were read), ``timestamp`` (UTC), ``value`` (a number; true is 1, false is 0), ``text`` (where the
        value is neither), ``quality`` (code), ``flags``.

        Wide, a column of numbers for each tag, with the timestamp as index. Only finite numbers of good quality are
        in it. Of several of a tag at one timestamp the last one stays; where a tag has none, there is NaN.

        :param archive: name of the process value archive.
        :param tags: archive tags, without the archive's name; ``*`` and ``?`` stand for many; None for all.
        :param start: first moment, with its zone.
        :param end: first moment after it, with its zone; not in the future.
        :param wide: whether each tag is a column.
        :raises WinCCConfigurationError: when an argument is wrong, or pandas or pyarrow is not installed.
        :raises WinCCError: when reading failed; a part of the rows is never returned.
        """
        try:
            from airflow_provider_wincc.archive_export.data_frames import long_frame, wide_frame
        except ImportError as error:
            raise _not_installed("A data frame", error, extra="pandas") from error

        names, windows = self._read_archive(archive, tags, start, end)
        return (wide_frame if wide else long_frame)(windows, names)

    def get_archive_batches(
        self, archive: str, tags: Sequence[str] | None, start: datetime, end: datetime
    ) -> pa.RecordBatchReader:
        """Read an archive as Arrow record batches, in bounded memory; reported as hook lineage.

        The station is asked for the rows of a batch when that is taken, and what goes wrong is raised then. Batches
        are in time order. Columns as of :meth:`get_archive_df`; ``tag`` is a dictionary, the same one in all batches.

        :param archive: name of the process value archive.
        :param tags: as of :meth:`get_archive_df`.
        :param start: first moment, with its zone.
        :param end: first moment after it, with its zone; not in the future.
        :raises WinCCConfigurationError: when an argument is wrong, or pyarrow is not installed; at once.
        :raises WinCCError: when the tags of the archive could not be read; at once.
        """
        try:
            from airflow_provider_wincc.archive_export.arrow import record_batch_reader
        except ImportError as error:
            raise _not_installed("Arrow record batches", error, extra="arrow") from error

        names, windows = self._read_archive(archive, tags, start, end)
        return record_batch_reader(windows, names)

    def test_connection(self) -> tuple[bool, str]:
        """Go from the address to a first read; return whether all worked, and which step failed and what to do.

        The button in Airflow's web page runs this on the API server, not on the worker that will do the work.
        """
        try:
            result = check_station(self.get_settings())
        except WinCCConfigurationError as error:
            return False, f"Step 'address' failed: {error}"
        return result.ok, str(result)

    def _read_archive(
        self, archive: str, tags: Sequence[str] | None, start: datetime, end: datetime
    ) -> tuple[tuple[str, ...], Iterator[ArchiveWindow]]:
        from airflow_provider_wincc.archive_export.selection import select_tags
        from airflow_provider_wincc.hooks.archive_lineage import report_archive_read

        client = self.get_conn()
        names = select_tags(client, archive, tags)
        windows = client.read_archive_windows(archive, names, start, end)
        report_archive_read(self, archive, names)
        return names, _closing(client, windows)


def _closing(client: WinCCClient, windows: Iterator[ArchiveWindow]) -> Iterator[ArchiveWindow]:
    with client:
        yield from windows


def _not_installed(what: str, error: ImportError, *, extra: str) -> WinCCConfigurationError:
    return WinCCConfigurationError(
        f"{what} cannot be made here: {error.__cause__ or error}.",
        hint=f"Run pip install 'airflow-provider-wincc[{extra}]' where the task runs.",
    )


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
    with _naming(connection):
        # A connection that is wrong is told of at once, not when a task first wants to defer.
        read_allow_deferrable(extra)
        read_web_page(extra)
        return StationSettings.from_fields(
            host=connection.host,
            port=connection.port,
            schema=connection.schema,
            login=connection.login,
            password=connection.password,
            extra=extra,
        )


@contextmanager
def _naming(connection: Connection) -> Iterator[None]:
    try:
        yield
    except WinCCConfigurationError as error:
        error.message = f"Connection {connection.conn_id!r}: {error.message}"
        raise
