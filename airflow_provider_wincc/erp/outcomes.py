"""What can become of an order, and what that makes of its status in the ERP."""

from __future__ import annotations

from typing import Literal

Outcome = Literal["successful", "unsuccessful", "aborted", "refused"]
ReportedStatus = Literal["failed", "needs_decision"]


def status_after(outcome: Outcome) -> Literal["confirmed", "failed"]:
    """Return the status of an order with this outcome."""
    return "confirmed" if outcome == "successful" else "failed"
