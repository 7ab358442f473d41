"""Reads Parquet, whose values become the text they would have in a CSV."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from amparo.intake.files.wanted import Read, Wanted, check_heading
from amparo.intake.files.writing import RowWriter
from amparo.kernel.errors import Refused

_BATCH = 32_768


def read(wanted: Wanted, sha256: str, progress: Callable[[int], None]) -> Read:
    """Write the file's rows as text; a row's line is its number, the first being 1."""
    try:
        source = pq.ParquetFile(wanted.path)
    except (pa.ArrowInvalid, OSError):
        raise Refused("intake-parquet-unreadable", file=wanted.name) from None
    heading = source.schema_arrow.names
    check_heading(heading, wanted)
    for field in source.schema_arrow:
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            raise Refused("intake-column-nested", file=wanted.name, column=field.name)
    with RowWriter(Path(wanted.into), heading, wanted.name) as writer:
        try:
            for batch in source.iter_batches(batch_size=_BATCH):
                lines = pa.array(np.arange(writer.rows + 1, writer.rows + 1 + batch.num_rows))
                writer.write([_text(column) for column in batch.columns], lines)
                progress(writer.rows)
        except (pa.ArrowInvalid, OSError):
            raise Refused("intake-parquet-unreadable", file=wanted.name) from None
        return Read(wanted.name, "parquet", writer.rows, 0, sha256, tuple(heading))


def _text(column: pa.Array) -> pa.Array:
    """Write values as text; nothing stays nothing. A time at midnight is the day."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        column = pc.strftime(column, "%Y-%m-%d") if _are_days(column) else column
    return pc.fill_null(column.cast(pa.string()), "")


def _are_days(column: pa.Array) -> bool:
    return bool(pc.all(pc.equal(pc.floor_temporal(column, unit="day"), column)).as_py() is not False)
