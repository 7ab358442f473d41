"""Programmes that pay, and people enrolled in them, for tests of payments: rows as enrolment writes them, many at once."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import connections

from amparo.kernel.ids import uuid7
from amparo.payments import actions
from amparo.payments.actions.accounts import Given
from amparo.payments.config import Payer, PaymentConfig, Threshold
from amparo.payments.types import Check, PaymentList, RailKind
from amparo.registry.queries import dictionary
from amparo.trust.context import acting
from amparo.trust.log.signing_key import has_signing_key, make_signing_key
from amparo.trust.types import Actor, Permission, system
from tests.lib import country
from tests.lib.country import GROUND

OPERATOR = system("test")
DAY = date(2026, 11, 20)
CYCLE = "2026-11"
TERMS = PaymentConfig(
    programme="poor_home",
    law="law-poor",
    first=date(2026, 1, 1),
    every_months=1,
    pays_after_days=24,
    rail=RailKind.AGENTS,
    checks=(),
    approvals=(Threshold(0, 1), Threshold(1_000_000_00, 2)),
)
PAYER = Payer("Fund", "1000000001", "CBKEKENX")
BY_ITSELF = replace(TERMS, rail=RailKind.G2P, payer=PAYER, answers_under="pays")
BY_BANK = replace(TERMS, rail=RailKind.BANK_FILE, payer=PAYER, checks=(Check.DUPLICATE_ACCOUNT,))

_ENROL = """
INSERT INTO programmes_enrolment (id, programme_id, grain, unit_id, household_id, person_id, recipient_id, area_number, source,
    state, starts_on, amount_minor)
SELECT amparo_uuid7(), (SELECT id FROM programmes_programme WHERE code = %(programme)s), 'household', unit, unit, NULL,
    recipient, %(area)s, 'own', %(state)s, %(since)s, amount
FROM unnest(%(units)s::uuid[], %(recipients)s::uuid[], %(amounts)s::bigint[]) AS given (unit, recipient, amount)
RETURNING id
"""


def installed(terms: PaymentConfig = TERMS) -> PaymentConfig:
    """Install the small country's programmes, and how one of them pays."""
    from tests.unit.programmes.country import installed as programmes

    programmes()
    pays(terms)
    return terms


def pays(terms: PaymentConfig = TERMS) -> None:
    """Let a programme that is installed pay so, and its lists be signed."""
    if not has_signing_key():
        make_signing_key()
    actions.install([terms], by=OPERATOR)


def enrolled(
    *amounts: int | None,
    recipients: list[UUID | None] | None = None,
    area: str = "n1",
    programme: str = "poor_home",
    state: str = "enrolled",
    units: list[UUID] | None = None,
) -> list[UUID]:
    """Enrol a household for each amount, with somebody who collects; return the enrolments. Nobody knows them but by `units`."""
    units = units or [uuid7() for _ in amounts]
    given = {
        "programme": programme,
        "units": units,
        "recipients": [uuid7() for _ in amounts] if recipients is None else recipients,
        "amounts": list(amounts),
        "area": number_of(area),
        "state": state,
        "since": date(2026, 1, 1),
    }
    with connections["bulk"].cursor() as cursor:
        cursor.execute(_ENROL, given)
        return [id for (id,) in cursor.fetchall()]


def many_enrolled(households: int, amount_minor: int, programme: str = "poor_home") -> None:
    """Enrol as many households with as many who collect, by one statement."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            _ENROL.replace(
                "unnest(%(units)s::uuid[], %(recipients)s::uuid[], %(amounts)s::bigint[]) AS given (unit, recipient, amount)",
                "(SELECT amparo_uuid7(), amparo_uuid7(), %(amount)s::bigint FROM generate_series(1, %(households)s))"
                " AS given (unit, recipient, amount)",
            ).replace("RETURNING id", ""),
            {
                "programme": programme,
                "amount": amount_minor,
                "households": households,
                "area": number_of("n1"),
                "state": "enrolled",
                "since": date(2026, 1, 1),
            },
        )


def number_of(area: str) -> int:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT number FROM trust_area WHERE code = %s", [area])
        return cursor.fetchone()[0]


def funded(by: Actor, amount_minor: int, programme: str = "poor_home") -> None:
    with acting(by.narrowed(Permission.APPROVE_PAYMENTS)):
        actions.record_funds(programme, amount_minor, "Budget Act 2026", by=by, under=GROUND)


def goes_to(address: str, payments: dict, calls: dict) -> None:
    """Write into settings that payments go by themselves to an address of this machine."""
    payments["g2p"] = {"address": address, "sender": "ministry.example", "receiver": "pays.example", "callback": ""}
    calls["inside"].append("127.0.0.1")


def payees(by: Actor, people: int) -> list[UUID]:
    """Register a home of so many people, each with an account that is theirs; return them."""
    names = [(f"Ada{number}", "Noor") for number in range(people)]
    home = country.household(
        "n1", *({"given_name": given, "family_name": family, "birth_date": date(1980, 1, 1)} for given, family in names)
    )
    found = rows(
        "SELECT p.number, f.given_name, p.id FROM registry_person p JOIN registry_fact_person f ON f.person_id = p.id"
        " JOIN registry_membership m ON m.person_id = p.id WHERE m.household_id = %s ORDER BY p.number",
        home,
    )
    given = [Given(number, "bank", "EQBLKENA", f"11-{number}", f"Noor, {name}") for number, name, _ in found]
    actions.record_accounts(given, by=by, under=GROUND)
    return [id for *_, id in found]


def approver() -> Actor:
    return country.cast().quinn


def prepared(by: Actor, programme: str = "poor_home", cycle: str = CYCLE) -> PaymentList:
    return actions.prepare(programme, cycle, by=by, under=GROUND, on=DAY)


def approved(by: Actor, made: PaymentList) -> PaymentList:
    with acting(by.narrowed(Permission.APPROVE_PAYMENTS)):
        return actions.approve(made.id, by=by, under=GROUND)


def sent(cast: country.Cast, made: PaymentList | None = None) -> PaymentList:
    """Take a list all the way to who pays, with funds that suffice."""
    made = made or prepared(cast.paz)
    funded(cast.quinn, made.amount_minor or 1)
    approved(cast.rosa, actions.propose(made.id, by=cast.paz, under=GROUND))
    exported(cast.paz, made)
    return made


def exported(by: Actor, made: PaymentList, **settings: int) -> list[tuple[str, bytes]]:
    with acting(by.narrowed(Permission.EXPORT_PAYMENTS)):
        return list(actions.export(made.id, by=by, under=GROUND, **settings))


def rows(statement: str, *values: object) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def decimals() -> int:
    return dictionary(using="bulk").decimals
