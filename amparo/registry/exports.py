"""What the registry lends to snapshots: households with their live members, as decisions need them.

Shape   one row per live household, by id; `members` one struct per live member, by id; `size` counts them
Units   as in the dictionary; money in minor units
        `<kind>__group` is the key of the group (family, couple) that a member is in
Nulls   unknown. `<field>__until` is the last day a value may be relied on, null for a value that is unknown
Errors  a field that the dictionary does not know, or that no decision may read, is refused
"""

from collections.abc import Collection

from amparo.kernel.errors import Refused
from amparo.kernel.exports import UNTIL, ColumnClass, Export, Grade, Nested
from amparo.registry.dictionary import GROUP_KIND, Dictionary, Field

# `<kind>__group`: the key of a member's group of that kind, null for who is in none.
GROUP = "__group"

# The same people that a single household's decision counts (`queries.members_at`).
_LIVE_MEMBERS = """
    SELECT m.household_id, m.person_id
    FROM registry_membership m
    JOIN registry_household h ON h.id = m.household_id AND h.ended_on IS NULL
    JOIN registry_person p ON p.id = m.person_id AND p.deceased_on IS NULL
    WHERE m.ends_on IS NULL
"""


def households(dictionary: Dictionary, *, reads: Collection[tuple[str, str]], groups: Collection[str] = ()) -> Export:
    """Return the export of households for decisions, with the fields in `reads`, (grain, name), and no others.

    `groups`: the kinds of groups by which members are to be told apart.
    """
    home = [_allowed(dictionary[each]) for each in sorted(reads) if each[0] == "household"]
    person = [_allowed(dictionary[each]) for each in sorted(reads) if each[0] == "person"]
    columns = {"household_id": ColumnClass.KEY, "area_number": ColumnClass.PLACE, "size": ColumnClass.COMPUTED}
    members = Nested(
        name="members",
        query=_members_query(person, sorted(groups)),
        parent="household_id",
        count="size",
        columns={
            "person_id": ColumnClass.KEY,
            **{f"{kind}{GROUP}": ColumnClass.KEY for kind in sorted(groups)},
            **_classes(person),
        },
    )
    return Export(
        name="households",
        query=_households_query(home),
        key="household_id",
        columns={**columns, **_classes(home)},
        grades=frozenset({Grade.DECISION}),
        nested=(members,),
    )


def _allowed(field: Field) -> Field:
    if not field.is_for_decisions:
        raise Refused("registry-field-not-for-decisions", field=field.name, grain=field.grain)
    return field


def _classes(fields: list[Field]) -> dict[str, str]:
    until = {f"{each.name}{UNTIL}": ColumnClass.COMPUTED for each in fields if each.valid_days is not None}
    return {**{each.name: each.field_class.value for each in fields}, **until}


def _households_query(fields: list[Field]) -> str:
    return f"""
        SELECT h.id AS household_id, h.area_number, coalesce(members.size, 0) AS size{_selected(fields)}
        FROM registry_household h
        LEFT JOIN registry_fact_household f ON f.household_id = h.id
        LEFT JOIN (SELECT household_id, count(*) AS size FROM ({_LIVE_MEMBERS}) live GROUP BY household_id) members
            ON members.household_id = h.id
        {_exceptions("household", "h.id", fields)}
        WHERE h.ended_on IS NULL
        ORDER BY h.id
    """


def _members_query(fields: list[Field], groups: list[str]) -> str:
    keys = "".join(f', "{kind}{GROUP}".id AS "{kind}{GROUP}"' for kind in groups)
    return f"""
        SELECT live.household_id, live.person_id{keys}{_selected(fields)}
        FROM ({_LIVE_MEMBERS}) live{"".join(map(_group_of, groups))}
        LEFT JOIN registry_fact_person f ON f.person_id = live.person_id
        {_exceptions("person", "live.person_id", fields)}
        ORDER BY live.household_id, live.person_id
    """


def _group_of(kind: str) -> str:
    """Join the live group of a kind within the household; of several, which no action makes, the oldest."""
    if not GROUP_KIND.fullmatch(kind):
        raise Refused("registry-group-kind", kind=kind)
    return f"""
        LEFT JOIN (
            SELECT DISTINCT ON (m.person_id, g.household_id) m.person_id, g.household_id, g.id
            FROM registry_groupmembership m JOIN registry_group g ON g.id = m.group_id
            WHERE g.kind = '{kind}' AND g.ends_on IS NULL AND m.ends_on IS NULL
            ORDER BY m.person_id, g.household_id, g.id
        ) "{kind}{GROUP}" ON "{kind}{GROUP}".person_id = live.person_id
            AND "{kind}{GROUP}".household_id = live.household_id"""


def _selected(fields: list[Field]) -> str:
    values = [f'f."{each.name}"' for each in fields]
    until = [
        f'CASE WHEN f."{each.name}" IS NOT NULL THEN coalesce(e."{each.name}", f.observed_on) + {each.valid_days} END'
        f' AS "{each.name}{UNTIL}"'
        for each in fields
        if each.valid_days is not None
    ]
    return "".join(f",\n            {column}" for column in values + until)


def _exceptions(grain: str, key: str, fields: list[Field]) -> str:
    """Join the day observed of those fields whose day differs from the row's own."""
    dated = [each.name for each in fields if each.valid_days is not None]
    if not dated:
        return ""
    days = ", ".join(f"max(observed_on) FILTER (WHERE field = '{name}') AS \"{name}\"" for name in dated)
    return f"""LEFT JOIN (
            SELECT entity_id, {days} FROM registry_fact_exception WHERE grain = '{grain}' GROUP BY entity_id
        ) e ON e.entity_id = {key}"""
