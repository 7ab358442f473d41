"""What the tests of sources begin with: three institutions that know people by their national number, agreed and connected.

The tax office tells the wage (kept nowhere), the health fund who is insured (until a day), the ministry of education who went to
which school (as an observation). The census was told of all three by the people themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from amparo.kernel import clock
from amparo.registry.actions import install_dictionary, install_sources
from amparo.registry.dictionary import Dictionary, Field, FieldClass, Type, Vocabulary
from amparo.registry.queries import household as registry_household
from amparo.registry.schemes import Scheme
from amparo.registry.types import SourceConfig
from amparo.sources.actions import install_connections, open_file
from amparo.sources.types import Attribute, Caching, ConnectionConfig, HouseholdFile, Reason
from amparo.trust.actions.agreeing import install_organisations
from amparo.trust.context import acting
from amparo.trust.covering import Direction, FieldTerm
from amparo.trust.types import Actor, OrganisationConfig, Permission, system
from tests.lib import agreeing, country, institutions, kin
from tests.lib.institutions import Ministry

BY = system("test")
SOURCES = [
    *country.SOURCES,
    SourceConfig("health", "authority", 4),
    SourceConfig("school", "authority", 5),
    SourceConfig("application", "declared", 6),
]
OWNERS = {"tax": "tax_office", "health": "health_fund", "school": "education_ministry"}
TOLD = {"tax": "wage", "health": "insured", "school": "level"}
_USED = {"valid_days": 365, **country.USED}
FIELDS = (
    Field(
        "wage",
        "person",
        Type.MONEY,
        unit="money/month",
        minimum=0,
        maximum=100_000_00,
        precedence=("tax", "census"),
        **_USED,
    ),
    Field("insured", "person", Type.BOOLEAN, precedence=("health", "census"), **_USED),
    Field("level", "person", Type.CODE, vocabulary="level", precedence=("school", "census"), **_USED),
    Field("grade", "person", Type.INTEGER, field_class=FieldClass.SENSITIVE, **_USED),
)
WORDS = Dictionary(
    **{name: getattr(country.DICTIONARY, name) for name in ("currency", "decimals", "lists", "groups", "majority")},
    version="sources",
    vocabularies=(*country.DICTIONARY.vocabularies, Vocabulary("level", ("none", "primary"))),
    fields=(*country.DICTIONARY.fields, *FIELDS),
    schemes=(Scheme("national_id", 8),),
    sources=tuple(each.code for each in SOURCES),
)
ATTRIBUTES = {
    "tax": Attribute("wage", "/values/wage", Caching.NONE),
    "health": Attribute("insured", "/values/insured", Caching.UNTIL, days=7),
    "school": Attribute("level", "/values/level", Caching.OBSERVATION, days=30, codes={"N": "none", "P": "primary"}),
}
YARA, OMAR = "10000001", "10000002"
# What the institutions know, and what each would say of somebody else.
KNOWN: dict[str, dict[str, Any]] = {
    "tax": {YARA: "512.50", OMAR: "0.00"},
    "health": {YARA: True, OMAR: False},
    "school": {YARA: "P", OMAR: "N"},
}
OF_OTHERS = {"tax": "77.00", "health": False, "school": "N"}
HEALTHY = {
    (YARA, "wage"): 512_50,
    (OMAR, "wage"): 0,
    (YARA, "insured"): True,
    (OMAR, "insured"): False,
    (YARA, "level"): "primary",
    (OMAR, "level"): "none",
}

# What a fault is called by whoever asked. Whatever stands in no line is no answer that anybody agreed on.
_EXPECTED = {
    Reason.DOWN: (
        "cut before a word",
        "cut in the headers",
        "cut in the body",
        "another error",
        "not now",
        "no protocol",
        "too large",
        "packed",
    ),
    Reason.SLOW: institutions.SLOW,
    Reason.LIMITED: ("too often",),
    Reason.REFUSED: ("who are you", "not you"),
    Reason.NOBODY: ("nobody",),
    Reason.WRONG_PERSON: ("another person",),
    Reason.STALE: ("of last century",),
    Reason.SILENT: ("nulls",),
    Reason.DRIFT: ("another version", "another currency", "other names", "no values", "nobody's name on it"),
}
_REASON_OF = {fault: reason for reason, faults in _EXPECTED.items() for fault in faults}


def reasons_of(fault: str) -> set[Reason]:
    """Return what a fault may be called by whoever asked."""
    return {_REASON_OF[fault]} if fault in _REASON_OF else {Reason.MALFORMED, Reason.DRIFT}


def connection(ministry: Ministry, source: str, **changes: Any) -> ConnectionConfig:
    config = ConnectionConfig(
        source=source,
        owner=OWNERS[source],
        agreement=f"{source}_told",
        connector="rest",
        key="national_id",
        attributes=(ATTRIBUTES[source],),
        settings={
            "address": ministry.address(source),
            "echo": "/number",
            "as_of": "/as_of",
            "expects": {"/version": "1", "/currency": "EUR"},
        },
        fresh_days=60,
        seconds=1.0,
        in_second=1_000,
        in_minute=10_000,
    )
    return replace(config, **changes)


def record(source: str, number: str, value: Any, *, on: date | None = None) -> dict[str, Any]:
    """Return what an institution says of somebody."""
    day = on or clock.today() - timedelta(days=1)
    return {
        "number": number,
        "as_of": day.isoformat(),
        "version": "1",
        "currency": "EUR",
        "values": {TOLD[source]: value},
        "other": {TOLD[source]: OF_OTHERS[source]},
    }


def knowing(ministry: Ministry) -> None:
    ministry.faults, ministry.delay = {}, 0.0
    ministry.records = {
        source: {number: record(source, number, value) for number, value in known.items()}
        for source, known in KNOWN.items()
    }


def prepare(ministry: Ministry, **changes: Any) -> None:
    """Install fields, sources, agreements in force and connections."""
    install_sources(SOURCES, by=BY)
    install_dictionary(WORDS, by=BY)
    agreeing.install()
    install_organisations([OrganisationConfig(each, each.replace("_", " ")) for each in OWNERS.values()], by=BY)
    for source, owner in OWNERS.items():
        agreeing.in_force(
            f"{source}_told",
            provider=owner,
            consumer="ministry",
            direction=Direction.IN,
            fields=(FieldTerm("person", TOLD[source]),),
            identifiers=("national_id",),
            **changes,
        )
    knowing(ministry)
    connect(ministry)


def connect(ministry: Ministry, **changes: dict[str, Any]) -> None:
    """Install the connections; `changes`: source → what differs."""
    install_connections([connection(ministry, each, **changes.get(each, {})) for each in OWNERS], by=BY)


def home(area: str = "n1", *, day: date | None = None, numbers: tuple[str, str] = (YARA, OMAR)) -> UUID:
    """Register Yara and Omar as the census was told of them: everything otherwise than the institutions know it."""
    on = day or clock.today() - timedelta(days=30)
    said = {"wage": 99_00, "insured": False, "level": "none"}
    id = country.household(
        area,
        {"given_name": "Yara", "is_head": True, "birth_date": date(1986, 1, 1), **said},
        {"given_name": "Omar", "birth_date": date(2015, 1, 1), **said, "insured": True, "level": "primary"},
        on=on,
    )
    for person, number in zip(members(id), numbers, strict=True):
        kin.number(person, number)
    return id


def members(id: UUID) -> list[UUID]:
    with acting(country.cast().ines.narrowed(Permission.READ_HOUSEHOLD)) as by:
        return [each.id for each in registry_household(id, by=by, under=country.GROUND).members]


def opened(id: UUID, *, who: str = "amina", under=country.GROUND) -> HouseholdFile:
    """Have somebody open the file as a page does."""
    by: Actor = getattr(country.cast(), who).narrowed(Permission.ASK_SOURCES)
    with acting(by):
        return open_file(id, by=by, under=under, on=clock.today())


def told(file: HouseholdFile) -> dict[tuple[str, str], Any]:
    """Return (number, field) → value, None where it is unknown, of what the institutions tell."""
    found = {}
    for number, member in zip((YARA, OMAR), file.record.members, strict=True):
        for each in file.fields[member.id]:
            if each.name in TOLD.values():
                found[number, each.name] = each.value and each.value.value
    return found


@contextmanager
def inside_allowed() -> Iterator[None]:
    """Let calls go to this machine, as an operator would name it."""
    from django.conf import settings

    before = settings.CALLS
    settings.CALLS = {"places": [], "inside": ["127.0.0.1"]}
    try:
        yield
    finally:
        settings.CALLS = before
