"""What the tests of cases begin with: categories of each kind, a programme that can be appealed, and an appeals officer."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import connections

from amparo.cases import actions
from amparo.cases.beginning import Filing
from amparo.cases.config import CategoryConfig
from amparo.cases.types import Case, Channel, Kind, Linked, Said
from amparo.kernel import clock
from amparo.programmes import models
from amparo.programmes.procedure import Procedure
from amparo.registry.actions import observe
from amparo.trust.actions import grant_role, open_account
from amparo.trust.context import acting
from amparo.trust.queries import actor_of
from amparo.trust.types import Actor, Permission, Role, system
from tests.lib import country
from tests.lib.country import GROUND
from tests.unit.programmes.country import POOR_HOME, installed

BY = system("test")
CATEGORIES = (
    CategoryConfig("unpaid", Kind.GRIEVANCE, 10, 3, Role.SUPERVISOR, is_public=True, questions=("month",)),
    CategoryConfig(
        "violence",
        Kind.GRIEVANCE,
        2,
        is_sensitive=True,
        roles=(Role.SUPERVISOR, Role.PROTECTION_OFFICER),
        is_public=True,
    ),
    CategoryConfig("wrong_fact", Kind.CORRECTION, 20),
    CategoryConfig("decision", Kind.APPEAL, 45),
    CategoryConfig("jobs", Kind.REFERRAL, 30),
    CategoryConfig("flag", Kind.SUSPICION, 60),
    CategoryConfig("find_out", Kind.QUALITY, 15),
)
APPEALED = replace(POOR_HOME, procedure=Procedure(law="law-poor", notice_days=10, appeal_days=30, appeal_suspends=True))


def prepare(*programmes) -> None:
    actions.install_categories(CATEGORIES, by=BY)
    installed(*(programmes or (APPEALED,)))


def officer(name: str, role: Role = Role.APPEALS_OFFICER, area: str = "land") -> Actor:
    """Open an account that holds a role over an area."""
    account = open_account(name, country.PASSWORD, display_name=name.capitalize(), by=BY)
    grant_role(account.id, role, area_code=area, by=BY, on=date(2020, 1, 1))
    return actor_of(account, on=clock.today())


def home(area: str = "n1", *, income: int = 5_000) -> tuple[UUID, UUID]:
    """Register a household of one; return it and who lives in it."""
    id = country.household(area, {"given_name": "Yara", "is_head": True, "birth_date": date(1986, 1, 1)}, income=income)
    return id, rows("SELECT person_id FROM registry_membership WHERE household_id = %s", id)[0][0]


def decided(home_id: UUID) -> models.Decision:
    """Return what stands about a household; of more than one, what was decided last."""
    return models.Decision.objects.using("bulk").filter(unit_id=home_id, superseded_at=None).latest("decided_at", "id")


def earns(home_id: UUID, income: int, *, by: Actor | None = None) -> None:
    """Correct what a household earns, as an officer told by the tax authority; it is decided again at once."""
    by = (by or country.cast().ines).narrowed(Permission.REGISTER)
    with acting(by):
        observe(home_id, values={"income": income}, source="tax", by=by, on=clock.today(), under=GROUND)


def filed(
    by: Actor, category: str = "unpaid", *, person: UUID | None = None, area: str = "n1", words: str = "Nothing came."
) -> Case:
    said = Filing(category, Said(words, {"month": "May"}), Channel.COUNTER, Linked(person=person), area)
    with acting(by.narrowed(Permission.OPEN_CASE)) as who:
        return actions.file(said, by=who, under=GROUND, on=clock.today())


def appealed(decision: UUID, by: Actor, *, person: UUID | None = None, on: date | None = None) -> Case:
    told = {"person": person, "channel": Channel.COUNTER, "under": GROUND, "on": on or clock.today()}
    with acting(by.narrowed(Permission.OPEN_CASE)) as who:
        return actions.appeal(decision, Said("I earn much less."), by=who, **told)


def done(
    case: Case, act, by: Actor, permission: Permission = Permission.WORK_CASE, words: str = "Looked into."
) -> Case:
    with acting(by.narrowed(permission)) as who:
        return actions.act_on(case.id, act, permission=permission, words=words, by=who, under=GROUND)


def executed(case: Case, by: Actor) -> Case:
    with acting(by.narrowed(Permission.REVIEW_APPEAL)) as who:
        return actions.execute(case.id, by=who, under=GROUND)


def rows(statement: str, *values: object) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
