"""Moves the rows set aside from the batch's DuckDB file into the quarantine, sealed."""

import json
from collections.abc import Iterator
from uuid import UUID

import duckdb
from django.db import connections

from amparo.intake.validation.parts import FILE, File
from amparo.intake.validation.reasons import rank
from amparo.trust.keys.encryption import Key, encrypt_many
from amparo.trust.keys.keyring import sealing

FIELD_CLASS = "quarantine"
_ROWS = 5_000


def place(batch: UUID, position: int) -> bytes:
    """What a sealed row is bound to."""
    return f"intake_quarantine.original:{batch}:{position}".encode()


def write(store: duckdb.DuckDBPyConnection, batch: UUID, files: list[File]) -> int:
    """Write every row set aside, in the caller's transaction; return how many."""
    count = 0
    [(rows,)] = store.execute("SELECT count(*) FROM quarantined").fetchall()
    key = sealing(rows, using="bulk")
    with (
        connections["bulk"].cursor() as cursor,
        cursor.cursor.copy(
            "COPY intake_quarantine (batch_id, position, file, line, reasons, original, area_number) FROM STDIN"
        ) as copy,
    ):
        for position, reasons, sealed, area in _sealed(store, batch, key):
            ordered = sorted(reasons, key=lambda each: rank(each["rule"]))
            said = json.dumps([_reason(each, files) for each in ordered])
            file, line = files[position // FILE].read.name, position % FILE
            copy.write_row((batch, position, file, line, said, sealed, area))
            count += 1
    return count


def _sealed(store: duckdb.DuckDBPyConnection, batch: UUID, key: Key) -> Iterator[tuple[int, list, bytes, int | None]]:
    cursor = store.cursor().execute("""
        SELECT q.row_at, q.reasons, any_value(o.text), any_value(a.area_number)
        FROM quarantined q JOIN original o USING (row_at) LEFT JOIN quarantined_area a USING (row_at) GROUP BY ALL
    """)
    while rows := cursor.fetchmany(_ROWS):
        places = [place(batch, position) for position, *_ in rows]
        sealed = encrypt_many(FIELD_CLASS, [text.encode() for *_, text, _ in rows], places, key=key)
        for (position, reasons, _, area), value in zip(rows, sealed, strict=True):
            yield position, reasons, value, area


def _reason(reason: dict, files: list[File]) -> dict:
    """A reason as a message: its id, and the field and the line it clashes with where it has them."""
    said = {"id": reason["rule"], "values": {"field": reason["field"]} if reason["field"] else {}}
    if reason["other"] is not None:
        file, line = files[reason["other"] // FILE].read.name, reason["other"] % FILE
        said["values"] |= {"file": file, "line": line}
    return said
