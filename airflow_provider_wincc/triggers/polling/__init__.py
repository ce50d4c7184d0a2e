"""The parts of the poller, each with one job; :mod:`airflow_provider_wincc.triggers.poller` is the way in."""

from __future__ import annotations
