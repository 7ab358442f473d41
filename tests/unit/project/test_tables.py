"""Tables that migrations write in SQL have the columns that their models name, and no others."""

import pytest
from django.apps import apps
from django.db import connections

# Written and read by the database's own statements. The tables of facts are made when a profile is installed.
WITHOUT_MODEL = {
    *("trust_cache", "trust_key", "trust_keyring", "trust_bucket", "trust_taken", "trust_reply"),
    *("trust_use", "trust_used_area", "trust_watched"),
    *("registry_fact_exception", "registry_parked", "registry_person_name", "registry_erased_number"),
    *("registry_insight", "registry_contact", "registry_contact_key"),
}

# Given by the database alone: nobody else may say where a row of the log stands or when it was written.
GIVEN = {"trust_audit": {"place", "written_at"}}


def unmanaged() -> list[type]:
    return [each for each in apps.get_models() if each.__module__.startswith("amparo.") and not each._meta.managed]


def columns(table: str) -> dict[str, bool]:
    """Return column → whether it may be null, as the database has it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns WHERE table_name = %s", [table]
        )
        return {name: may for name, may in cursor.fetchall() if name not in GIVEN.get(table, ())}


@pytest.mark.usefixtures("empty_database")
def test_models_of_tables_written_in_sql_name_every_column_as_it_is():
    assert unmanaged()
    for model in unmanaged():
        fields = {each.column: each.null for each in model._meta.concrete_fields if each.column}
        assert (model.__name__, fields) == (model.__name__, columns(model._meta.db_table))


@pytest.mark.usefixtures("empty_database")
def test_every_table_has_a_model_or_is_listed_without():
    ours = ("trust_", "registry_", "snapshot_", "intake_", "programmes_", "cases_", "notices_")
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        )
        tables = {name for (name,) in cursor.fetchall() if name.startswith(ours)}
    modelled = {each._meta.db_table for each in apps.get_models(include_auto_created=True)}
    assert tables - modelled == WITHOUT_MODEL
