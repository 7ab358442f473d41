"""What the registry lends to snapshots: households with their live members, as decisions need them.

Shape   one row per live household, in the order of areas, within one by id: who reads an area reads a stretch of the
        file. A home that is protected lies below zero, and so does whatever is counted of it. `members` one struct per
        live member, by id; `size` counts them. A list that a rule reads hangs on the household's row, in the member's
        struct or in another list's, one struct per element by id
Units   as in the dictionary; money in minor units
        `<kind>__group` is the key of the group (family, couple) that a member is in
Nulls   unknown; also a list that was not collected (`registry.lists`). `<field>__until` is the last day a value may be
        relied on, null for a value that is unknown; `<field>__observed_on`, `<field>__source` are null where the value is.
        `area__<name>`: what is stated of the household's area on the day
Errors  a field that the dictionary does not know, or that no decision may read, is refused
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from amparo.kernel.errors import Refused
from amparo.kernel.exports import COUNT, OBSERVED_ON, SOURCE, UNTIL, ColumnClass, Export, Grade, Nested
from amparo.registry import facts, lists
from amparo.registry.attributes import AREA, resolved
from amparo.registry.dictionary import GROUP_KIND, Dictionary, Field
from amparo.registry.lists import HOUSEHOLD, PERSON

OF_AREA = "area__"
# `<kind>__group`: the key of a member's group of that kind, null for who is in none.
GROUP = "__group"

# The same people that a single household's decision counts (`queries.members_at`).
_LIVE_MEMBERS = """
    SELECT h.area_number, m.household_id, m.person_id
    FROM registry_membership m
    JOIN registry_household h ON h.id = m.household_id AND h.ended_on IS NULL
    JOIN registry_person p ON p.id = m.person_id AND p.deceased_on IS NULL
    WHERE m.ends_on IS NULL
"""
# Holders of lists by their keys from the household down, and before these the area, which comes first in every order.
_HOUSEHOLDS = "SELECT area_number, id AS k0 FROM registry_household WHERE ended_on IS NULL"
_MEMBERS = f"SELECT area_number, household_id AS k0, person_id AS k1 FROM ({_LIVE_MEMBERS}) live"


@dataclass(frozen=True)
class _Asked:
    """What rules read, and through which lists: (path, field), as `programmes.rulebook.fields_read` gives it."""

    words: Dictionary
    reads: Collection[tuple[str, str]]

    def columns(self, path: str) -> list["_Column"]:
        """Return the columns of the facts of a path's elements."""
        named = sorted(name for at, name in self.reads if at == path and name)
        return [_Column(_allowed(self.words[lists.grain_of(path), plain(name)]), name) for name in named]

    def below(self, path: str) -> list[str]:
        """Return the paths of the lists that hang off a path's elements."""
        return sorted({at for at, _ in self.reads if at.rpartition(".")[0] == path})


@dataclass(frozen=True)
class _Column:
    """A fact's value, or who said it or when, by the suffix of its name."""

    field: Field
    name: str


def plain(name: str) -> str:
    """Return the name of the field, without what stands beside its value."""
    return name.removesuffix(OBSERVED_ON).removesuffix(SOURCE)


def households(dictionary: Dictionary, *, reads: Collection[tuple[str, str]], groups: Collection[str] = ()) -> Export:
    """Return the export of households for decisions, with what `reads` names, (path, name), and nothing else.

    A path is "household", "person", "area", or a holder's path and a list: `person.parents.income_month`. An empty name
    is the list itself. `groups`: the kinds of groups by which members are to be told apart.
    """
    asked = _Asked(dictionary, frozenset(reads) | {(at, "") for path, _ in reads for at in _above(path)})
    home, person = asked.columns(HOUSEHOLD), asked.columns(PERSON)
    areas = [each.field for each in asked.columns(AREA)]
    columns = {"household_id": ColumnClass.KEY, "area_number": ColumnClass.PLACE, "size": ColumnClass.COMPUTED}
    members = Nested(
        name="members",
        query=_members_query(person, asked, sorted(groups)),
        parent="household_id",
        count="size",
        columns={
            "person_id": ColumnClass.KEY,
            **{f"{kind}{GROUP}": ColumnClass.KEY for kind in sorted(groups)},
            **_classes(person),
            **_counts(PERSON, asked),
        },
        key="person_id",
        nested=tuple(_nested(path, asked, _MEMBERS, 1) for path in asked.below(PERSON)),
    )
    return Export(
        name="households",
        query=_households_query(home, areas, asked),
        key="household_id",
        columns={**columns, **_classes(home), **_area_classes(areas), **_counts(HOUSEHOLD, asked)},
        grades=frozenset({Grade.DECISION}),
        nested=(members, *(_nested(path, asked, _HOUSEHOLDS, 0) for path in asked.below(HOUSEHOLD))),
    )


