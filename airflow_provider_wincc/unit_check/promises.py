"""What a unit promises; each check belongs to one of these. ``docs/order-handoff-unit.md`` has them in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


PROMISES: Mapping[int, str] = {
    1: "Act on the next command only",
    2: "Copy first, decide, answer last",
    3: "Take each id once",
    4: "Check everything yourself",
    5: "Start by command only",
    6: "Keep the result until Clear",
    7: "Remember over a restart, and start nothing by yourself",
    8: "Show a true picture",
}
"""Number → promise, as the page numbers them."""
