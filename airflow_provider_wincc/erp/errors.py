"""The error of a database that cannot be asked now."""

from __future__ import annotations

from airflow_provider_wincc.client.errors import WinCCError


class ErpUnavailableError(WinCCError):
    """The ERP's database is away, locked or broke off. Every call of the staging tables may be made again.

    Its message has the driver's own words; never the connection string.
    """

    retryable = True
    default_hint = (
        "Is the database on, and reachable from this worker? When it is locked: does another program hold a "
        "transaction open? What was called may be called again; what was committed before is not done twice."
    )
