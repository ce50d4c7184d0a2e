from __future__ import annotations

from datetime import UTC, datetime

from demo.erp import ErpOrder
from demo.station import UnitEvent
from demo.timeline import timeline

ORDER = ErpOrder("000101", "{}", "confirmed", "", "2026-03-01T06:30:00.000Z", "2026-03-01T06:30:12.500Z")
ENDED = UnitEvent("000101", "ended, successful", datetime(2026, 3, 1, 6, 30, 10, tzinfo=UTC))
CLEARED = UnitEvent("000101", "cleared", datetime(2026, 3, 1, 6, 30, 13, tzinfo=UTC))


def test_what_the_erp_and_the_unit_noted_stands_in_the_order_of_time() -> None:
    moments = timeline([ORDER], [CLEARED, ENDED])

    assert moments == [
        (0.0, "000101", "ERP", "released"),
        (10.0, "000101", "unit", "ended, successful"),
        (12.5, "000101", "ERP", "result recorded, order confirmed"),
        (13.0, "000101", "unit", "cleared"),
    ]


def test_an_order_without_a_result_has_only_its_release() -> None:
    (moment,) = timeline([ErpOrder("000101", "{}", "claimed", "", ORDER.released_at, None)], [])

    assert moment.event == "released"


def test_where_nothing_happened_the_timeline_is_empty() -> None:
    assert timeline([], []) == []
