"""Compiles what an agreement covers into one query over the tables of facts: these fields, in this form, of these records.

Shape   one row per living person, or per live household, of the population: its id, the two numbers it is paged by, then
        one column per field in the order asked for. Of contact the query gives whose it is and a digest, which `opened`
        turns into the value
Units   as in the dictionary. A band is its place among the limits: 0 below the first, 1 from the first on, and so on
Nulls   unknown, also what is too old to be relied on. Of a test an unknown value is neither yes nor no. Of `known` never
        null. A household's fields beside a person where consent is needed: null unless all who live there agreed
Errors  a field that the dictionary does not know, that is of another grain, or whose limits do not fit its type, is refused
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from amparo.kernel.errors import Refused
from amparo.registry import contact_values, facts
from amparo.registry.dictionary import PYTHON_TYPE, Dictionary, Field, FieldClass, Type
from amparo.registry.sought import Sought
from amparo.trust.covering import Comparison, Covered, FieldTerm, Given

PERSON, HOUSEHOLD = facts.LENT
DIED = (PERSON, "death_date")  # by role or name: a field that tells when somebody died
_COMPARED = {Comparison.AT_LEAST: ">=", Comparison.AT_MOST: "<=", Comparison.EQUALS: "="}
_ORDERED = (Type.INTEGER, Type.NUMBER, Type.MONEY, Type.DATE)

# A consent that counts: not taken back, not past its day, and given for what the agreement asks now. One condition for
# every query; the database holds the same by its own function (migrations/0008_lent.sql).
LIVE = """
    SELECT consent.person_id FROM trust_consent consent
    WHERE consent.withdrawn_at IS NULL AND consent.asked = %(asked)s
        AND consent.given_on <= %(on)s AND (consent.until IS NULL OR consent.until >= %(on)s)
"""
# A live person with the household they live in; a live household. Paged in the order of the index on areas.
_PERSONS = """
    SELECT own.id, own.area_number, own.number{columns}{also}
    FROM registry_person own
    LEFT JOIN registry_membership home ON home.person_id = own.id AND home.ends_on IS NULL
    LEFT JOIN registry_fact_person person ON person.person_id = own.id
    LEFT JOIN registry_fact_household household ON household.household_id = home.household_id{all_agreed}
    WHERE own.deceased_on IS {alive} AND {conditions}
    ORDER BY {order} LIMIT %(records)s OFFSET {skip}
"""
_HOUSEHOLDS = """
    SELECT own.id, own.area_number, own.number{columns}{also}
    FROM registry_household own
    LEFT JOIN registry_fact_household household ON household.household_id = own.id
    WHERE own.ended_on IS NULL AND {conditions}
    ORDER BY {order} LIMIT %(records)s OFFSET {skip}
"""
# When what is known of them was observed, their home, and how many there are in all.
_ALSO = {
    PERSON: ", person.observed_on, household.observed_on, home.household_id, count(*) OVER ()",
    HOUSEHOLD: ", NULL::date, household.observed_on, own.id, count(*) OVER ()",
}
_MEMBERS = """
    SELECT member.person_id FROM registry_membership member JOIN registry_person alive ON alive.id = member.person_id
    WHERE member.household_id = {household} AND member.ends_on IS NULL AND alive.deceased_on IS NULL
