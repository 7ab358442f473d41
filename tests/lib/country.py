"""A small country for tests: four villages in two regions, a few fields, and the cast that works there."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from amparo.kernel import clock
from amparo.registry.actions import install_dictionary, install_sources, register
from amparo.registry.dictionary import Dictionary, Field, FieldClass, ListDefinition, Type, Vocabulary
from amparo.registry.lists import relations
from amparo.registry.types import SourceConfig
from amparo.trust.actions import grant_role, install_areas, install_purposes, open_account
from amparo.trust.context import acting
from amparo.trust.models import Account
from amparo.trust.queries import account_named, actor_of
from amparo.trust.types import (
    OF_AREAS,
    READS,
    SCOPE_KIND,
    Actor,
    AreaConfig,
    Ground,
    Permission,
    PurposeConfig,
    Role,
    ScopeKind,
    system,
)

AREAS = [
    AreaConfig("land", None, "country", "Land"),
    AreaConfig("north", "land", "region", "North"),
    AreaConfig("n1", "north", "village", "Northwell"),
    AreaConfig("n2", "north", "village", "Northford"),
    AreaConfig("south", "land", "region", "South"),
    AreaConfig("s1", "south", "village", "Southwell"),
    AreaConfig("s2", "south", "village", "Southford"),
]
SOURCES = [SourceConfig("census", "survey", 1), SourceConfig("tax", "authority", 2), SourceConfig("office", "form", 3)]
USED = {"purpose": "registration", "used_by": ("test",)}
DICTIONARY = Dictionary(
    version="test-1",
    currency="EUR",
    decimals=2,
    vocabularies=(Vocabulary("floor", ("earth", "cement")), Vocabulary("sex", ("female", "male"))),
    fields=(
        Field(
            "income", "household", Type.MONEY, unit="money/month", valid_days=365, precedence=("tax", "census"), **USED
        ),
        Field("rooms", "household", Type.INTEGER, minimum=0, maximum=30, **USED),
        Field("floor", "household", Type.CODE, vocabulary="floor", **USED),
        Field("visited_on", "household", Type.DATE, **USED),
        Field("given_name", "person", Type.TEXT, field_class=FieldClass.IDENTITY, role="given_name", **USED),
        Field("family_name", "person", Type.TEXT, field_class=FieldClass.IDENTITY, role="family_name", **USED),
        Field("birth_date", "person", Type.DATE, role="birth_date", **USED),
        Field("sex", "person", Type.CODE, vocabulary="sex", role="sex", **USED),
        Field("is_head", "person", Type.BOOLEAN, role="is_head", **USED),
        Field("pregnant", "person", Type.BOOLEAN, field_class=FieldClass.SENSITIVE, **USED),
        Field("month", "item:income_month", Type.DATE, effective_month=True, **USED),
        Field("amount", "item:income_month", Type.MONEY, unit="money/month", **USED),
        Field("hectares", "item:plot", Type.NUMBER, unit="hectares", valid_days=365, **USED),
    ),
    lists=(
        *(replace(each, complete_in=("census",)) for each in relations()),
        ListDefinition("income_month", "person", "item:income_month", ("tax",)),
        ListDefinition("plot", "household", "item:plot", ("census",)),
    ),
    sources=("census", "tax", "office"),
    groups=("family", "couple"),
    majority=18,
)
GROUND = Ground(purpose="registration")
DAY = date(2026, 3, 1)
PASSWORD = "correct horse battery"

CAST = {
    "amina": (Role.OFFICER, "north"),
    "bruno": (Role.SUPERVISOR, "land"),
    "chen": (Role.OFFICER, "south"),
    "emre": (Role.AUDITOR, None),
    "farah": (Role.AUTHOR, None),
    "goran": (Role.PUBLISHER, None),
    "hana": (Role.ADMINISTRATOR, None),
    "lina": (Role.DATA_PROTECTION_OFFICER, None),
    "ines": (Role.REGISTRY_MANAGER, None),
    "nadia": (Role.PROTECTION_OFFICER, "north"),
    "omid": (Role.PROGRAMME_MANAGER, "poor_home"),
    "paz": (Role.PAYMENTS_OFFICER, None),
    "quinn": (Role.PAYMENTS_APPROVER, None),
    "rosa": (Role.PAYMENTS_APPROVER, None),
    "samir": (Role.PAYMENTS_OFFICER, None),
}


@dataclass(frozen=True)
class Cast:
    """The people of every test. Dalia, a citizen, and nobody have no role here."""

    amina: Actor
    bruno: Actor
    chen: Actor
    emre: Actor
    farah: Actor
    goran: Actor
    hana: Actor
    lina: Actor
    ines: Actor
    nadia: Actor
    omid: Actor
    paz: Actor
    quinn: Actor
    rosa: Actor
    samir: Actor


def install() -> None:
    """Make the small country in an empty database, with its cast's accounts."""
    by = system("test")
    install_areas(AREAS, by=by)
    install_sources(SOURCES, by=by)
    install_purposes([PurposeConfig("registration", "Registration Act, section 1", tuple(READS))], by=by)
    install_dictionary(DICTIONARY, by=by)
    open_cast()


def open_cast(places: dict[str, str | None] | None = None) -> None:
    """Open the cast's accounts; `places` gives other area codes than the small country's, and who is in none has no role."""
    by = system("test")
    for name, (role, place) in CAST.items():
        account = open_account(name, PASSWORD, display_name=name.capitalize(), by=by)
        kind = SCOPE_KIND[role]
        if kind in OF_AREAS and places and name not in places:
            continue
        where = {"area_code": (places or {}).get(name, place)} if kind in OF_AREAS else {}
        where = {"programme": place} if kind is ScopeKind.PROGRAMME else where
        grant_role(account.id, role, by=by, on=date(2020, 1, 1), **where)


def cast() -> Cast:
    accounts = Account.objects.in_bulk(CAST, field_name="username")
    return Cast(**{name: actor_of(accounts[name], on=clock.today()) for name in CAST})


def actor(name: str) -> Actor:
    """One of the cast, where the others are not needed."""
    return actor_of(account_named(name), on=clock.today())


def household(
    area: str, *members: dict, by: Actor | None = None, on: date = DAY, source: str = "census", **values
) -> UUID:
    """Register a household in an area, as a registry manager of the whole country unless `by` says otherwise."""
    by = by or actor("ines").narrowed(Permission.REGISTER)
    with acting(by):
        return register(area, values=values, members=members, source=source, by=by, on=on, under=GROUND)
