from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from demo.erp import ErpOrder
from demo.orders import DemoOrder
from demo.station import UnitStart
from demo.verdict import complaints

GOOD = DemoOrder("000101", "R-001", 70.0, ends_as="confirmed")
BAD = DemoOrder("000102", "R-404", 50.0, ends_as="failed")
NOW = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
CONFIRMED = ErpOrder("000101", "{}", "confirmed", "successful", NOW.isoformat(), NOW.isoformat())
REFUSED = ErpOrder("000102", "{}", "failed", "Order '000102' was refused: return status 32", NOW.isoformat(), None)
STARTED = UnitStart("000101", GOOD.payload, NOW)


def test_one_order_confirmed_and_started_once_and_one_refused_is_as_it_must_be() -> None:
    assert complaints([GOOD, BAD], [CONFIRMED, REFUSED], [STARTED]) == []


def test_an_order_that_the_erp_does_not_show_as_confirmed_is_told() -> None:
    found = complaints([GOOD], [replace(CONFIRMED, status="claimed")], [STARTED])

    assert found == ["Order 000101 is claimed in the ERP, and should be confirmed."]


def test_an_order_that_is_gone_from_the_erp_is_told() -> None:
    assert complaints([GOOD], [], [STARTED]) == ["Order 000101 is missing in the ERP, and should be confirmed."]


def test_an_order_that_failed_for_another_reason_than_the_units_is_told() -> None:
    found = complaints([BAD], [replace(REFUSED, reason="the station was away")], [])

    assert found == ["Order 000102 failed, but not because the unit refused it: the station was away"]


def test_an_order_that_was_started_twice_is_told() -> None:
    found = complaints([GOOD], [CONFIRMED], [STARTED, STARTED])

    assert found == ["The unit started order 000101 2 times, and should have 1 times."]


def test_a_refused_order_that_was_started_all_the_same_is_told() -> None:
    found = complaints([BAD], [REFUSED], [UnitStart("000102", BAD.payload, NOW)])

    assert found == ["The unit started order 000102 1 times, and should have 0 times."]


def test_a_start_with_the_payload_of_another_order_is_told() -> None:
    (found,) = complaints([GOOD], [CONFIRMED], [replace(STARTED, payload=BAD.payload)])

    assert found.startswith("The unit started order 000101 with {'WorkMaster': 'R-404'")


def test_a_start_of_an_order_that_nobody_released_is_told() -> None:
    found = complaints([GOOD], [CONFIRMED], [STARTED, replace(STARTED, order_id="000999")])

    assert found == ["The unit started 000999, which nobody released."]
