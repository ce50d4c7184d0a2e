"""Triggers, and the poller that they share."""

from __future__ import annotations
