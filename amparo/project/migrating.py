"""Brings the database to the shape of this version, and gives each role its due."""

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

# Tables of the framework: nobody's record is in them but the accounts' own.
FRAMEWORK = ("django\\_%", "account\\_%", "mfa\\_%", "socialaccount\\_%", "procrastinate\\_%")
ROLES = "amparo_app, amparo_bulk, amparo_area, amparo_national, amparo_programme, amparo_citizen, amparo_partner"


def migrate() -> None:
    """Apply what is missing, as the owner. Harmless when repeated."""
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE ANY (%s)", [list(FRAMEWORK)])
        for (table,) in cursor.fetchall():
            cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {ROLES}')
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLES}")
        if _is_behind():
            cursor.execute("SELECT amparo_audit_renumber()")


def has_pending() -> bool:
    """Whether the database lacks a change that this version brings, or was restored from a dump and not numbered on."""
    executor = MigrationExecutor(connections["owner"])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes())) or _is_behind()


def _is_behind() -> bool:
    """Whether this server counts transactions from below those that the audit log's seals name."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT amparo_audit_is_behind()")
        return cursor.fetchone()[0]
