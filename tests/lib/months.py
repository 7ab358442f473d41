"""Months that tables kept by month have no room for yet: a database is made with those of the year to come."""

from datetime import date

from django.db import connections

DECIDED = ("registry_observation", "programmes_decision", "trust_audit")


def ensure(day: date, *tables: str) -> None:
    """Let these tables take rows of that day's month and of the next, as the jobs do when its time comes."""
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute("SELECT amparo_ensure_months(%s, %s, 2)", [table, day])
