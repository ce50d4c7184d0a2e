"""Decorators that make a Python function a task: ``@task.wincc_write``."""

from __future__ import annotations
