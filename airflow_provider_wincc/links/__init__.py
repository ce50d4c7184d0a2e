"""Links from a task in Airflow's web page."""

from __future__ import annotations
