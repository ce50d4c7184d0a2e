from __future__ import annotations

import pytest

from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS


@pytest.fixture
def airflow_that_keeps_notes() -> None:
    """The orders of these tests have their durable note where only Airflow 3.3 keeps it."""
    if not AIRFLOW_V_3_3_PLUS:
        pytest.skip("Airflow keeps the state of tasks from 3.3 on")
