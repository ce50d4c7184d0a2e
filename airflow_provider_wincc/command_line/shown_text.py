"""Texts from the plant, made safe to show on a terminal."""

from __future__ import annotations

from airflow_provider_wincc.client.quotations import printable as shown

__all__ = ["shown", "shown_lines"]


def shown_lines(text: str) -> str:
    """Return a text of our own, that may quote some of the plant's, in the same way; its line breaks stay."""
    return "\n".join(map(shown, text.split("\n")))
