"""What exports and handoffs read and write, for Airflow's hook lineage and for OpenLineage."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.providers.openlineage.extractors import OperatorLineage
    from sqlalchemy import Engine

    from airflow_provider_wincc.orders.tags import OrderHandoffTags

_log = logging.getLogger(__name__)


class Target(NamedTuple):
    """Where an export has written, without any login.

    :param uri: of the asset, as Airflow's providers write it.
    :param namespace: of the dataset, as OpenLineage's naming of datasets has it.
    :param name: of the dataset.
    """

    uri: str
    namespace: str
    name: str


def folder_target(uri: str) -> Target:
    """Return the target that a folder or bucket is.

    :param uri: as Airflow's ``ObjectStoragePath`` writes it; what stands before an @ is the id of a connection.
    """
    scheme, _, rest = uri.rpartition("://")
    if scheme in _LOCAL:
        path = Path(rest).absolute().as_posix()
        return Target(f"file://{path}", "file", path)
    place, _, path = rest.partition("/")
    server = f"{_STORES.get(scheme, scheme)}://{place.rpartition('@')[2]}"
    key = path.strip("/")
    return Target(f"{server}/{key}", server, key or "/")


def table_target(engine: Engine, table: str) -> Target:
    """Return the target that a table is, once the engine has been connected.

    :param table: with its schema in front, or of the schema that the database takes by default.
    """
    schema, _, name = table.rpartition(".")
    database, kind = engine.url.database or "", engine.dialect.name
    if kind == "sqlite":
        # Airflow takes the slashes away where no host stands behind them.
        return Target(f"sqlite://localhost{quote(database)}/{name}", f"sqlite://{database}", name)
    if kind in _SCHEMA_IS_DATABASE:
        parts = [schema or database, name]
    else:
        parts = [database, schema or engine.dialect.default_schema_name or "", name]
    parts = [part for part in parts if part]
    server = _server(engine, _SCHEMES.get(kind, kind))
    return Target(f"{server}/{'/'.join(quote(part, safe='') for part in parts)}", server, ".".join(parts))


def report_export(wincc_conn_id: str, names: Sequence[str], target: Target, writer: Any) -> None:
    """Tell Airflow's hook lineage.

    :param names: what was read of the station, as lineage names it.
    :param writer: the hook or path that has written.
    """
    # Not at the top: parsing a DAG file needs neither Airflow's collector nor the HTTP stack that the hook brings.
    from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector

    from airflow_provider_wincc.hooks.lineage import report_inputs
    from airflow_provider_wincc.hooks.wincc import WinCCHook

    report_inputs(WinCCHook(wincc_conn_id), names)
    try:
        get_hook_lineage_collector().add_output_asset(context=writer, uri=target.uri)
    except ValueError as error:
        # The provider of the target may ask more of a URI. The export itself is done.
        _log.warning("Airflow's lineage misses the output %s: %s", target.uri, error)


def openlineage_of(wincc_conn_id: str, names: Sequence[str], targets: Sequence[Target]) -> OperatorLineage[Any, Any]:
    """Return the same for OpenLineage."""
    from airflow_provider_wincc.assets.openlineage import tag_lineage

    return tag_lineage(wincc_conn_id, read=names).merge(table_lineage(written=targets))


def unit_lineage(wincc_conn_id: str, tags: OrderHandoffTags, *, roles: Sequence[str]) -> OperatorLineage[Any, Any]:
    """Return what a task reads and writes of a unit.

    :param roles: what is written, besides the payload; all other tags of the unit are read.
    """
    from airflow_provider_wincc.assets.openlineage import tag_lineage

    written = [*tags.payload_tags.values(), *(tags.roles[role] for role in roles if role in tags.roles)]
    return tag_lineage(wincc_conn_id, read=[tag for tag in tags.tags if tag not in written], written=written)


def table_lineage(*, read: Sequence[Target] = (), written: Sequence[Target] = ()) -> OperatorLineage[Any, Any]:
    """Return what a task reads and writes elsewhere than at the station."""
    from airflow.providers.common.compat.openlineage.facet import Dataset
    from airflow.providers.openlineage.extractors import OperatorLineage

    inputs, outputs = (
        [Dataset(namespace=target.namespace, name=target.name) for target in targets] for targets in (read, written)
    )
    return OperatorLineage(inputs=inputs, outputs=outputs)


def tables_of_erp(erp_conn_id: str, *tables: str) -> list[Target]:
    """Return the targets that tables of the ERP are; its database is reached, to learn the schema it takes by default.

    :raises WinCCConfigurationError: when the connection is none of a database.
    :raises sqlalchemy.exc.SQLAlchemyError: when it is not reached.
    """
    from airflow_provider_wincc.hooks.archive_targets import database_hook, engine_of

    engine = engine_of(database_hook(erp_conn_id))
    try:
        with engine.connect():
            return [table_target(engine, table) for table in tables]
    finally:
        engine.dispose()


def _server(engine: Engine, scheme: str) -> str:
    # Without a host, drivers take a socket of this machine.
    host = engine.url.host or "localhost"
    port = engine.url.port or _PORTS.get(scheme)
    return f"{scheme}://{host}" if port is None else f"{scheme}://{host}:{port}"


_LOCAL = {"", "file", "local"}
# OpenLineage, unlike the libraries, says gs, s3 and postgres.
_STORES = {"gcs": "gs", "s3a": "s3", "s3n": "s3"}
_SCHEMES = {"postgresql": "postgres"}
_PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}
_SCHEMA_IS_DATABASE = {"mysql", "mariadb"}
