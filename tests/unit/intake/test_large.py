"""A large batch builds indexes once at its end, and what they promise is still true."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction

from amparo.registry.batch import recording
from tests.unit.intake.census import delivered, rows

pytestmark = pytest.mark.usefixtures("fresh_database")

SCHEMA = """
    SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON oid = indrelid WHERE relname LIKE 'registry%'
    UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated
    FROM pg_constraint WHERE conrelid::regclass::text LIKE 'registry%'
    UNION ALL SELECT relname || relrowsecurity || relforcerowsecurity FROM pg_class WHERE relname LIKE 'registry%'
    ORDER BY 1
"""


def test_indexes_and_constraints_are_the_same_after_a_large_batch_as_before(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(recording, "_INDEXES_FROM", 1)
    before = rows(SCHEMA)
    assert delivered(tmp_path / "a")["persons"]["new"] == 3
    assert rows(SCHEMA) == before


@pytest.mark.parametrize(
    ("table", "of"), [("registry_membership", "household_id"), ("registry_groupmembership", "group_id")]
)
def test_a_row_that_points_nowhere_does_not_outlast_the_rebuilding(table, of):
    with pytest.raises(IntegrityError), transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:  # noqa: PT012 - the three belong together
        cursor.execute("SELECT amparo_park_indexes()")
        cursor.execute(
            f"INSERT INTO {table} (person_id, {of}, starts_on, area_number) VALUES (%s, %s, now(), 1)",
            [uuid4(), uuid4()],
        )
        cursor.execute("SELECT amparo_restore_indexes()")