"""


@dataclass(frozen=True)
class Statement:
    """A query and what stands in its places."""

    text: str
    values: dict[str, Any]


def unfit(field: FieldTerm, words: Dictionary) -> Refused | None:
    """Return why a field cannot be handed over in the form an agreement says; None where it can."""
    place = f"{field.grain}.{field.name}"
    if field.grain not in facts.LENT or (field.grain, field.name) not in words:
        return Refused("registry-field-not-lent", field=place)
    known = words[field.grain, field.name]
    if known.field_class is FieldClass.PROTECTION:
        return Refused("registry-field-protects", field=place)
    if known.is_sealed and field.given not in (Given.VALUE, Given.KNOWN):
        return Refused("registry-contact-compared", field=place)
    is_ordered = field.given is Given.BAND or field.comparison in (Comparison.AT_LEAST, Comparison.AT_MOST)
    if not field.is_sound or (is_ordered and known.type not in _ORDERED):
        return Refused("registry-limits-unfit", field=place, type=known.type.value)
    if not all(_is_of(each, known.type) for each in field.limits):
        return Refused("registry-limits-unfit", field=place, type=known.type.value)
    return None


def _is_of(limit: Any, type: Type) -> bool:
    if isinstance(limit, bool):
        return type is Type.BOOLEAN
    return isinstance(limit, PYTHON_TYPE[type])


def statement(
    covered: Covered,
    words: Dictionary,
    *,
    about: str,
    granted: str = "",
    after: tuple[int, int] | None = None,
    sought: Sought | None = None,
    is_told: bool = True,
    is_of_dead: bool = False,
) -> Statement:
    """Return the query for a page of what is covered, after the last record of the page before.

    `sought`   only those of them that a partner looks for; then each row ends with four columns more (`_ALSO`), if `is_told`
    `is_of_dead`  of persons who died, and of nobody who lives
    `granted`  SQL that gives the ids of units which the agreement's programme grants something, for `%(programme)s`
    """
    for each in covered.fields:
        if refused := unfit(each, words):
            raise refused
    if about not in facts.LENT or any(each.grain != about and about != PERSON for each in covered.fields):
        raise Refused("registry-not-about", about=about)
    if covered.programme and not granted:
        raise Refused("registry-programme-not-lent", programme=covered.programme)
    values: dict[str, Any] = {
        "records": covered.records,
        "on": covered.on,
        "asked": covered.asked,
        "programme": covered.programme,
    }
    conditions = [_areas(covered, values), *_agreed(covered, about, granted)]
    if after:
        values |= {"after_area": after[0], "after_number": after[1]}
        conditions.append("(own.area_number, own.number) > (%(after_area)s, %(after_number)s)")
    if sought:
        values |= sought.values
        conditions += sought.conditions
    columns = "".join(
        f",\n        {_column(each, words, place, values, is_of_dead=is_of_dead)}"
        for place, each in enumerate(covered.fields)
    )
    text = (_PERSONS if about == PERSON else _HOUSEHOLDS).format(
        columns=columns,
        conditions=" AND ".join(conditions),
        all_agreed=f" AND {_all_agreed('home.household_id')}" if covered.needs_consent else "",
        also=_ALSO[about] if sought and is_told else "",
        alive="NOT NULL" if is_of_dead else "NULL",
        order=sought.order if sought else "own.area_number, own.number",
        skip=sought.skip if sought else 0,
    )
    return Statement(text, values)


def _areas(covered: Covered, values: dict[str, Any]) -> str:
    """Write the areas as ranges that the index can use. Without any, nobody."""
    places = []
    for number, (first, last) in enumerate(covered.areas):
        values |= {f"first_{number}": first, f"last_{number}": last}
        places.append(f"own.area_number BETWEEN %(first_{number})s AND %(last_{number})s")
    return f"({' OR '.join(places)})" if places else "false"


def _agreed(covered: Covered, about: str, granted: str) -> list[str]:
    conditions = []
    if covered.needs_consent:
        conditions.append(f"own.id IN ({LIVE})" if about == PERSON else _all_agreed("own.id"))
    if covered.programme:
        conditions.append(f"own.id IN ({granted})")
    return conditions


def _all_agreed(household: str) -> str:
    """A household is everybody's in it: somebody lives there, and nobody who lives there has not agreed."""
    members = _MEMBERS.format(household=household)
    return f"(EXISTS ({members}) AND NOT EXISTS ({members} AND member.person_id NOT IN ({LIVE})))"


def _column(term: FieldTerm, words: Dictionary, place: int, values: dict[str, Any], *, is_of_dead: bool = False) -> str:
    field = words[term.grain, term.name]
    value, name = reliable(field), f'"{term.grain}.{term.name}"'
    if (
        is_of_dead and (field.grain, field.role or field.name) == DIED
    ):  # an officer's word is a day of no source's record
        value = f"coalesce({value}, own.deceased_on)"
    limits = _limits(term.limits, place, values)
    if term.given is Given.KNOWN:
        return f"({value}) IS NOT NULL AS {name}"
    if term.given is Given.TEST:
        return f"({value}) {_COMPARED[Comparison(term.comparison)]} {limits[0]} AS {name}"
    if term.given is Given.BAND:
        below = " ".join(f"WHEN ({value}) < {limit} THEN {band}" for band, limit in enumerate(limits))
        return f"CASE WHEN ({value}) IS NULL THEN NULL {below} ELSE {len(limits)} END AS {name}"
    if field.is_sealed:
        return f"{field.grain}.{facts.key(field.grain)} || ':' || ({value}) AS {name}"
    return f"({value}) AS {name}"


def opened(covered: Covered, rows: Sequence[tuple], words: Dictionary) -> list[tuple]:
    """Return a page's rows with the values of contact that stand sealed; who has none of one keeps null."""
    first = 3  # after the id and the two numbers
    places = {
        place: term.name
        for place, term in enumerate(covered.fields, first)
        if term.given is Given.VALUE and words[term.grain, term.name].is_sealed
    }
    if not places:
        return list(rows)
    asked = {
        (number, place): (UUID(row[place].partition(":")[0]), name, row[place].partition(":")[2])
        for number, row in enumerate(rows)
        for place, name in places.items()
        if row[place] is not None
    }
    texts = contact_values.opened(asked.values(), through=contact_values.LENT)
    told = {at: texts[each] for at, each in asked.items()}
    return [
        tuple(told.get((number, place), value) for place, value in enumerate(row)) for number, row in enumerate(rows)
    ]


def _limits(limits: Sequence[Any], place: int, values: dict[str, Any]) -> list[str]:
    named = {f"limit_{place}_{number}": each for number, each in enumerate(limits)}
    values |= named
    return [f"%({name})s::date" if isinstance(each, date) else f"%({name})s" for name, each in named.items()]


def reliable(field: Field) -> str:
    """Return a fact's value, and null where it is too old on the day: what nobody may rely on is unknown."""
    value = f'{field.grain}."{field.name}"'
    if field.valid_days is None:
        return value
    key = facts.key(field.grain)
    return f"""CASE WHEN coalesce((SELECT odd.valid_until FROM registry_fact_exception odd
            WHERE odd.entity_id = {field.grain}.{key} AND odd.field = '{field.name}' AND odd.grain = '{field.grain}'),
            {field.grain}.observed_on + {field.valid_days}) >= %(on)s THEN {value} END"""
