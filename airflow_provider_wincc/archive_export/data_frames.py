"""Archived rows as pandas data frames. Needs pandas and pyarrow, which an extra brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.archive_export.good_numbers import GOOD_CODES

try:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    from airflow_provider_wincc.archive_export.arrow import record_batch_reader
except ImportError as error:
    raise ImportError("Data frames need pandas and pyarrow: pip install 'airflow-provider-wincc[pandas]'.") from error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from airflow_provider_wincc.client.archives.values import ArchiveWindow

_GOOD = pa.array(sorted(GOOD_CODES), pa.uint8())
_WIDE = ["tag", "timestamp", "value"]


def long_frame(windows: Iterable[ArchiveWindow], tags: Sequence[str]) -> pd.DataFrame:
    """Return a row for each archived row, in the columns of a Parquet file.

    The categories of ``tag`` are all of the tags, whether or not they have rows.
    """
    # pandas makes floats of whole numbers with nulls among them otherwise, in which a large one becomes another.
    frame = record_batch_reader(windows, tags).read_all().to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    frame["tag"] = frame["tag"].cat.set_categories(list(tags))
    return frame


def wide_frame(windows: Iterable[ArchiveWindow], tags: Sequence[str]) -> pd.DataFrame:
    """Return a column of numbers for each of the tags, by timestamp.

    Finite numbers of good quality enter, true and false as 1 and 0; of several of a tag at one timestamp the last one,
    in the station's order. Where a tag has none, there is NaN; a timestamp at which no tag has one has no row.
    """
    reader = record_batch_reader(windows, tags)
    schema = pa.schema([reader.schema.field(name) for name in _WIDE])
    rows = pa.Table.from_batches(_good_numbers(reader), schema).to_pandas()
    rows = rows.drop_duplicates(["timestamp", "tag"], keep="last")
    frame = rows.set_index(["timestamp", "tag"])["value"].unstack().reindex(columns=list(tags))
    frame.columns.name = None
    return frame


def _good_numbers(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        # Where there is no number at all, this is null, which drops the row.
        finite = pc.is_finite(batch["value"])
        yield batch.filter(pc.and_(finite, pc.is_in(batch["quality"], _GOOD))).select(_WIDE)
