"""Reads Parquet, whose values become the text they would have in a CSV."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from amparo.intake.files import limits
from amparo.intake.files.wanted import Read, Wanted, check_heading
from amparo.intake.files.writing import RowWriter
from amparo.kernel.errors import Refused

_BATCH_ROWS, _BATCH_BYTES = 32_768, 32 << 20
_TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating,
          pa.types.is_decimal, pa.types.is_date, pa.types.is_timestamp, pa.types.is_time, pa.types.is_null)  # fmt: skip
_DAMAGED = (pa.ArrowException, OSError, ValueError, OverflowError)


def read(wanted: Wanted, sha256: str, progress: Callable[[int], None]) -> Read:
    """Write the file's rows as text; a row's line is its number, the first being 1."""
    try:
        source = pq.ParquetFile(wanted.path)
    except _DAMAGED:
        raise Refused("intake-parquet-unreadable", file=wanted.name) from None
    if source.metadata.num_rows > limits.PARQUET_ROWS:
        raise Refused("intake-parquet-too-long", file=wanted.name, most=limits.PARQUET_ROWS)
    heading = source.schema_arrow.names
    check_heading(heading, wanted)
    for field in source.schema_arrow:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if not any(is_text(kind) for is_text in _TEXTS):
            raise Refused("intake-column-nested", file=wanted.name, column=field.name)
    with RowWriter(Path(wanted.into), heading, wanted.name) as writer:
        try:
            for batch in source.iter_batches(batch_size=_batch_rows(source.metadata)):
                lines = pa.array(np.arange(writer.rows + 1, writer.rows + 1 + batch.num_rows))
                texts = [_text(column) for column in batch.columns]
                writer.check_texts(texts, lines)
                writer.write(texts, lines)
                progress(writer.rows)
        except MemoryError:  # Arrow's own is one of its other errors too
            raise
        except _DAMAGED:
            raise Refused("intake-parquet-unreadable", file=wanted.name) from None
        if writer.rows != source.metadata.num_rows:
            raise Refused("intake-parquet-unreadable", file=wanted.name)
        return Read(wanted.name, "parquet", writer.rows, 0, sha256, tuple(heading))


def _batch_rows(said: pq.FileMetaData) -> int:
    """How many rows are read at once: fewer where the file says that they are long."""
    groups = (said.row_group(n) for n in range(min(said.num_row_groups, 1_000)))
    longest = max((each.total_byte_size // max(each.num_rows, 1) for each in groups), default=1)
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(longest, 1)))


def _text(column: pa.Array) -> pa.Array:
    """Write values as text; nothing stays nothing. A time at midnight is the day."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        column = pc.strftime(column, "%Y-%m-%d") if _are_days(column) else column
    return pc.fill_null(column.cast(pa.string()), "")


def _are_days(column: pa.Array) -> bool:
    return bool(pc.all(pc.equal(pc.floor_temporal(column, unit="day"), column)).as_py() is not False)
