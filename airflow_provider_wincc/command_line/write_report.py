"""What the command line shows of a write: before it, after it, and where it was not done whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.command_line.readings import quality_cell
from airflow_provider_wincc.command_line.screen import cell, standard_error, standard_output, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_provider_wincc.client.errors import WinCCError
    from airflow_provider_wincc.client.models import Scalar, TagReadings
    from airflow_provider_wincc.safe_write import WriteReceipt


def show_plan(station: str, readings: TagReadings, fitted: Mapping[str, Scalar]) -> None:
    """Show old and new values, on stderr: they belong to the question; what was written goes to stdout."""
    screen = standard_error()
    rows = [
        (
            cell(name),
            cell(readings.values[name].text),
            cell(_text(value), "bold"),
            quality_cell(readings.values[name].quality),
        )
        for name, value in fitted.items()
    ]
    screen.print(f"To be written at {station}:", soft_wrap=True)
    screen.print(table_of(screen, ("tag", "now", "new", "quality now"), rows))


def show_what_became(error: WinCCError) -> None:
    """Show what became of each tag of a write that was not done whole."""
    rows = [
        *((cell(name), cell("written", "green")) for name in error.written),
        *((cell(name), cell(f"refused: {why}", "bold red")) for name, why in getattr(error, "errors", {}).items()),
        *((cell(name), cell("in doubt: may have arrived", "bold red")) for name in getattr(error, "unknown", ())),
        *((cell(name), cell("not sent", "yellow")) for name in error.not_sent),
    ]
    if rows:
        screen = standard_output()
        screen.print(table_of(screen, ("tag", "outcome"), rows))


def show_receipts(receipts: Sequence[WriteReceipt]) -> None:
    """Show what was written, and how sure that is."""
    screen = standard_output()
    rows = [
        (
            cell(receipt.tag),
            cell("-" if receipt.old is None else receipt.old.text),
            cell(_text(receipt.new_value), "bold"),
            cell(receipt.outcome, "green"),
            cell(receipt.confirmed_by),
        )
        for receipt in receipts
    ]
    screen.print(table_of(screen, ("tag", "old", "new", "outcome", "confirmed by"), rows))


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
