"""Every programme of every country, over households near its worked cases: both engines agree (ARC-4, ELI-1).

A household is a worked case in which some values are taken from other cases, and some are not known.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pytest

from amparo.profiles.cases import compiled, figures
from amparo.profiles.finding import find, shipped
from amparo.profiles.reading import read
from amparo.profiles.types import CaseConfig, Profile
from amparo.programmes.catalogue import catalogue
from amparo.programmes.config import Unit
from amparo.programmes.inforce import InForce, asked
from amparo.programmes.units import decided, units
from amparo.rules.catalogue import HOUSEHOLD, MEMBER, Catalogue
from amparo.rules.engines.columnar import columns, one_row_per_group
from amparo.rules.model.rule import ProgrammeRule
from tests.lib.rules.tables import DEEPEST, schema, with_lists

HOMES = 80
Home = dict[str, Any]


def drawn(draw: Random, profile: Profile) -> Home:
    """Return a household near a worked case; `couples` names the couple each member is in."""
    pool: dict[str, list[Any]] = defaultdict(list)
    for case in profile.cases:
        for facts in (case.household, *case.members):
            for name, value in facts.items():
                pool[name].append(value)
    case = draw.choice(profile.cases)
    return {
        "household": {**{name: None for name in pool if name.startswith("area.")}, **near(draw, case.household, pool)},
        "members": [near(draw, each, pool) for each in case.members],
        "couples": couples(case),
    }


def near(draw: Random, facts: dict[str, Any], pool: dict[str, list[Any]]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, list) else draw.choice([value] * 7 + [draw.choice(pool[name])] * 2 + [None])
        for name, value in facts.items()
    }


def couples(case: CaseConfig) -> list[str | None]:
    return list(case.groups["couple"]) or [None] * len(case.members)


def in_force(profile: Profile, on: date) -> Iterator[InForce]:
    for each in profile.programmes:
        if version := each.version_on(on):
            yield compiled(profile, each, version)


def of_reference(programme: InForce, rule: ProgrammeRule, homes: list[Home], on: date, profile: Profile) -> dict:
    known, found = figures(profile), {}
    for number, home in enumerate(homes):
        persons = [f"{number}/{place}" for place in range(len(home["members"]))]
        for unit in units(programme, str(number), persons, home["couples"]):
            key = str(number) if unit.member is None else persons[unit.member]
            found[key] = decided(
                programme, unit, home["household"], home["members"], on=on, parameters=known, rule=rule
            )
    return found


def table(homes: list[Home], words: Catalogue) -> ibis.Table:
    fields = schema(words)
    member = pa.struct([*fields.field("members").type.value_type, pa.field("couple", pa.string())])
    rows = [
        {
            "household_id": str(number),
            "size": len(home["members"]),
            **with_lists(home["household"], HOUSEHOLD, home, words, DEEPEST),
            "members": [
                {"person_id": f"{number}/{place}", "couple": couple, **with_lists(facts, MEMBER, home, words, DEEPEST)}
                for place, (facts, couple) in enumerate(zip(home["members"], home["couples"], strict=True))
            ],
        }
        for number, home in enumerate(homes)
    ]
    wanted = pa.schema([each for each in fields if each.name != "members"] + [pa.field("members", pa.list_(member))])
    return ibis.memtable(pa.Table.from_pylist(rows, schema=wanted))


def words_of(profile: Profile, programmes: list[InForce]) -> Catalogue:
    """Return the catalogue with no list but those that a rule reads: a table of all would be very wide."""
    all_words = catalogue(profile.dictionary)
    read_by_rules = {word for each in programmes for path, name in each.rule.reads for word in (*path.split("."), name)}
    return Catalogue(
        all_words.fields, [each for each in all_words.lists if each.name in read_by_rules], all_words.sources
    )


@pytest.mark.parametrize("name", shipped())
def test_both_engines_say_the_same_of_every_programme_of_a_country(name):
    profile, draw = read(find(name)), Random(11)
    on = Counter(each.on for each in profile.cases).most_common(1)[0][0]
    programmes = list(in_force(profile, on))
    homes = [drawn(draw, profile) for _ in range(HOMES)]
    rows, seen = table(homes, words_of(profile, programmes)), set()
    for unit, group in {(each.unit, each.group) for each in programmes}:
        of_unit = [each for each in programmes if (each.unit, each.group) == (unit, group)]
        source = one_row_per_group(rows, str(group)) if group else rows
        rules = {f"{each.code}{name}": rule for each in of_unit for name, rule in every_rule(each).items()}
        found = columns(source, rules, on=on, parameters=figures(profile)).to_pyarrow().to_pylist()
        by_key = {row["household_id" if unit is Unit.HOUSEHOLD else "person_id"]: row for row in found}
        for each in of_unit:
            for alias, rule in every_rule(each).items():
                for key, wanted in of_reference(each, rule, homes, on, profile).items():
                    row, stem = by_key[key], f"{each.code}{alias}__"
                    given = (row[f"{stem}outcome"], row[f"{stem}amount"], tuple(row[f"{stem}missing"]))
                    assert given == (wanted.outcome, wanted.amount, wanted.missing), stem
                    seen.add(wanted.outcome)
    assert seen == {True, False, None}


def every_rule(programme: InForce) -> dict[str, ProgrammeRule]:
    """Return the programme's rule, and each key that it ranks by as a rule of its own."""
    return {"": programme.rule, **asked(programme, "_")}