def _above(path: str) -> Iterator[str]:
    """Yield the paths of the lists through which one is reached, without the household and the members."""
    while "." in path:
        path = path.rpartition(".")[0]
        if "." in path:
            yield path


def _allowed(field: Field) -> Field:
    if not field.is_for_decisions:
        raise Refused("registry-field-not-for-decisions", field=field.name, grain=field.grain)
    return field


def _classes(columns: list[_Column]) -> dict[str, str]:
    until = {f"{each.name}{UNTIL}": ColumnClass.COMPUTED for each in _stale(columns)}
    return {**{each.name: _class(each) for each in columns}, **until}


def _class(column: _Column) -> str:
    return column.field.field_class.value if column.name == column.field.name else ColumnClass.COMPUTED


def _counts(path: str, asked: _Asked) -> dict[str, str]:
    return {f"{each.rpartition('.')[2]}{COUNT}": ColumnClass.COMPUTED for each in asked.below(path)}


def _area_classes(fields: list[Field]) -> dict[str, str]:
    """Return the columns of what is stated of the area where a household lives: `area__<name>` and its last day."""
    named = {f"{OF_AREA}{each.name}": each.field_class.value for each in fields}
    return {**named, **{f"{name}{UNTIL}": ColumnClass.COMPUTED for name in named}}


def _households_query(columns: list[_Column], areas: list[Field], asked: _Asked) -> str:
    stated = [f'{each.name}_.value AS "{OF_AREA}{each.name}"' for each in areas]
    stated += [f'{each.name}_.until AS "{OF_AREA}{each.name}{UNTIL}"' for each in areas]
    joined = "".join(
        f"LEFT JOIN ({resolved(each)}) {each.name}_ ON {each.name}_.number = abs(h.area_number)\n" for each in areas
    )
    return f"""
        SELECT h.id AS household_id, h.area_number, coalesce(members.size, 0) AS size{_selected(columns)}
            {"".join(f", {each}" for each in stated)}{_counted(HOUSEHOLD, asked)}
        FROM registry_household h
        LEFT JOIN registry_fact_household f ON f.household_id = h.id
        LEFT JOIN (SELECT household_id, count(*) AS size FROM ({_LIVE_MEMBERS}) live GROUP BY household_id) members
            ON members.household_id = h.id
        {_exceptions(HOUSEHOLD, "h.id", columns)}
        {joined}{_lists_of(HOUSEHOLD, "h.id", asked)}
        WHERE h.ended_on IS NULL
        ORDER BY h.area_number, h.id
    """


