"""Reads delimited text with Arrow, a few megabytes at a time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from amparo.intake.files import limits, quoting
from amparo.intake.files.sniffing import Text, as_utf8, heading_of
from amparo.intake.files.wanted import LINE, Read, Wanted, check_heading
from amparo.intake.files.writing import RowWriter, write_ragged
from amparo.kernel.errors import Refused

_RAGGED_MOST = 100_000


def read(wanted: Wanted, sha256: str, progress: Callable[[int], None]) -> Read:
    """Write the file's rows as Parquet; rows with a wrong number of cells go beside them, with their text."""
    text = as_utf8(wanted)
    written, separator = heading_of(text, wanted)
    heading = [name.strip() for name in written]
    check_heading(heading, wanted)
    if text.quotes:
        quoting.check(text.path, separator, wanted.name)
    ragged: list[tuple[int, str]] = []
    rows = _write_rows(wanted, text, written, separator, ragged, progress)
    if text.path != Path(wanted.path):
        text.path.unlink()
    return Read(
        name=wanted.name,
        format="csv",
        rows=rows,
        ragged=len(ragged),
        sha256=sha256,
        heading=tuple(heading),
        encoding=text.encoding,
        separator=separator,
    )


def _write_rows(
    wanted: Wanted,
    text: Text,
    written: list[str],
    separator: str,
    ragged: list[tuple[int, str]],
    progress: Callable[[int], None],
) -> int:
    """Write rows and ragged rows; return how many rows. Blank lines are numbered and left out."""
    into, record, row_count = Path(wanted.into), 2, 0
    with RowWriter(into, [name.strip() for name in written], wanted.name) as writer:
        try:
            with _batches(text, written, separator, ragged) as batches:
                for batch in batches:
                    numbers = _numbers(record, batch.num_rows, ragged)
                    record = int(numbers[-1]) + 1 if len(numbers) else record
                    writer.write(*_without_blank(batch.columns, pa.array(numbers)))
                    progress(writer.rows)
        except pa.ArrowInvalid as error:
            raise _explained(error, wanted, len(ragged), record) from None
        row_count = writer.rows
    if text.quotes and text.lines > record:
        ragged[:] = _add_inner_lines(into, ragged, above=sum(name.count("\n") for name in written))
    write_ragged(into.with_suffix(".ragged"), ragged, separator)
    return row_count


def _batches(
    text: Text, written: list[str], separator: str, ragged: list[tuple[int, str]]
) -> pa_csv.CSVStreamingReader:
    def keep(row: pa_csv.InvalidRow) -> str:
        ragged.append((row.number, row.text[: limits.CELL_LENGTH]))
        return "error" if len(ragged) > _RAGGED_MOST else "skip"

    return pa_csv.open_csv(
        text.path,
        # One thread: only then does Arrow say which row it could not fit.
        read_options=pa_csv.ReadOptions(use_threads=False, block_size=limits.LINE_BYTES),
        parse_options=pa_csv.ParseOptions(
            delimiter=separator,
            quote_char='"' if text.quotes else False,
            newlines_in_values=bool(text.quotes),
            ignore_empty_lines=False,
            invalid_row_handler=keep,
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(written, pa.string()), strings_can_be_null=False
        ),
    )


def _numbers(start: int, rows: int, ragged: list[tuple[int, str]]) -> np.ndarray:
    """Number the next rows, leaving out the numbers of those set aside (Arrow may have read ahead of us)."""
    aside = np.array([number for number, *_ in ragged if number >= start], dtype=np.int64)
    candidates = np.arange(start, start + rows + len(aside), dtype=np.int64)
    return candidates[~np.isin(candidates, aside)][:rows]


def _without_blank(columns: list[pa.Array], lines: pa.Array) -> tuple[list[pa.Array], pa.Array]:
    """Leave out rows in which nothing is written: a blank line is not a person."""
    blank = pc.equal(columns[0], "")
    for column in columns[1:]:
        if not pc.any(blank).as_py():
            return columns, lines
        blank = pc.and_(blank, pc.equal(column, ""))
    keep = pc.invert(blank)
    return [column.filter(keep) for column in columns], lines.filter(keep)


def _explained(error: pa.ArrowInvalid, wanted: Wanted, ragged: int, record: int) -> Refused:
    if ragged > _RAGGED_MOST:
        return Refused("intake-rows-ragged", file=wanted.name, most=_RAGGED_MOST)
    if "straddling" in str(error):
        return Refused("intake-line-too-long", file=wanted.name, line=record, most=limits.LINE_BYTES >> 20)
    return Refused("intake-text-unreadable", file=wanted.name, line=record)


def _add_inner_lines(path: Path, ragged: list[tuple[int, str]], *, above: int) -> list[tuple[int, str]]:
    """Turn record numbers into line numbers where cells hold line ends: write the rows anew, return the ragged ones.

    `above` counts the line ends within the heading.
    """
    source = pq.ParquetFile(path)
    new, seen = path.with_suffix(".lines"), above
    records, ends = [np.array([0])], [np.array([above])]
    with pq.ParquetWriter(new, source.schema_arrow, compression="lz4") as writer:
        for batch in source.iter_batches():
            inner = sum(pc.count_substring(column, "\n").to_numpy(zero_copy_only=False) for column in batch.columns[1:])
            before = seen + np.cumsum(inner) - inner
            seen += int(inner.sum())
            numbers = batch.columns[0].to_numpy()
            records.append(numbers[inner > 0])
            ends.append((before + inner)[inner > 0])
            lines = pa.array(numbers + before)
            writer.write_batch(
                pa.RecordBatch.from_arrays([lines, *batch.columns[1:]], names=[LINE, *batch.schema.names[1:]])
            )
    new.replace(path)
    at, total = np.concatenate(records), np.concatenate(ends)
    return [(n + int(total[np.searchsorted(at, n) - 1]), text) for n, text in ragged]
