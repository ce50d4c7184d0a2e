"""A connection whose tasks do not defer: their waiting is done on the worker."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def connection_without_deferring(conn_id: str = "wincc_default") -> Iterator[str]:
    """Define a connection that is another one with ``allow_deferrable`` false, for a while; give its id."""
    fields = json.loads(os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"])
    extra = {**fields.get("extra", {}), "allow_deferrable": False}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}_ON_WORKER", json.dumps({**fields, "extra": extra}))
        yield f"{conn_id}_on_worker"
