"""Which step of a handoff a request is, told by the tags that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

READ = "read"
OFFER = "offer"
COMMIT = "commit"
START = "start"
CLEAR = "clear"
CANCEL = "cancel"
WRITES = (OFFER, COMMIT, START, CLEAR, CANCEL)
"""The steps that write; giving back the signal of profiles C and D, and asking for permission in B, count as commit."""

_BY_NAME = {
    "Order.Sequence": COMMIT,
    "Order.Request": COMMIT,
    "Order.ClientStatus": COMMIT,
    "Order.Start": START,
    "Order.Clear": CLEAR,
    "Order.Cancel": CANCEL,
}


def step_of(method: str, tags: Collection[str]) -> str:
    """Return the step of a request."""
    if method != "PUT":
        return READ
    names = {tag.partition(".")[2] for tag in tags}
    if names == {"Order.Clear", "Order.Start"}:
        return CLEAR
    return _BY_NAME.get(names.pop(), OFFER) if len(names) == 1 else OFFER


def unit_of(tags: Collection[str]) -> str:
    """Return the unit whose tags a request names; empty when it names none."""
    return next(iter(tags), "").partition(".")[0]