def _members_query(columns: list[_Column], asked: _Asked, groups: list[str]) -> str:
    keys = "".join(f', "{kind}{GROUP}".id AS "{kind}{GROUP}"' for kind in groups)
    return f"""
        SELECT live.household_id, live.person_id{keys}{_selected(columns)}
            {_counted(PERSON, asked)}
        FROM ({_LIVE_MEMBERS}) live{"".join(map(_group_of, groups))}
        LEFT JOIN registry_fact_person f ON f.person_id = live.person_id
        {_exceptions(PERSON, "live.person_id", columns)}
        {_lists_of(PERSON, "live.person_id", asked)}
        ORDER BY live.area_number, live.household_id, live.person_id
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


def _nested(path: str, asked: _Asked, holders: str, depth: int) -> Nested:
    """Return a list with all that hangs below it. `holders`: see `_HOUSEHOLDS`."""
    of, columns, grain = lists.at(path, asked.words), asked.columns(path), lists.grain_of(path)
    key, keys = facts.key(grain), ", ".join(["x.area_number", *(f"x.k{number}" for number in range(depth + 1))])
    elements = f"""
        SELECT {keys}, element.id AS k{depth + 1} FROM ({holders}) x
        JOIN ({lists.known(of)}) known ON known.holder_id = x.k{depth}
        JOIN ({lists.rows(of)}) element ON element.holder_id = x.k{depth}"""
    own = f"x.k{depth + 1}"
    query = f"""
        SELECT x.k{depth} AS holder_id, {own} AS {key}{_selected(columns)}
            {_counted(path, asked)}
        FROM ({elements}) x
        LEFT JOIN {facts.table(grain)} f ON f.{key} = {own}
        {_exceptions(grain, own, columns)}
        {_lists_of(path, own, asked)}
        ORDER BY {keys}, {own}
    """
    return Nested(
        name=of.name,
        query=query,
        parent="holder_id",
        count=of.name + COUNT,
        columns={key: ColumnClass.KEY, **_classes(columns), **_counts(path, asked)},
        key=key,
        nested=tuple(_nested(each, asked, elements, depth + 1) for each in asked.below(path)),
    )


def _counted(path: str, asked: _Asked) -> str:
    """Count the elements of each list: null where it is not known."""
    names = [each.rpartition(".")[2] for each in asked.below(path)]
    return "".join(f', "{each}_list".count AS "{each}{COUNT}"' for each in names)


def _lists_of(path: str, key: str, asked: _Asked) -> str:
    """Join each list of a path's elements: how many it holds, of those of whom it is known."""
    joined = ""
    for each in asked.below(path):
        of = lists.at(each, asked.words)
        joined += f"""
        LEFT JOIN (
            SELECT known.holder_id, count(element.id) AS count FROM ({lists.known(of)}) known
            LEFT JOIN ({lists.rows(of)}) element ON element.holder_id = known.holder_id GROUP BY known.holder_id
        ) "{of.name}_list" ON "{of.name}_list".holder_id = {key}"""
    return joined


def _stale(columns: list[_Column]) -> list[Field]:
    """Return the fields among the columns whose facts grow stale, each once."""
    return list({each.field.name: each.field for each in columns if each.field.valid_days is not None}.values())


def _selected(columns: list[_Column]) -> str:
    values = [_value(each) for each in columns]
    until = [
        f'CASE WHEN f."{each.name}" IS NOT NULL THEN {_observed_on(each.name)} + {each.valid_days} END'
        f' AS "{each.name}{UNTIL}"'
        for each in _stale(columns)
    ]
    return "".join(f",\n            {column}" for column in values + until)


def _value(column: _Column) -> str:
    name = column.field.name
    if column.name == name:
        return f'f."{name}"'
    said = _observed_on(name)
    if column.name.endswith(SOURCE):
        said = f'(SELECT code FROM registry_source WHERE id = coalesce(e."{name}{SOURCE}", f.source_id))'
    return f'CASE WHEN f."{name}" IS NOT NULL THEN {said} END AS "{column.name}"'


def _observed_on(name: str) -> str:
    return f'coalesce(e."{name}", f.observed_on)'


def _exceptions(grain: str, key: str, columns: list[_Column]) -> str:
    """Join the day and source of those fields that differ from the row's own."""
    said = [(each.name, "observed_on", "") for each in _stale(columns)]
    said += [(each.field.name, "observed_on", "") for each in columns if each.name.endswith(OBSERVED_ON)]
    said += [(each.field.name, "source_id", SOURCE) for each in columns if each.name.endswith(SOURCE)]
    if not said:
        return ""
    own = [
        f"max({column}) FILTER (WHERE field = '{name}') AS \"{name}{suffix}\""
        for name, column, suffix in dict.fromkeys(said)
    ]
    return f"""LEFT JOIN (
            SELECT entity_id, {", ".join(own)} FROM registry_fact_exception WHERE grain = '{grain}' GROUP BY entity_id
        ) e ON e.entity_id = {key}"""
