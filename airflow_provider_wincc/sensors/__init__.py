"""Sensors that wait for plant conditions."""

from __future__ import annotations
