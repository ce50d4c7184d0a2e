"""The commands of ``airflow-wincc`` that work with a real station.

They import Airflow only when a station is named by the id of an Airflow connection (``--conn-id``).
"""

from __future__ import annotations
