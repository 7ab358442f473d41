"""Rows of PostgreSQL as a stream of Arrow batches, nested rows folded into list columns as they pass.

Both queries of an export run at the same instant and in the same order, so that memory holds a few batches only.
Units   types as PostgreSQL gives them; uuid stays a UUID in DuckDB
Errors  a column that was not declared, or nested rows that do not match their parents, end the export
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import adbc_driver_postgresql
import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from adbc_driver_manager import AdbcConnection, AdbcDatabase
from django.db import connections
from psycopg.conninfo import make_conninfo

from amparo.kernel.errors import Refused
from amparo.kernel.exports import UNTIL, Export, Nested

# Sorting four million members would otherwise spill at PostgreSQL's default of 4 MB.
_SETTINGS = "SET LOCAL work_mem = '256MB'; SET LOCAL statement_timeout = 0; SET LOCAL jit = off"


@dataclass(frozen=True)
class Instant:
    """One repeatable-read transaction that others may join by its name, while it is open."""

    conninfo: str
    name: str
    log_position: str
    quoting: psycopg.Connection  # the transaction's own, which knows how values are written


LIBPQ = ("host", "port", "dbname", "user", "password", "sslmode", "sslrootcert", "sslcert", "sslkey")


def bulk_login() -> str:
    """Return the bulk login as libpq takes it, for the drivers that are not Django's."""
    given = connections["bulk"].get_connection_params()
    return make_conninfo("", **{name: given[name] for name in LIBPQ if given.get(name)})


def arrow_connection(conninfo: str) -> adbc.Connection:
    """Return a new connection that gives and takes Arrow; it is closed by its caller."""
    database = _database(conninfo)
    return adbc.Connection(_NotClosed(), AdbcConnection(database))


@lru_cache(maxsize=8)
def _database(conninfo: str) -> AdbcDatabase:
    """Return what the driver knows of a database: every column of every table, which takes it 90 ms to ask. It holds no line."""
    return adbc_driver_postgresql.connect(conninfo)


class _NotClosed:
    """Stands where a connection would close what the next one still needs."""

    def close(self) -> None:
        pass


@contextmanager
def instant(conninfo: str) -> Iterator[Instant]:
    """Open the transaction whose state every export of a snapshot sees."""
    with psycopg.connect(conninfo) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        name, position = connection.execute(
            "SELECT pg_export_snapshot(), CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
            "ELSE pg_current_wal_lsn() END::text"
        ).fetchone()
        yield Instant(conninfo, name, position, connection)


@contextmanager
def rows(export: Export, at: Instant, *, parameters: Mapping[str, Any]) -> Iterator[pa.RecordBatchReader]:
    """Stream one export, its nested rows as list columns after its own."""
    with ExitStack() as stack:
        own = stack.enter_context(_query(export.query, at, parameters))
        expect_columns(export.name, own.schema, tuple(export.columns))

        def opened(nested: Nested) -> _Part:
            reader = stack.enter_context(_query(nested.query, at, parameters))
            return _Part(nested, reader, [opened(each) for each in nested.nested])

        parts = [opened(each) for each in export.nested]
        yield pa.RecordBatchReader.from_batches(_schema(own.schema, parts), _fold(export, own, parts))


def expect_columns(export: str, schema: pa.Schema, declared: tuple[str, ...]) -> None:
    """Refuse a query that gives other columns than its export declares: an undeclared one has no class."""
    if tuple(schema.names) != declared:
        raise Refused("snapshot-columns-differ", export=export, columns=", ".join(set(schema.names) ^ set(declared)))


