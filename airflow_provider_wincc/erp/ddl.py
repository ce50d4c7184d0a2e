"""The statements that make the staging tables."""

from __future__ import annotations

import re
from importlib.resources import files

from airflow_provider_wincc.erp.dialects import DialectName, dialect_named
from airflow_provider_wincc.erp.tables import ORDERS_TABLE, RESULTS_TABLE, check_table_name


def staging_ddl(
    dialect: DialectName, *, orders_table: str = ORDERS_TABLE, results_table: str = RESULTS_TABLE
) -> list[str]:
    """Return the statements that make both tables and their index, in order; running them again changes nothing.

    They do not alter tables that exist with other columns. The files ``erp/sqlite.sql`` and ``erp/postgresql.sql``
    hold the same statements, for a database administrator.

    :raises WinCCConfigurationError: for another database, or for a name that is no identifier.
    """
    script = files("airflow_provider_wincc.erp").joinpath(f"{dialect_named(dialect).name}.sql").read_text("utf-8")
    names = {
        ORDERS_TABLE: check_table_name(orders_table, dialect),
        RESULTS_TABLE: check_table_name(results_table, dialect),
        # An index lives in the schema of its table and is named without it.
        f"{ORDERS_TABLE}_to_claim": f"{orders_table.rpartition('.')[2]}_to_claim",
    }
    named = re.sub(r"\b(production_\w+)\b", lambda word: names[word[1]], _without_comments(script))
    return [statement.strip() for statement in named.split(";") if statement.strip()]


def _without_comments(script: str) -> str:
    return re.sub(r"^\s*--.*\n", "", script, flags=re.MULTILINE)
