"""Archived rows and buckets as Arrow record batches of a fixed schema. Needs pyarrow, which an extra brings."""

from __future__ import annotations

from itertools import chain, pairwise, repeat
from typing import TYPE_CHECKING, TypeVar

from airflow_provider_wincc.archive_export.aggregates import Aggregate
from airflow_provider_wincc.archive_export.rows import split_value

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError as error:
    raise ImportError(
        "Parquet files and Arrow need pyarrow: pip install 'airflow-provider-wincc[arrow]'. CSV and JSON lines do not."
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from airflow_provider_wincc.archive_export.aggregates import ResampledValue
    from airflow_provider_wincc.client.archives.values import ArchiveColumns, ArchiveWindow

Item = TypeVar("Item")

_TAG = pa.dictionary(pa.int32(), pa.string())
_MOMENT = pa.timestamp("us", tz="UTC")

ARCHIVE_SCHEMA = pa.schema(
    [
        pa.field("tag", _TAG, nullable=False),
        pa.field("timestamp", _MOMENT, nullable=False),
        pa.field("value", pa.float64()),
        pa.field("text", pa.string()),
        pa.field("quality", pa.uint8(), nullable=False),
        pa.field("flags", pa.int64()),
    ]
)
"""Of rows. ``value`` is the number (1.0 and 0.0 for true and false), ``text`` the text; at most one is not null."""


def resampled_schema(aggregates: Sequence[Aggregate]) -> pa.Schema:
    """Return the schema of buckets: tag, start, end, count, and a column for each aggregate."""
    return pa.schema(
        [
            pa.field("tag", _TAG, nullable=False),
            pa.field("start", _MOMENT, nullable=False),
            pa.field("end", _MOMENT, nullable=False),
            pa.field("count", pa.int64(), nullable=False),
            *(
                pa.field(aggregate.value, pa.int64() if aggregate is Aggregate.GOOD_COUNT else pa.float64())
                for aggregate in aggregates
            ),
        ]
    )


def window_to_batch(window: ArchiveWindow, *, tags: Sequence[str]) -> pa.RecordBatch:
    """Return the rows of a window in time order; those of one timestamp in the order of the tags, then as they came.

    :param tags: all tags of the export; the same for all of its windows, so that all batches share one dictionary.
    """
    columns = window.columns
    numbers, texts = _values(columns)
    batch = pa.RecordBatch.from_arrays(
        [
            _tags(columns, tags),
            _timestamps(columns),
            numbers,
            texts,
            _qualities(columns),
            _flags(columns),
        ],
        schema=ARCHIVE_SCHEMA,
    )
    if not _interleave(columns):
        return batch
    # Arrow's sort is stable: what stands in the order of the tags stays so where timestamps are equal.
    return batch.take(pc.sort_indices(batch["timestamp"].cast(pa.int64())))


def buckets_to_batch(
    buckets: Sequence[ResampledValue], *, tags: Sequence[str], aggregates: Sequence[Aggregate]
) -> pa.RecordBatch:
    """Return buckets in their order.

    :param tags: as in :func:`window_to_batch`.
    """
    schema = resampled_schema(aggregates)
    others = [pa.array([getattr(bucket, field.name) for bucket in buckets], field.type) for field in list(schema)[1:]]
    numbers = _numbers_of(tags)
    tag_column = _in_dictionary(pa.array([numbers[bucket.tag] for bucket in buckets], pa.int32()), tags)
    return pa.RecordBatch.from_arrays([tag_column, *others], schema=schema)


def record_batch_reader(windows: Iterable[ArchiveWindow], tags: Sequence[str]) -> pa.RecordBatchReader:
    """Return a reader that takes a window only when its batch is asked for, and passes over those without rows."""
    return pa.RecordBatchReader.from_batches(ARCHIVE_SCHEMA, _batches(windows, tags))


def _batches(windows: Iterable[ArchiveWindow], tags: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for window in windows:
        if window.row_count:
            yield window_to_batch(window, tags=tags)


def _tags(columns: Sequence[ArchiveColumns], tags: Sequence[str]) -> pa.Array:
    numbers = _numbers_of(tags)
    repeated = (pa.repeat(pa.scalar(numbers[each.tag], pa.int32()), len(each)) for each in columns)
    return _in_dictionary(pa.concat_arrays([pa.array([], pa.int32()), *repeated]), tags)


def _numbers_of(tags: Sequence[str]) -> dict[str, int]:
    return {tag: number for number, tag in enumerate(tags)}


def _in_dictionary(numbers: pa.Array, tags: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(numbers, pa.array(tags, pa.string()))


def _timestamps(columns: Sequence[ArchiveColumns]) -> pa.Array:
    texts = [each.timestamp_texts for each in columns if each.timestamp_texts is not None]
    if len(texts) == len(columns):
        try:
            return pa.array(_chained(texts), pa.string()).cast(_MOMENT)
        except pa.ArrowInvalid:
            pass  # Arrow reads fewer forms of ISO 8601 than Python, and none finer than a microsecond.
    return pa.array(_chained(each.timestamps for each in columns), _MOMENT)


def _values(columns: Sequence[ArchiveColumns]) -> tuple[pa.Array, pa.Array]:
    numbers = [pa.array([], pa.float64())]
    texts = [pa.array([], pa.string())]
    for each in columns:
        try:
            numbers.append(_without_nan(pa.array(each.values, pa.float64())))
            texts.append(pa.nulls(len(each), pa.string()))
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            # A text among them; some versions of Arrow refuse true and false too.
            parted = [split_value(value) for value in each.values]
            numbers.append(pa.array([number for number, _ in parted], pa.float64()))
            texts.append(pa.array([text for _, text in parted], pa.string()))
    return pa.concat_arrays(numbers), pa.concat_arrays(texts)


def _without_nan(numbers: pa.Array) -> pa.Array:
    # Arrow would do it by itself for from_pandas=True, but imports pandas for that, where it is installed.
    is_nan = pc.is_nan(numbers)
    return pc.if_else(is_nan, None, numbers) if pc.any(is_nan).as_py() else numbers


def _qualities(columns: Sequence[ArchiveColumns]) -> pa.Array:
    # Python packs a list of small integers into bytes four times faster than Arrow converts it.
    packed = b"".join(bytes(each.qualities) for each in columns)
    return pa.Array.from_buffers(pa.uint8(), len(packed), [None, pa.py_buffer(packed)])


def _flags(columns: Sequence[ArchiveColumns]) -> pa.Array:
    if all(each.flags is None for each in columns):
        return pa.nulls(sum(map(len, columns)), pa.int64())
    return pa.array(_chained(each.flags or repeat(None, len(each)) for each in columns), pa.int64())


def _chained(parts: Iterable[Iterable[Item]]) -> list[Item]:
    return list(chain.from_iterable(parts))


def _interleave(columns: Sequence[ArchiveColumns]) -> bool:
    ends = [each.moments_at(slice(0, 1)) + each.moments_at(slice(-1, None)) for each in columns]
    return any(earlier[-1] > later[0] for earlier, later in pairwise(ends))
