"""Brazil's index from people: households drawn so that each rate is exactly what it was in the worked case (G10)."""

from collections.abc import Sequence
from datetime import date
from random import Random
from uuid import UUID

import pytest
from django.db import connections

from amparo.profiles.country import country as profile
from amparo.profiles.installing import install as install_profile
from amparo.programmes import queries
from amparo.programmes.actions import enrol_many, follow_conditions, measure
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.publishing import BULK
from amparo.programmes.types import FeedKind, Performance, Rate
from amparo.registry.actions import install_attributes, register
from amparo.registry.types import AttributeConfig
from amparo.trust.actions import grant_role, open_account
from amparo.trust.context import acting
from amparo.trust.queries import account_named, actor_of, area
from amparo.trust.types import Actor, Ground, Permission, Role, system
from tests.lib import country
from tests.unit.programmes.country import run
from tests.unit.programmes.feeding import identify, rows, taken

DAY = date(2017, 11, 30)
GROUND = Ground(purpose="eligibility")
INCOMES = (
    *("pay_last_month", "pay_last_12_months", "pension_per_month", "unemployment_insurance_per_month"),
    *("alimony_per_month", "donations_per_month", "other_income_per_month"),
)
# Those who met it, and all: TAC .7316, TAFE .93, TAAS .7276 to four digits, as the national figures were.
UPDATED, POOR = 139, 190
AT_SCHOOL, PUPILS = 93, 100
SEEN, INFANTS = 179, 246
PUPIL, INFANT, ADULT = date(2007, 3, 1), date(2013, 3, 1), date(1985, 3, 1)
FEED = FeedConfig(
    code="ministries",
    kind=FeedKind.COMPLIANCE,
    schemes=("bolsa_familia",),
    conditions=("school", "health"),
    columns={"identifier": "id", "condition": "what", "period": "month", "met": "met"},
    fixed={"identifier_scheme": "nis", "scheme": "bolsa_familia"},
    decimals=2,
)


@pytest.fixture
def ines(empty_database) -> Actor:
    """Registers in all of Brazil."""
    by = system("test")
    install_profile(profile("brazil"), by=by)
    stated = [
        AttributeConfig("BR-AC", name, date(2017, 1, 1), 1, "registry_management")
        for name in ("igd_joined", "igd_accounted", "igd_council")
    ]
    install_attributes(stated, by=by)
    account = open_account("ines", country.PASSWORD, display_name="Ines", by=by)
    grant_role(account.id, Role.REGISTRY_MANAGER, by=by, on=date(2010, 1, 1))
    return actor_of(account_named("ines"), on=country.clock.today())


def person(born: date, pay: int = 0) -> dict:
    return {
        "birth_date": born,
        "sex": "male",
        **dict.fromkeys(INCOMES, 0),
        "pay_last_month": pay,
        "pay_last_12_months": 12 * pay,
    }


def home(by: Actor, updated_on: date, *members: dict) -> UUID:
    with acting(by.narrowed(Permission.REGISTER)) as registering:
        return register(
            "BR-AC",
            values={"updated_on": updated_on},
            members=members,
            source="interview",
            by=registering,
            on=date(2017, 10, 1),
            under=GROUND,
        )


def drawn(by: Actor) -> None:
    """Register the poor, of whom some have a record of this year and all the children, and some who are not poor."""
    draw = Random(20171130)
    born = [PUPIL] * PUPILS + [INFANT] * INFANTS
    draw.shuffle(born)
    for number in range(UPDATED):
        home(by, date(2017, 2, 1), person(ADULT), *map(person, born[number::UPDATED]))
    for _ in range(POOR - UPDATED):
        home(by, date(2014, 2, 1), person(ADULT, pay=draw.randrange(0, 30_000)))
    for _ in range(9):
        home(by, date(2014, 2, 1), person(ADULT, pay=500_000))


def numbered(condition: str, born: date, met: int) -> list[str]:
    """Give each child born on a day a number; return the lines of a file that tells of so many of them."""
    people = rows(
        "SELECT p.id, p.area_number FROM registry_person p JOIN registry_fact_person f ON f.person_id = p.id"
        " WHERE f.birth_date = %s ORDER BY p.id",
        born,
    )
    with connections[BULK].cursor() as cursor:
        for number, (id, place) in enumerate(people):
            identify(cursor, id, place, f"{condition}{number}", "nis")
    month = "2017-10" if condition == "school" else "2017-06"
    return [f"{condition}{number},{condition},{month},{('yes', 'no')[number % 2]}" for number in range(met)]


def said(codes: Sequence[str], by: Actor) -> dict[str, Performance]:
    numbers = {area(each).number: each for each in codes}
    with acting(by.narrowed(Permission.READ_FIGURES)) as reader:
        return {numbers[each.area_number]: each for each in queries.performances("igd_m", numbers, by=reader)}


def test_g10_from_drawn_households_and_what_is_told_of_their_children(ines, tmp_path):
    drawn(ines)
    lines = [*numbered("school", PUPIL, AT_SCHOOL), *numbered("health", INFANT, SEEN)]
    run(DAY)
    enrol_many("bolsa_familia", by=system("test"), under=GROUND, on=date(2017, 1, 1), using=BULK)
    taken("\n".join(["id,what,month,met", *lines]) + "\n", tmp_path, feed=FEED, day=DAY)
    follow_conditions(by=system("test"), under=GROUND, on=DAY)
    measure(by=system("test"), under=GROUND, on=DAY)
    found = said(["BR", "BR-AC", "BR-AL"], ines)
    acre = found["BR-AC"]
    assert acre.rates["tac"] == Rate(UPDATED, POOR)
    assert acre.rates["tafe"] == Rate(AT_SCHOOL, PUPILS, PUPILS - AT_SCHOOL, date(2017, 10, 1))
    assert acre.rates["taas"] == Rate(SEEN, INFANTS, INFANTS - SEEN, date(2017, 1, 1))
    assert [round(each.value, 4) for each in acre.rates.values()] == [0.7316, 0.93, 0.7276]
    assert {code: round(value, 4) for code, value in acre.figures.items()} == {"f1": 0.7802, "igd_m": 0.7802}
    assert acre.pays is True
    # Of the country nobody stated whether it joined; where nobody lives no rate is known.
    assert (round(found["BR"].figures["f1"], 4), found["BR"].value) == (0.7802, None)
    assert (found["BR-AL"].figures["f1"], found["BR-AL"].pays) == (None, None)
