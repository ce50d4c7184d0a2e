"""The ERP's side of an order: two tables, and what the handoff does with them. Nothing here needs Airflow.

``production_orders`` is where the ERP releases orders, ``production_results`` is where it finds what became of them.
"""

from __future__ import annotations

from airflow_provider_wincc.erp.ddl import staging_ddl
from airflow_provider_wincc.erp.errors import ErpUnavailableError
from airflow_provider_wincc.erp.staged_order import StagedOrder
from airflow_provider_wincc.erp.staging import StagingTables

__all__ = ["ErpUnavailableError", "StagedOrder", "StagingTables", "staging_ddl"]
