from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from demo.erp import Erp
from demo.errors import DemoError
from demo.orders import DemoOrder

if TYPE_CHECKING:
    from pathlib import Path

ORDER = DemoOrder("000101", "R-001", 70.0, ends_as="confirmed")


def test_a_released_order_stands_in_the_tables_as_the_erp_wrote_it(tmp_path: Path) -> None:
    erp = Erp(tmp_path / "erp.db")

    erp.release([ORDER], unit="Mixer1")

    (row,) = erp.orders()
    assert (row.order_id, row.status, row.reason, row.recorded_at) == ("000101", "released", "", None)
    assert json.loads(row.payload) == {"WorkMaster": "R-001", "Quantity": 70.0}


def test_each_demo_starts_with_empty_tables(tmp_path: Path) -> None:
    Erp(tmp_path / "erp.db").release([ORDER], unit="Mixer1")

    assert Erp(tmp_path / "erp.db").orders() == []


def test_airflow_gets_the_path_of_the_database(tmp_path: Path) -> None:
    erp = Erp(tmp_path / "erp.db")

    assert json.loads(erp.airflow_connection()) == {"conn_type": "sqlite", "host": str(tmp_path / "erp.db")}


def test_an_order_that_cannot_be_written_is_told_with_the_database(tmp_path: Path) -> None:
    erp = Erp(tmp_path / "erp.db")
    erp.release([ORDER], unit="Mixer1")

    with pytest.raises(DemoError, match=r"The ERP's database .*erp\.db cannot be used: UNIQUE constraint"):
        erp.release([ORDER], unit="Mixer1")


def test_a_file_that_cannot_be_deleted_is_named(tmp_path: Path) -> None:
    (tmp_path / "erp.db").mkdir()

    with pytest.raises(DemoError, match=r"Cannot delete .*erp\.db"):
        Erp(tmp_path / "erp.db")
