"""Holds back the rows that name somebody who was erased: nobody is brought back without a person's decision."""

import duckdb
import pyarrow as pa

from amparo.intake.validation.parts import Placed, identifier_columns
from amparo.registry import erased
from amparo.registry.schemes import normalised_identifier


def hold_back(db: duckdb.DuckDBPyConnection, parts: list[Placed], *, source: str) -> None:
    """Give each row of a person who was erased its reason: known by an identifier, or by the key of this source's record."""
    db.execute("CREATE OR REPLACE TABLE gone (key INTEGER, scheme VARCHAR, digest VARCHAR)")
    for some in erased.live():
        more = _table(some)  # noqa: F841 (DuckDB finds it by name)
        db.execute("INSERT INTO gone SELECT * FROM more")
    found = db.execute("SELECT DISTINCT key, scheme FROM gone").fetchall()
    if not found:
        return
    keys, schemes = {key for key, _ in found}, {scheme for _, scheme in found}
    db.execute("CREATE OR REPLACE TABLE named (row_at BIGINT, key INTEGER, scheme VARCHAR, digest VARCHAR)")
    by_record, _ = erased.of_record(source, "")
    columns = {c: each.scheme for part in parts for c, each in identifier_columns(part.part).items()}
    for column, scheme in {"__key": by_record, **columns}.items():
        if scheme in schemes:
            _name(db, column, scheme, keys, is_record=scheme == by_record)
    db.execute("""
        INSERT INTO reason (row_at, rule)
        SELECT DISTINCT named.row_at, 'intake-erased' FROM named JOIN gone USING (key, scheme, digest)
    """)


def _name(db: duckdb.DuckDBPyConnection, column: str, scheme: str, keys: set[int], *, is_record: bool) -> None:
    reader = db.cursor().execute(f"SELECT __at, {column}::VARCHAR FROM person WHERE {column} IS NOT NULL")
    for batch in reader.to_arrow_reader(erased.AT_ONCE):
        at, texts = (each.to_pylist() for each in batch.columns)
        told = texts if is_record else [normalised_identifier(each) for each in texts]
        for key in keys:
            digests = erased.digest_of(scheme, told, key)
            more = _table([(key, scheme, each) for each in digests]).add_column(0, "row_at", pa.array(at, pa.int64()))  # noqa: F841
            db.execute("INSERT INTO named SELECT * FROM more")


def _table(numbers: list[erased.Number]) -> pa.Table:
    keys, schemes, digests = zip(*numbers, strict=True)
    return pa.table({"key": pa.array(keys, pa.int32()), "scheme": schemes, "digest": digests})
