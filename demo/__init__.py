"""The demo: a simulated WinCC station, a real Airflow, and one DAG run between them."""

from __future__ import annotations
