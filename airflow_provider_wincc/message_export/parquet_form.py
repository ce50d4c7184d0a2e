"""Messages as a Parquet file of a fixed schema. Needs pyarrow, which an extra brings."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from airflow_provider_wincc.message_export.columns import COLUMNS, ColumnKind, cells_of

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError as error:
    raise ImportError(
        "Parquet files need pyarrow: pip install 'airflow-provider-wincc[arrow]'. CSV and JSON lines do not."
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_provider_wincc.client.messages.values import Message

_TYPES = {
    ColumnKind.TEXT: pa.string(),
    ColumnKind.WHOLE_NUMBER: pa.int64(),
    ColumnKind.NUMBER: pa.float64(),
    ColumnKind.MOMENT: pa.timestamp("ms", tz="UTC"),
}

MESSAGE_SCHEMA = pa.schema(
    [pa.field(name, _TYPES[kind], nullable=kind is not ColumnKind.MOMENT) for name, kind in COLUMNS.items()]
)
"""The same whatever the messages have; see :data:`~airflow_provider_wincc.message_export.columns.COLUMNS`."""


def parquet_bytes(messages: Iterable[Message], facts: Mapping[str, str]) -> bytes:
    """Return a Parquet file of the :data:`MESSAGE_SCHEMA`, with the facts in its key-value metadata."""
    rows = [cells_of(message) for message in messages]
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows, MESSAGE_SCHEMA.with_metadata(dict(facts))), file, compression="zstd")
    return file.getvalue()
