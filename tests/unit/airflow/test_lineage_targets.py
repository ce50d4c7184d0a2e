"""How a folder and a table are called in lineage: as the providers of others call them, without a login."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.openlineage.utils.utils import translate_airflow_asset
from airflow.sdk import Asset
from sqlalchemy import make_url

from airflow_provider_wincc.operators.lineage import folder_target, table_target


def engine_of(url, default_schema=None):
    """What is looked at of an engine; most of these databases have no driver here."""
    address = make_url(url)
    dialect = SimpleNamespace(name=address.get_backend_name(), default_schema_name=default_schema)
    return SimpleNamespace(url=address, dialect=dialect)


@pytest.mark.parametrize(
    ("written", "uri", "namespace", "name"),
    [
        ("file:///data/plant/", "file:///data/plant", "file", "/data/plant"),
        ("/data/plant", "file:///data/plant", "file", "/data/plant"),
        ("s3://aws_default@lake/plant/line 1", "s3://lake/plant/line 1", "s3://lake", "plant/line 1"),
        ("s3a://lake", "s3://lake/", "s3://lake", "/"),
        ("gcs://key:hunter2@lake/plant", "gs://lake/plant", "gs://lake", "plant"),
        ("abfs://azure@plant/a@b", "abfs://plant/a@b", "abfs://plant", "a@b"),
    ],
)
def test_a_folder_is_named_without_its_connection(written, uri, namespace, name):
    assert folder_target(written) == (uri, namespace, name)


def test_a_folder_that_is_not_absolute_is_named_by_its_whole_path():
    assert folder_target("plant").name == str(Path.cwd() / "plant")


@pytest.mark.parametrize(
    ("engine", "table", "uri", "namespace", "name"),
    [
        (
            engine_of("postgresql+psycopg2://erp:hunter2@db.example/mes", "public"),
            "history",
            "postgres://db.example:5432/mes/public/history",
            "postgres://db.example:5432",
            "mes.public.history",
        ),
        (
            engine_of("postgresql://erp:hunter2@/mes", "public"),
            "plant.history",
            "postgres://localhost:5432/mes/plant/history",
            "postgres://localhost:5432",
            "mes.plant.history",
        ),
        (
            engine_of("mysql+pymysql://erp:hunter2@db:3307/mes", "mes"),
            "history",
            "mysql://db:3307/mes/history",
            "mysql://db:3307",
            "mes.history",
        ),
        (
            engine_of("mysql+pymysql://erp:hunter2@db/mes", "mes"),
            "plant.history",
            "mysql://db:3306/plant/history",
            "mysql://db:3306",
            "plant.history",
        ),
        (
            engine_of("mssql+pymssql://erp:hunter2@db/mes", "dbo"),
            "history",
            "mssql://db:1433/mes/dbo/history",
            "mssql://db:1433",
            "mes.dbo.history",
        ),
        (
            engine_of("sqlite:////data/history.db", "main"),
            "history",
            "sqlite://localhost/data/history.db/history",
            "sqlite:///data/history.db",
            "history",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_is_named_with_its_schema_and_without_a_login(engine, table, uri, namespace, name):
    assert table_target(engine, table) == (uri, namespace, name)


@pytest.mark.parametrize(
    "target",
    [
        folder_target("file:///data/plant"),
        table_target(engine_of("postgresql://erp@db.example/mes", "public"), "history"),
    ],
    ids=["folder", "table"],
)
def test_the_asset_and_the_dataset_of_a_target_are_the_same_to_the_provider_of_its_kind(target):
    asset = Asset(target.uri)

    assert asset.uri == target.uri
    translated = translate_airflow_asset(asset, None)
    if translated is None:
        pytest.skip("this version of the other provider tells OpenLineage nothing of its assets")
    assert (translated.namespace, translated.name) == (target.namespace, target.name)
