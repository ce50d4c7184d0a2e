"""Operators that read, write and branch on WinCC tags."""

from __future__ import annotations
