"""The household checks a mapping may ask for. Each finds rows; whether they are held back or only counted is its caller's.

Shape   each gives rows (row_at, rule, other): the row it speaks of, the message, the row it clashes with
        (what a household seems to lack is not said where a row of it could not be read)
Nulls   what is unknown breaks no check: a child whose birth date is missing is not older than anybody
"""

from collections.abc import Iterator

from amparo.intake.config import KINSHIP, Mapping
from amparo.intake.validation.expressions import literal, name
from amparo.intake.validation.parts import Placed, relationship_columns


def statements(check: str, mapping: Mapping, parts: list[Placed]) -> Iterator[str]:
    """Yield the queries of one check."""
    persons = [each for each in parts if each.part.grain == "person"]
    return _CHECKS[check](mapping, persons) if persons else iter(())


def _role(mapping: Mapping, persons: list[Placed], role: str) -> str | None:
    """The column with a role, where any table delivers it."""
    field = next((one.field for each in persons if (one := each.part.with_role(role))), None)
    return name(field.name) if field else None


def _relation(mapping: Mapping, column: str, kind: str) -> str:
    return f"{column} IN ({', '.join(literal(code) for code in mapping.relations[kind])})"


def _one_head(mapping: Mapping, persons: list[Placed]) -> Iterator[str]:
    """A household delivered here has one head; who is head is said by `is_head`, or else by the relation."""
    is_head = _role(mapping, persons, "is_head")
    relation = _role(mapping, persons, "relation_to_head")
    head = is_head or _relation(mapping, relation or "", "head")
    yield f"""
        SELECT household.__at, 'intake-head-none', NULL::BIGINT
        FROM household LEFT JOIN person ON person.__parent = household.__key
        WHERE household.__unit NOT IN (SELECT unit FROM bad_unit)
        GROUP BY household.__at HAVING count(person.__key) > 0 AND count(*) FILTER ({head}) = 0
    """
    yield f"""
        SELECT person.__at, 'intake-head-twice', first.row_at
        FROM person JOIN (
            SELECT __parent, min(__at) AS row_at FROM person WHERE {head} GROUP BY __parent HAVING count(*) > 1
        ) first ON first.__parent = person.__parent
        WHERE {head} AND person.__at <> first.row_at
    """


def _child_older(mapping: Mapping, persons: list[Placed]) -> Iterator[str]:
    birth = _role(mapping, persons, "birth_date")
    relation = _role(mapping, persons, "relation_to_head")
    if relation:
        is_head = _role(mapping, persons, "is_head")
        head = f"(head.{is_head} OR {_relation(mapping, f'head.{relation}', 'head')})" if is_head else (
            _relation(mapping, f"head.{relation}", "head")
        )  # fmt: skip
        child = _relation(mapping, f"person.{relation}", "child")
        parent = _relation(mapping, f"person.{relation}", "parent")
        yield f"""
            SELECT person.__at, CASE WHEN {child} THEN 'intake-child-older' ELSE 'intake-parent-younger' END, head.__at
            FROM person JOIN person head ON head.__parent = person.__parent AND {head} AND head.__at <> person.__at
            WHERE ({child} AND person.{birth} <= head.{birth}) OR ({parent} AND person.{birth} >= head.{birth})
        """
    for each in persons:
        for column, kind in relationship_columns(each.part).items():
            if kind == KINSHIP[0]:
                yield f"""
                    SELECT person.__at, 'intake-child-older', parent.__at
                    FROM person JOIN person parent ON parent.__key = person.{column}
                    WHERE person.{birth} <= parent.{birth}
                """


def _plausible_dates(mapping: Mapping, persons: list[Placed]) -> Iterator[str]:
    birth = _role(mapping, persons, "birth_date")
    yield f"""
        SELECT __at, CASE WHEN {birth} > __observed_on THEN 'intake-birth-late' ELSE 'intake-birth-early' END, NULL::BIGINT
        FROM person WHERE {birth} > __observed_on OR {birth} < DATE '1900-01-01'
    """


def _has_members(mapping: Mapping, persons: list[Placed]) -> Iterator[str]:
    yield """
        SELECT __at, 'intake-household-empty', NULL::BIGINT
        FROM household WHERE __key NOT IN (SELECT __parent FROM person WHERE __parent IS NOT NULL)
            AND __unit NOT IN (SELECT unit FROM bad_unit)
    """


_CHECKS = {
    "one_head": _one_head,
    "child_older_than_parent": _child_older,
    "plausible_dates": _plausible_dates,
    "has_members": _has_members,
}
