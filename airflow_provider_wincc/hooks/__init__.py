"""Airflow connections made into WinCC clients."""

from __future__ import annotations
