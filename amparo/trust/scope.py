"""The first gate: the actor's scope written into the query itself.

Shape   rows of a model, or the text of a condition with its parameters, out
Nulls   a row without an area is in no area's scope
Errors  none: a scope that reaches nobody gives no row, and so does a table of which nobody said how a programme's people
        are told in it
"""

from collections.abc import Mapping

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from amparo.trust.types import Actor, Scope, ScopeKind

# Table → condition by which a row belongs to somebody whom a programme decided about. `{row}` is the row's table or alias;
# `%s`, once, the list of the programmes' codes. Written by the package that knows decisions (`programmes.reach`).
_OF_PROGRAMMES: dict[str, str] = {}


def tell_by_programme(conditions: Mapping[str, str]) -> None:
    """Say how a programme's people are told in these tables. Called once, when the product starts."""
    _OF_PROGRAMMES.update(conditions)


def within(rows: QuerySet, by: Actor, *, column: str = "area_number", person: str = "") -> QuerySet:
    """Return only the rows in the actor's scope; a scope that reaches nobody gives none.

    `person` names the column that holds whose row it is, where the citizen concerned may read it.
    """
    scope = by.scope
    if scope.is_of_nation:
        return rows if scope.shows_protected else rows.exclude(**{f"{column}__lt": 0})
    if scope.kind is ScopeKind.CITIZEN and person and scope.person:
        return rows.filter(**{person: scope.person})
    table = rows.model._meta.db_table
    if scope.kind is ScopeKind.PROGRAMME and table in _OF_PROGRAMMES and scope.programmes:
        text, codes = _of_programmes(table, table), [list(scope.programmes)]
        return rows.filter(RawSQL(text, codes, output_field=BooleanField()))  # noqa: S611 (declared by a package)
    if not scope.is_of_areas or not scope.ranges:
        return rows.none()
    condition = Q()
    for first, last in scope.reached:
        condition |= Q(**{f"{column}__range": (first, last)})
    return rows.filter(condition)


def where(by: Actor, *, of: str, row: str = "") -> tuple[str, list]:
    """Return the same condition as SQL text with its parameters, for statements written by hand.

    `of` is the table, `row` its alias in the statement.
    """
    scope: Scope = by.scope
    if scope.is_of_nation:
        return "true" if scope.shows_protected else f"{row or of}.area_number >= 0", []
    if scope.kind is ScopeKind.PROGRAMME and of in _OF_PROGRAMMES and scope.programmes:
        return _of_programmes(of, row or of), [list(scope.programmes)]
    if not scope.is_of_areas or not scope.ranges:
        return "false", []
    text = " OR ".join(f"{row or of}.area_number BETWEEN %s AND %s" for _ in scope.reached)
    return f"({text})", [end for pair in scope.reached for end in pair]


def inside(first: int, last: int, by: Actor, *, column: str = "area_number") -> tuple[str, list[int]]:
    """Return a condition by which a row lies in a range of areas; for whoever sees who is protected, also below zero."""
    if not by.scope.shows_protected:
        return f"{column} BETWEEN %s AND %s", [first, last]
    return f"({column} BETWEEN %s AND %s OR {column} BETWEEN %s AND %s)", [first, last, -last, -first]


def _of_programmes(table: str, row: str) -> str:
    return f"({row}.area_number >= 0 AND {_OF_PROGRAMMES[table].format(row=row)})"
