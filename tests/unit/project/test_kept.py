"""No place of personal data is missing from the list that erasure, the documentation and the certificate go by."""

from dataclasses import replace

import pytest
from django.db import connections

from amparo.project.kept import KEPT
from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Leaves

# The server's own files: the database, which is declared table by table, and its log, which holds no values.
SERVER = {"postgres"}
TYPES = ("text", "jsonb", "bytea", "character varying", "text[]", "uuid", "xml", "json")
# Ids and keys of ours lead from one table to another; they are nobody's data by themselves.
IDS = "uuid"

_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND (
    c.relrowsecurity OR c.relname IN ('trust_audit', 'trust_account', 'intake_batch', 'snapshot_snapshot')
    OR EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
        AND a.attname IN ('person_id', 'household_id', 'unit_id', 'entity_id', 'subject_id')
    )
)
"""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""


def asked(statement: str, values=None) -> list[tuple]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def lacking(kept: tuple[Kept, ...]) -> list[str]:
    """Return the tables and columns that should be in the list, and are not; and what is in it and nowhere else."""
    exact = {each.place: each for each in kept if not each.is_folder and not each.many}
    many = tuple(each.place for each in kept if each.many)
    found = []
    for (table,) in asked(_TABLES):
        if table not in exact:
            found += [] if table.startswith(many) else [table]
            continue
        columns = dict(asked(_COLUMNS, [table]))
        told = {*exact[table].columns, *exact[table].bare}
        wide = {name for name, kind in columns.items() if kind in TYPES and kind != IDS}
        found += [f"{table}.{name}" for name in wide - told if not name.endswith("_key")]
        found += [f"{table}.{name} is no column" for name in told - columns.keys()]
    return sorted(
        [*found, *(f"{name} is no table" for name in exact if not asked("SELECT to_regclass(%s)", [name])[0][0])]
    )


@pytest.mark.usefixtures("database")
def test_every_protected_table_and_column_is_declared():
    assert not lacking(KEPT), sorted(lacking(KEPT))


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("missing", ["registry_identifier", "programmes_reply", "registry_fact_"])
def test_a_table_that_nobody_declared_is_found(missing):
    assert lacking(tuple(each for each in KEPT if each.place != missing)) != []


@pytest.mark.usefixtures("database")
def test_a_column_that_nobody_declared_is_found():
    bare = tuple(replace(each, columns=()) if each.place == "registry_identifier" else each for each in KEPT)
    assert "registry_identifier.value" in lacking(bare)


def test_every_folder_of_the_installation_is_declared(server):
    from amparo.trust.keeping.ledger import ledger_file

    ledger_file().parent.mkdir(exist_ok=True)
    folders = {each.name for each in server.data_dir.iterdir() if each.is_dir()}
    assert folders - SERVER == {each.place for each in KEPT if each.is_folder} & folders
    assert {each.place for each in KEPT if each.is_folder} == {"deliveries", "snapshots", "audit", "keys"}


def test_what_erasure_leaves_goes_with_what_it_does():
    """Whatever holds somebody's data in a column is emptied, or says why not."""
    untouched = {Leaves.ALL, Leaves.ITS_DAY, Leaves.LOCKED, Leaves.PSEUDONYM}
    for each in KEPT:
        if each.columns and each.erase is None:
            assert each.leaves in untouched, each.place
        if each.holds in (Holds.FIGURES, Holds.ACCOUNTS):
            assert each.leaves is Leaves.ALL, each.place
        if each.found_by is FoundBy.NOTHING:
            assert each.erase is None, each.place


def test_no_place_is_declared_twice():
    names = [each.place for each in KEPT]
    assert len(names) == len(set(names))
