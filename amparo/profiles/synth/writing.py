"""Writes the delivery's files, chunk by chunk, so that a country never has to fit in memory."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv, parquet

from amparo.kernel.errors import Refused

FORMATS = ("csv", "parquet")


class Files:
    """One open file per table, begun when its first rows come."""

    def __init__(self, folder: Path, format: str, stack: ExitStack) -> None:
        if format not in FORMATS:
            raise Refused("profiles-format-unknown", format=format, known=list(FORMATS))
        self.folder, self.format, self._stack = folder, format, stack
        self._open: dict[str, Any] = {}
        self.rows: dict[str, int] = {}

    def write(self, name: str, table: pa.Table) -> None:
        if name not in self._open:
            self._open[name] = self._stack.enter_context(self._begun(name, table.schema))
        self._open[name].write_table(table)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.{self.format}"

    def _begun(self, name: str, schema: pa.Schema) -> Any:
        if self.format == "parquet":
            return parquet.ParquetWriter(self.path(name), schema, compression="zstd")
        return csv.CSVWriter(self.path(name), schema, write_options=csv.WriteOptions(quoting_style="needed"))


@contextmanager
def files(folder: Path, format: str) -> Iterator[Files]:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        yield Files(folder, format, stack)
