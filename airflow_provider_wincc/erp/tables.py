"""The names of the two tables."""

from __future__ import annotations

import re

from airflow_provider_wincc.client.errors import WinCCConfigurationError

ORDERS_TABLE = "production_orders"
RESULTS_TABLE = "production_results"

# The names go into statements as they are, so nothing but an identifier may pass.
_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]{0,62}"
_SHAPES = {"sqlite": re.compile(_IDENTIFIER), "postgresql": re.compile(rf"({_IDENTIFIER}\.)?{_IDENTIFIER}")}
_EXPECTED = {
    "sqlite": "a plain table name: letters, digits and underscores, at most 63, not beginning with a digit",
    "postgresql": "a table name, alone or as schema.table: letters, digits and underscores, at most 63, not beginning "
    "with a digit",
}


def check_table_name(name: str, dialect: str) -> str:
    """Return the name when it can stand in a statement.

    :raises WinCCConfigurationError: when it cannot; nothing reached the database.
    """
    if not isinstance(name, str) or not _SHAPES[dialect].fullmatch(name):
        raise WinCCConfigurationError(
            f"The table name {name!r} cannot be used on {dialect}.", hint=f"Expected {_EXPECTED[dialect]}."
        )
    return name
