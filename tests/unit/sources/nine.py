"""Nine institutions, each of which tells one field of a person, and a programme of each that decides by it alone.

A tenth programme decides by all nine. What each must come to is worked out here in plain Python from what the institutions know.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from amparo.kernel import clock
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Unit
from amparo.registry.actions import install_dictionary, install_sources
from amparo.registry.dictionary import Dictionary, Field, Type, Vocabulary
from amparo.registry.schemes import Scheme
from amparo.registry.types import SourceConfig
from amparo.sources.actions import install_connections
from amparo.sources.types import Attribute, Caching, ConnectionConfig
from amparo.trust.actions.agreeing import install_organisations
from amparo.trust.covering import Direction, FieldTerm
from amparo.trust.types import OrganisationConfig
from tests.lib import agreeing, country, kin
from tests.lib.institutions import Ministry
from tests.unit.programmes.country import GRANT, LINE, installed
from tests.unit.sources import setting

SINCE = date(2026, 1, 1)
_USED = {"valid_days": 365, **country.USED}
_AMOUNT = {"unit": "money/month", "minimum": 0, "maximum": 100_000_00}


@dataclass(frozen=True)
class Institution:
    """`rule`: of the programme that decides by it; `told`: two values as it tells them, one that the rule grants and one not."""

    field: Field
    rule: str
    told: tuple[Any, Any]


def _institution(name: str, kind: Type, rule: str, told: tuple[Any, Any], **more: Any) -> Institution:
    field = Field(name, "person", kind, precedence=(f"of_{name}", "census"), **(_USED | more))
    return Institution(field, rule, told)


NINE = {
    f"of_{each.field.name}": each
    for each in (
        _institution("wage", Type.MONEY, "member.wage <= param.line", ("12.50", "912.50"), **_AMOUNT),
        _institution("pension", Type.MONEY, "member.pension <= param.line", ("0.00", "340.00"), **_AMOUNT),
        _institution("insured", Type.BOOLEAN, "!member.insured", (False, True)),
        _institution("employed", Type.BOOLEAN, "!member.employed", (False, True)),
        _institution("level", Type.CODE, 'member.level == "none"', ("none", "primary"), vocabulary="level"),
        _institution("status", Type.CODE, 'member.status == "single"', ("single", "married"), vocabulary="status"),
        _institution("hectares", Type.NUMBER, "member.hectares < 1.0", (0.25, 14.5), minimum=0, maximum=10_000),
        _institution("vehicles", Type.INTEGER, "member.vehicles == 0", (0, 2), minimum=0, maximum=100),
        _institution("grade", Type.INTEGER, "member.grade >= 40", (70, 10), minimum=0, maximum=100),
    )
}
WORDS = Dictionary(
    **{name: getattr(country.DICTIONARY, name) for name in ("currency", "decimals", "lists", "groups", "majority")},
    version="nine",
    vocabularies=(
        *country.DICTIONARY.vocabularies,
        Vocabulary("level", ("none", "primary")),
        Vocabulary("status", ("single", "married")),
    ),
    fields=(*country.DICTIONARY.fields, *(each.field for each in NINE.values())),
    schemes=(Scheme("national_id", 8),),
    sources=(*(each.code for each in country.SOURCES), *NINE),
)
ALL = "all_nine"
PROGRAMMES = [
    *(
        ProgrammeConfig(source, Unit.PERSON, (RuleVersion(SINCE, rule=each.rule, amount="param.grant", law="law-x"),))
        for source, each in NINE.items()
    ),
    ProgrammeConfig(
        ALL,
        Unit.PERSON,
        (RuleVersion(SINCE, rule=" && ".join(each.rule for each in NINE.values()), amount="param.grant", law="law-x"),),
    ),
]
Right = dict[tuple[str, int], bool]  # programme and place of the person → what is right


def prepare(ministry: Ministry, caching: Callable[[int], Caching]) -> None:
    """Install everything. `caching`: of an institution by its place, what may be kept of what it tells."""
    install_sources([*country.SOURCES, *(SourceConfig(each, "authority", 4) for each in NINE)], by=setting.BY)
    install_dictionary(WORDS, by=setting.BY)
    agreeing.install()
    install_organisations([OrganisationConfig(each, each) for each in NINE], by=setting.BY)
    for source, each in NINE.items():
        agreeing.in_force(
            f"{source}_told",
            provider=source,
            consumer="ministry",
            direction=Direction.IN,
            fields=(FieldTerm("person", each.field.name),),
            identifiers=("national_id",),
            volume=10**9,
        )
    ministry.records = {each: {} for each in NINE}
    connect(ministry, caching)
    installed(*PROGRAMMES, parameters=(LINE, GRANT))


def connect(ministry: Ministry, caching: Callable[[int], Caching], **patience: float) -> None:
    """Install the nine connections; `patience`: source → seconds, where it is not ten."""
    install_connections(
        [_connection(ministry, each, caching(place), patience.get(each, 10.0)) for place, each in enumerate(NINE)],
        by=setting.BY,
    )


def _connection(ministry: Ministry, source: str, caching: Caching, seconds: float) -> ConnectionConfig:
    name = NINE[source].field.name
    days = 0 if caching is Caching.NONE else 30
    return ConnectionConfig(
        source=source,
        owner=source,
        agreement=f"{source}_told",
        connector="rest",
        key="national_id",
        attributes=(Attribute(name, f"/values/{name}", caching, days=days),),
        settings={
            "address": ministry.address(source),
            "echo": "/number",
            "as_of": "/as_of",
            "expects": {"/version": "1", "/currency": "EUR"},
        },
        fresh_days=60,
        seconds=seconds,
        in_second=1_000_000,
        in_minute=100_000_000,
    )


def home(ministry: Ministry, place: int, *, persons: int, chance: random.Random) -> tuple[UUID, Right]:
    """Register a household of which the census was told the contrary of what the institutions know; return what is right."""
    numbers = [f"{10_000_000 + place * 10 + each}" for each in range(persons)]
    drawn = {(source, number): chance.random() < 0.6 for source in NINE for number in numbers}
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    for (source, number), granted in drawn.items():
        name, told = NINE[source].field.name, NINE[source].told
        ministry.records[source][number] = {
            "number": number,
            "as_of": yesterday,
            "version": "1",
            "currency": "EUR",
            "values": {name: told[not granted]},
            "other": {name: told[granted]},
        }
    census = [{each.field.name: _typed(each, drawn[source, one]) for source, each in NINE.items()} for one in numbers]
    members = [{"given_name": "Yara", "is_head": not place, **each} for place, each in enumerate(census)]
    id = country.household("n1", *members, on=clock.today() - timedelta(days=30))
    for person, number in zip(setting.members(id), numbers, strict=True):
        kin.number(person, number)
    right = {(source, at): drawn[source, number] for source in NINE for at, number in enumerate(numbers)}
    right |= {(ALL, at): all(drawn[source, number] for source in NINE) for at, number in enumerate(numbers)}
    return id, right


def _typed(each: Institution, granted: bool) -> Any:
    """Return the contrary of what is told, in the dictionary's type."""
    said = each.told[granted]
    return round(float(said) * 100) if each.field.type is Type.MONEY else said
