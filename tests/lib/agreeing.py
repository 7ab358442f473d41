"""Agreements for tests: a ministry, two partners, and the officers who draft, sign and stop."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from amparo.kernel import clock
from amparo.trust.actions import grant_role, open_account
from amparo.trust.actions.agreeing import draft_agreement, install_organisations, sign_agreement
from amparo.trust.context import acting
from amparo.trust.covering import Agreement, Direction, FieldTerm, Period, Request, Terms
from amparo.trust.grounds.agreements import agreement, compiled
from amparo.trust.queries import account_named, actor_of
from amparo.trust.types import (
    Actor,
    OrganisationConfig,
    Permission,
    Role,
    Side,
    Signatory,
    partner,
    system,
)
from tests.lib import country

ORGANISATIONS = [
    OrganisationConfig("ministry", "Ministry of Social Protection", is_own=True),
    OrganisationConfig("pensions", "Pension Fund"),
    OrganisationConfig("water", "Water Board"),
]
TERMS = Terms(
    provider="ministry",
    consumer="pensions",
    direction=Direction.OUT,
    purpose="registration",
    legal_basis="Pensions Act, section 4",
    fields=(FieldTerm("person", "birth_date"), FieldTerm("household", "rooms")),
    areas=("north",),
    starts_on=date(2026, 1, 1),
    ends_on=date(2099, 12, 31),
    volume=1_000_000,
    period=Period.MONTH,
    retention_days=90,
)
SIGNATORIES = {
    Side.PROVIDER: Signatory("Rosa Lind", "Permanent secretary", "Confidentiality term 12/2026"),
    Side.CONSUMER: Signatory("Pavel Orr", "Director general", "Confidentiality term 13/2026"),
}


def install() -> None:
    """Make the organisations, and two colleagues of Lina's: Jamal and Keiko."""
    install_organisations(ORGANISATIONS, by=system("test"))
    for name in ("jamal", "keiko"):
        account = open_account(name, country.PASSWORD, display_name=name.capitalize(), by=system("test"))
        grant_role(account.id, Role.DATA_PROTECTION_OFFICER, area_code=None, by=system("test"), on=date(2020, 1, 1))


def officer(name: str) -> Actor:
    return actor_of(account_named(name), on=clock.today())


def draft(code: str, terms: Terms = TERMS, *, by: str = "lina", succeeds: UUID | None = None) -> UUID:
    with acting(officer(by).narrowed(Permission.DRAFT_AGREEMENT)) as who:
        return draft_agreement(code, terms, by=who, succeeds=succeeds).id


def sign(id: UUID, side: Side, *, by: str, signatory: Signatory | None = None) -> str:
    """Have a signature taken down, and return the state after it."""
    with acting(officer(by).narrowed(Permission.SIGN_AGREEMENT)) as who:
        return sign_agreement(id, side, signatory or SIGNATORIES[side], by=who, on=clock.today()).state


def in_force(code: str, terms: Terms = TERMS, *, succeeds: UUID | None = None, **changes) -> UUID:
    """Draft an agreement and have it signed for both sides."""
    id = draft(code, replace(terms, **changes), succeeds=succeeds)
    sign(id, Side.PROVIDER, by="jamal")
    sign(id, Side.CONSUMER, by="keiko")
    return id


def stop(id: UUID, action, *, by: str = "lina", reason: str = "Audit found a leak") -> None:
    """Suspend, resume or end an agreement."""
    with acting(officer(by).narrowed(Permission.SUSPEND_AGREEMENT)) as who:
        action(id, reason=reason, by=who)


def as_compiled(id: UUID) -> Agreement:
    return compiled(agreement(id, by=officer("lina")))


def partner_of(id: UUID) -> Actor:
    row = agreement(id, by=officer("lina"))
    return partner(row.consumer_id, agreement=id)


def request(id: UUID, **changes) -> Request:
    """Return the largest request that keeps within an agreement, or one that differs from it."""
    known = as_compiled(id)
    terms = known.terms
    most = Request(
        consumer=terms.consumer,
        direction=terms.direction,
        purpose=terms.purpose,
        fields=tuple((each.grain, each.name) for each in terms.fields),
        areas=known.ranges,
        records=100,
        programme=terms.programme,
        identifiers=terms.identifiers,
    )
    return replace(most, **changes)
