"""Tags as Airflow assets."""

from __future__ import annotations
