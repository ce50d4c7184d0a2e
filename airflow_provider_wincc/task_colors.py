"""Colours of tasks: one petrol, deeper the more a task changes. Text on each has a contrast of 7 to 1 or more."""

from __future__ import annotations

READS = "#d5ecec"
"""Tasks that look: read, wait, branch, check."""
MOVES = "#a8d8d8"
"""Tasks that carry data out of the station or the ERP."""
WRITES = "#005f5f"
"""Tasks that change the plant."""
TEXT_ON_WRITES = "#ffffff"
"""On the others stands Airflow's own black."""
