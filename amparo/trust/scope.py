"""The first gate: the actor's scope written into the query itself."""

from django.db.models import Q, QuerySet

from amparo.trust.types import Actor, Scope, ScopeKind


def within(rows: QuerySet, by: Actor, *, column: str = "area_number", person: str = "") -> QuerySet:
    """Return only the rows in the actor's scope; a scope that reaches nobody gives none.

    `person` names the column that holds whose row it is, where the citizen concerned may read it.
    """
    scope = by.scope
    if scope.kind is ScopeKind.NATIONAL:
        return rows
    if scope.kind is ScopeKind.CITIZEN and person and scope.person:
        return rows.filter(**{person: scope.person})
    if scope.kind is not ScopeKind.AREA or not scope.ranges:
        return rows.none()
    condition = Q()
    for first, last in scope.ranges:
        condition |= Q(**{f"{column}__range": (first, last)})
    return rows.filter(condition)


def where(by: Actor, *, column: str = "area_number") -> tuple[str, list[int]]:
    """Return the same condition as SQL text with its parameters, for statements written by hand."""
    scope: Scope = by.scope
    if scope.kind is ScopeKind.NATIONAL:
        return "true", []
    if scope.kind is not ScopeKind.AREA or not scope.ranges:
        return "false", []
    text = " OR ".join(f"{column} BETWEEN %s AND %s" for _ in scope.ranges)
    return f"({text})", [end for pair in scope.ranges for end in pair]
