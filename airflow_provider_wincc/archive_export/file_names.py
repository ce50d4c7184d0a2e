"""What the files of an export are called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_wincc.archive_export.partitions import Partition

FILE_ENDINGS = {"parquet": ".parquet", "csv": ".csv", "json_lines": ".jsonl"}
"""The forms of files, and how their names end."""


def path_of(partition: Partition, file_name: str, ending: str) -> str:
    """Return the path of a partition's file below the folder of the export.

    :param file_name: what the name begins with; what is no letter, digit or one of ``_.()-`` in it becomes ``_``.
    :param ending: one of :data:`FILE_ENDINGS`.
    """
    form = "%Y%m%dT%H%M%S.%fZ" if partition.start.microsecond else "%Y%m%dT%H%M%SZ"
    return f"{partition.path}{re.sub(_NOT_IN_A_NAME, '_', file_name)}_{partition.start.strftime(form)}{ending}"


_NOT_IN_A_NAME = r"[^\w.()-]+"
