"""A station that shows each tag with a delay of its own, and a unit that writes them in the right order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from order_board import Board, unit_tags

from airflow_provider_wincc.orders import SnapshotTaker

SKEW = 1.0
ROLES = ("ack_id", "return_status", "current_id", "current_sequence", "state", "ack_sequence")
Picture = tuple[Any, ...]
Change = tuple[float, str, str | int]


class SkewedUnit:
    """A unit that answers orders one after the other, and the image of it.

    :param gaps: seconds before each of its writes.
    :param delays: seconds that each of its writes takes to the image, by role.
    """

    def __init__(self, gaps: list[float], delays: dict[str, float]) -> None:
        self.delays = delays
        self.changes: list[Change] = []
        at = 0.0
        for number, gap in enumerate(gaps, start=1):
            at += gap
            order_id = f"{number:06}"
            answer: list[tuple[str, str | int]] = [
                ("ack_id", order_id),
                ("return_status", 1),
                ("current_id", order_id),
                ("current_sequence", number),
                ("state", 1 + number % 4),
                ("ack_sequence", number),
            ]
            # The unit writes in this order, and is quick about it.
            for index, (role, value) in enumerate(answer):
                self.changes.append((at + index * 1e-6, role, value))
        self.pictures = self._pictures()

    def image(self, at: float) -> Picture:
        """What the station shows."""
        values = _nothing()
        for since, role, value in self.changes:
            if since + self.delays[role] <= at:
                values[role] = value
        return tuple(values[role] for role in ROLES)

    def _pictures(self) -> set[Picture]:
        values = _nothing()
        pictures = {tuple(values.values())}
        for _, role, value in self.changes:
            values[role] = value
            pictures.add(tuple(values[name] for name in ROLES))
        return pictures


def _nothing() -> dict[str, str | int]:
    return {role: "" if role.endswith("id") else 0 for role in ROLES}


delays = st.fixed_dictionaries({role: st.floats(min_value=0, max_value=SKEW) for role in ROLES})
gaps = st.lists(st.floats(min_value=0.01, max_value=3 * SKEW), min_size=1, max_size=4)
units = st.builds(SkewedUnit, gaps, delays)
looks = st.lists(st.floats(min_value=0.01, max_value=2 * SKEW), min_size=1, max_size=15)


def shows_a_false_picture(unit: SkewedUnit, times: list[float], settle: float) -> bool:
    """Whether a snapshot comes out that the unit never had."""
    board = Board(unit_tags())
    taker = SnapshotTaker(board.tags, settle)
    at = 0.0
    for gap in times:
        at += gap
        picture = unit.image(at)
        shown: dict[str, Any] = dict(zip(ROLES, picture, strict=True))
        board.show(**shown)
        if taker.take(board.readings(), asked_at=at, answered_at=at) and picture not in unit.pictures:
            return True
    return False


@given(units, looks)
@settings(max_examples=300, deadline=None)
def test_a_snapshot_over_more_than_the_skew_is_a_picture_that_the_unit_really_had(
    unit: SkewedUnit, times: list[float]
) -> None:
    assert not shows_a_false_picture(unit, times, settle=SKEW + 1e-3)


def test_without_a_settle_window_a_snapshot_shows_what_never_was() -> None:
    example = find(
        st.tuples(units, looks),
        lambda found: shows_a_false_picture(found[0], found[1], settle=0.0),
        settings=settings(max_examples=5000, deadline=None),
    )

    assert shows_a_false_picture(example[0], example[1], settle=0.0)


def test_the_search_for_a_false_picture_finds_none_over_more_than_the_skew() -> None:
    with pytest.raises(NoSuchExample):
        find(
            st.tuples(units, looks),
            lambda found: shows_a_false_picture(found[0], found[1], settle=SKEW + 1e-3),
            settings=settings(max_examples=500, deadline=None),
        )
