"""What is an order, and what is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.orders import ProductionOrder


@pytest.mark.parametrize("order_id", ["1", "000012", "PO 4711/2", "Ä-Auftrag", "x" * 254])
def test_an_id_is_kept_as_the_erp_writes_it(order_id: str) -> None:
    assert ProductionOrder(order_id).order_id == order_id


@pytest.mark.parametrize(
    ("order_id", "problem"),
    [
        (12, r"is 12 \(type int\), and not a text\. .*leading zeros stay.*render_template_as_native_obj"),
        (None, r"None \(type NoneType\), and not a text"),
        ("", "is empty"),
        (" 12", "begins or ends with a blank"),
        ("12 ", "begins or ends with a blank"),
        ("12\t", "begins or ends with a blank"),
        ("1\n2", "has a control character in it"),
        ("1\x002", "has a control character in it"),
        ("1\ud8002", "has a control character in it"),
    ],
)
def test_an_id_that_a_controller_would_not_keep_is_refused(order_id: Any, problem: str) -> None:
    with pytest.raises(WinCCConfigurationError) as caught:
        ProductionOrder(order_id)

    assert caught.match(problem)


@pytest.mark.parametrize("revision", [-1, 2**31, 1.0, "1", True, None])
def test_a_revision_that_is_no_whole_number_of_32_bits_is_refused(revision: Any) -> None:
    with pytest.raises(WinCCConfigurationError, match=r"revision of order '12' is .*a whole number from 0"):
        ProductionOrder("12", {}, revision)


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, float("nan"), float("inf"), b"x"])
def test_a_parameter_that_no_tag_can_hold_is_refused_and_named(value: Any) -> None:
    with pytest.raises(WinCCConfigurationError, match="Parameter 'Quantity' of order '12'"):
        ProductionOrder("12", {"Quantity": value})


@pytest.mark.parametrize("name", ["", 7, None])
def test_a_parameter_without_a_name_is_refused(name: Any) -> None:
    with pytest.raises(WinCCConfigurationError, match="names of parameters are texts"):
        ProductionOrder("12", {name: 1})


@pytest.mark.parametrize("payload", ['{"Quantity": 1}', [("Quantity", 1)], None])
def test_a_payload_that_is_no_mapping_is_refused(payload: Any) -> None:
    with pytest.raises(WinCCConfigurationError, match=r"payload of order '12' is a .*render_template_as_native_obj"):
        ProductionOrder("12", payload)


def test_an_order_survives_json() -> None:
    order = ProductionOrder("000012", {"WorkMaster": "R-001", "Quantity": 120.5, "Urgent": True}, 3)

    assert ProductionOrder.from_json(json.loads(json.dumps(order.to_json()))) == order