@contextmanager
def _query(text: str, at: Instant, parameters: Mapping[str, Any]) -> Iterator[pa.RecordBatchReader]:
    """Run a query within the instant. Its parameters are written into it, or the driver would not use COPY."""
    statement = psycopg.ClientCursor(at.quoting).mogrify(text, parameters)
    with arrow_connection(at.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET TRANSACTION SNAPSHOT '{at.name}'")
        for setting in _SETTINGS.split("; "):
            cursor.execute(setting)
        cursor.execute(statement)
        yield cursor.fetch_record_batch()


class _Part:
    """Nested rows, taken off their stream a stated number at a time, with the rows that hang on them."""

    def __init__(self, nested: Nested, reader: pa.RecordBatchReader, parts: list["_Part"]) -> None:
        expect_columns(nested.name, reader.schema, (nested.parent, *nested.columns))
        self.nested = nested
        self.reader = reader
        self.parts = parts
        self.kept: list[pa.StructArray] = []

    @property
    def type(self) -> pa.DataType:
        own = [self.reader.schema.field(name) for name in self.nested.columns]
        return pa.list_(pa.struct([*own, *(pa.field(each.nested.name, each.type) for each in self.parts)]))

    def take(self, count: int) -> pa.StructArray:
        """Return the next `count` rows; fewer when the stream ends first."""
        held = sum(len(each) for each in self.kept)
        while held < count and (batch := next(self.reader, None)) is not None:
            self.kept.append(batch.to_struct_array())
            held += batch.num_rows
        whole = pa.concat_arrays(self.kept) if self.kept else _empty(self.reader.schema)
        self.kept = [whole[count:]] if len(whole) > count else []
        return whole[:count]

    def column(self, export: str, keys: pa.Array, counts: pa.Array) -> pa.ListArray:
        """Return the list column of parents with these keys, each with so many rows; null where the count is null."""
        numbers = counts.fill_null(0).to_numpy(zero_copy_only=False)
        rows = self.take(int(numbers.sum()))
        _expect_parents(export, self.nested, keys, numbers, rows)
        lists = [each.column(export, rows.field(self.nested.key), rows.field(each.nested.count)) for each in self.parts]
        structs = pa.StructArray.from_arrays(
            [*(rows.field(name) for name in self.nested.columns), *lists], fields=list(self.type.value_type)
        )
        offsets = pa.array(np.concatenate(([0], numbers.cumsum())).astype("int32"))
        unknown = counts.is_null() if counts.null_count else None
        return pa.ListArray.from_arrays(offsets, structs, mask=unknown)

    def finish(self, export: str) -> None:
        """Refuse rows that nobody took."""
        if len(self.take(1)):
            raise Refused("snapshot-parents-differ", export=export, nested=self.nested.name)
        for each in self.parts:
            each.finish(export)


def _fold(export: Export, own: pa.RecordBatchReader, parts: list[_Part]) -> Iterator[pa.RecordBatch]:
    schema = _schema(own.schema, parts)
    for batch in own:
        keys = batch.column(export.key)
        columns = [part.column(export.name, keys, batch.column(part.nested.count)) for part in parts]
        yield pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)
    for part in parts:
        part.finish(export.name)


def _schema(own: pa.Schema, parts: list[_Part]) -> pa.Schema:
    return pa.schema([*own, *(pa.field(part.nested.name, part.type) for part in parts)])


def _empty(schema: pa.Schema) -> pa.StructArray:
    return pa.RecordBatch.from_pylist([], schema=schema).to_struct_array()


def _expect_parents(export: str, nested: Nested, keys: pa.Array, counts: np.ndarray, rows: pa.StructArray) -> None:
    """Refuse nested rows that belong to others than the counts say: one slip would give everybody another's children."""
    wanted = np.repeat(_bytes(keys), counts, axis=0)
    found = _bytes(rows.field(nested.parent))
    if wanted.shape != found.shape or not np.array_equal(wanted, found):
        raise Refused("snapshot-parents-differ", export=export, nested=nested.name)


def _bytes(keys: pa.Array) -> np.ndarray:
    """Return UUID keys as rows of sixteen bytes."""
    storage = keys.storage if isinstance(keys, pa.ExtensionArray) else keys
    buffer = np.frombuffer(storage.buffers()[1], dtype=np.uint8)
    return buffer[storage.offset * 16 : (storage.offset + len(storage)) * 16].reshape(-1, 16)


class Counted:
    """A stream that counts what passes through it, keeps the earliest day of each `…__until`, and tells per batch.

    `error` keeps what ended the stream, because DuckDB reports it as an error of its own.
    """

    def __init__(self, reader: pa.RecordBatchReader, nested: tuple[Nested, ...], tell: Callable[[int], None]) -> None:
        self.rows = 0
        self.error: BaseException | None = None
        self.nested = dict.fromkeys(_names("", nested), 0)
        self.earliest: dict[str, date | None] = {}
        self.reader = pa.RecordBatchReader.from_batches(reader.schema, self._pass(reader, tell))

    def _pass(self, reader: pa.RecordBatchReader, tell: Callable[[int], None]) -> Iterator[pa.RecordBatch]:
        try:
            for batch in reader:
                self._count(batch)
                tell(self.rows)
                yield batch
        except BaseException as error:
            self.error = error
            raise

    def _count(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        self._note("", batch.schema, batch.columns)

    def _note(self, prefix: str, fields: Iterable[pa.Field], columns: Sequence[pa.Array]) -> None:
        for each, column in zip(fields, columns, strict=True):
            if (name := prefix + each.name) in self.nested:
                structs = column.values  # an unknown list has no rows among them
                self.nested[name] += len(structs)
                self._note(f"{name}.", structs.type, structs.flatten())
            if each.name.endswith(UNTIL):
                days = [self.earliest.get(prefix + each.name), pc.min(column).as_py()]
                self.earliest[prefix + each.name] = min((day for day in days if day), default=None)


def _names(prefix: str, nested: tuple[Nested, ...]) -> Iterator[str]:
    """Yield the name of each list, one within another as `members.children`."""
    for each in nested:
        yield prefix + each.name
        yield from _names(f"{prefix}{each.name}.", each.nested)
