"""Writes what was read: Parquet of text columns, with the line each row stood on."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from amparo.intake.files import limits
from amparo.intake.files.wanted import LINE
from amparo.kernel.errors import Refused

_ROWS_PER_GROUP, _BYTES_PER_GROUP = 1 << 16, 256 << 20


class RowWriter:
    """Gathers batches into row groups large enough to be read by several threads, and small enough for memory."""

    def __init__(self, path: Path, heading: Sequence[str], file: str) -> None:
        self.schema = pa.schema([(LINE, pa.int64()), *((name, pa.string()) for name in heading)])
        self.file = file
        self.rows = 0
        self._held: list[pa.RecordBatch] = []
        self._held_rows = self._held_bytes = 0
        self._writer = pq.ParquetWriter(path, self.schema, compression="lz4")

    def write(self, columns: Sequence[pa.Array], lines: pa.Array) -> None:
        self._check_cells(columns, lines)
        self._held.append(pa.RecordBatch.from_arrays([lines, *columns], schema=self.schema))
        self._held_rows += len(lines)
        self._held_bytes += self._held[-1].nbytes
        self.rows += len(lines)
        if self._held_rows >= _ROWS_PER_GROUP or self._held_bytes >= _BYTES_PER_GROUP:
            self._flush()

    def check_texts(self, columns: Sequence[pa.Array], lines: pa.Array) -> None:
        """Refuse a NUL character, which no database takes. Raises ArrowInvalid for text that is not UTF-8 within."""
        for column in columns:
            column.validate(full=True)
            if pc.any(pc.match_substring(column, "\0")).as_py():
                raise Refused("intake-text-nul", file=self.file, line=_first(pc.match_substring(column, "\0"), lines))

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(pa.Table.from_batches(self._held), row_group_size=_ROWS_PER_GROUP)
        self._held, self._held_rows, self._held_bytes = [], 0, 0

    def _check_cells(self, columns: Sequence[pa.Array], lines: pa.Array) -> None:
        """A cell longer than any spreadsheet's is a mistake or an attack. Bytes are counted first: that is free."""
        for name, column in zip(self.schema.names[1:], columns, strict=True):
            if len(column) and (pc.max(pc.binary_length(column)).as_py() or 0) > limits.CELL_LENGTH:
                lengths = pc.fill_null(pc.utf8_length(column), 0)
                worst = pc.index(lengths, pc.max(lengths)).as_py()
                if lengths[worst].as_py() > limits.CELL_LENGTH:
                    raise cell_too_long(self.file, lines[worst].as_py(), name)


def _first(marked: pa.Array, lines: pa.Array) -> int:
    return lines[pc.index(marked, True).as_py()].as_py()


def cell_too_long(file: str, line: int, column: str) -> Refused:
    return Refused("intake-cell-too-long", file=file, line=line, column=column, most=limits.CELL_LENGTH)


def write_ragged(path: Path, ragged: Sequence[tuple[int, str]], separator: str) -> None:
    """Write rows with too few or too many cells, as (line, text, cells), for the quarantine."""
    schema = pa.schema([(LINE, pa.int64()), ("text", pa.string()), ("cells", pa.list_(pa.string()))])
    csv.field_size_limit(limits.LINE_BYTES)
    rows = [
        {LINE: line, "text": text, "cells": next(csv.reader([text], delimiter=separator), [])} for line, text in ragged
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema), path)
