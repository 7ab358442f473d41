"""Asks a PostgreSQL database for one row, in a transaction that can write nothing and ends by itself.

Units   seconds for the statement; connecting may take as long again
Errors  none is raised: each failure is a reason. Two rows of one number are no answer
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import errors, sql

from amparo.registry.schemes import normalised_identifier
from amparo.sources.connectors.raw import Raw
from amparo.sources.types import Question, Reason
from amparo.trust.keys.secrets import secret

# What the other side says, in the order in which it is looked for: the first that fits.
_REASONS: tuple[tuple[type[psycopg.Error], Reason], ...] = (
    (errors.QueryCanceled, Reason.SLOW),
    (errors.ConnectionTimeout, Reason.SLOW),
    (errors.InsufficientPrivilege, Reason.REFUSED),
    (errors.InvalidAuthorizationSpecification, Reason.REFUSED),
    (errors.TooManyConnections, Reason.LIMITED),
    (errors.UndefinedTable, Reason.DRIFT),
    (errors.UndefinedColumn, Reason.DRIFT),
    (psycopg.OperationalError, Reason.DOWN),
)


def ask(settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    """Ask about one person."""
    address = secret(settings["secret"])
    if not address:
        return Reason.NOT_CALLED
    options = f"-c default_transaction_read_only=on -c statement_timeout={round(question.seconds * 1000)}"
    try:
        with psycopg.connect(address, connect_timeout=max(2, round(question.seconds)), options=options) as line:
            line.read_only = True
            rows = line.execute(_statement(settings, question), [question.number]).fetchmany(2)
    except psycopg.Error as failed:
        return next((reason for kind, reason in _REASONS if isinstance(failed, kind)), Reason.MALFORMED)
    return _understood(rows, settings, question)


def _statement(settings: Mapping[str, Any], question: Question) -> sql.Composed:
    names = [settings["key"], settings.get("as_of", settings["key"]), *(each.at for each in question.attributes)]
    return sql.SQL("SELECT {} FROM {} WHERE {}::text = %s LIMIT 2").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.Identifier(*settings["table"].split(".")),
        sql.Identifier(settings["key"]),
    )


def _understood(rows: list[tuple], settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    if len(rows) != 1:
        return Reason.MALFORMED if rows else Reason.NOBODY
    [(whose, day, *values)] = rows
    if normalised_identifier(str(whose)) != question.number:
        return Reason.WRONG_PERSON
    names = [each.name for each in question.attributes]
    return Raw(dict(zip(names, values, strict=True)), "as_of" in settings, day)
