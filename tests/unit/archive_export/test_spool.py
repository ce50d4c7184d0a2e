from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.archive_export.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Sequence


def put(batches: Sequence[Sequence[dict[str, int]]]) -> list[Sequence[object]]:
    with Spool() as spool:
        for batch in batches:
            spool.write(batch)
        assert spool.row_count == sum(map(len, batches))
        return list(spool.batches())


def test_batches_come_back_in_order() -> None:
    batches = [[{"row": 1}, {"row": 2}], [{"row": 3}]]

    assert put(batches) == batches


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("rows", [1, 100_000], ids=["when flushed", "while written"])
def test_a_full_disk_is_told_as_what_it_is_also_when_the_file_is_closed(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Path("/dev/full").open("r+b")  # noqa: SIM115  closed by the spool
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: full)

    with pytest.raises(ArchiveTargetError, match=r"No space left on device\. Nothing was written to the table"):
        put([[{"row": number} for number in range(rows)]])

    assert full.closed
