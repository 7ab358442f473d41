"""What other programmes tell, as the citizen concerned is told it: by both gates, and by each alone (PRV-5, C6, decision 23)."""

from datetime import date
from uuid import UUID

import pytest
from django.db import ProgrammingError, connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.kernel.ids import uuid7
from amparo.programmes import models
from amparo.programmes.queries import own_benefits
from amparo.programmes.queries.told import OwnBenefit
from amparo.programmes.types import BenefitKind, BenefitStatus, PaymentTold, Receiver
from amparo.registry.actions import end_protection, protect
from amparo.trust.context import acting
from amparo.trust.models import Mandate
from amparo.trust.types import Actor, Permission
from tests.lib import country, kin
from tests.unit.programmes.country import PENSION, POOR_HOME

JANUARY, MARCH, TOLD_ON = date(2026, 1, 1), date(2026, 3, 1), date(2026, 4, 10)
EVERYBODY = ("Dalia", "Dario", "Omar", "Salma", "Karim", "Nadia", "Hoda", "Zaki", "Vito")


@pytest.fixture(scope="module")
def people(empty_database) -> dict[str, UUID]:
    """Dalia's people: each is told a benefit of their own; Dario and Vito besides one that is a household's."""
    found = kin.install(POOR_HOME, PENSION)
    kin.mandate(found["Hoda"], found["Dalia"])
    for name in EVERYBODY:
        tell(found[name], f"own_of_{name}")
    tell(found["Dario"], POOR_HOME.code)
    tell(found["Vito"], POOR_HOME.code)
    return found


@pytest.fixture(scope="module")
def dalia(people):
    return kin.bound(people["Dalia"], "dalia")


def tell(person: UUID, scheme: str, *, feed: str = "social_fund", beneficiary=None, **said):
    """Write down what a system tells of somebody; return whom it tells of."""
    held = beneficiary or models.Beneficiary.objects.using("bulk").create(
        feed=feed, reference=uuid7().hex, person_id=person, found="identifier", told_on=TOLD_ON
    )
    kept = {
        "day": TOLD_ON,
        "period": MARCH,
        "status": "enrolled",
        "kind": "cash",
        "amount_minor": 120_50,
        "since": JANUARY,
    }
    kept |= {"payment": "paid", "receiver": "member", "currency": "EUR", "decimals": 2, "said": uuid7()}
    models.Benefit.objects.using("bulk").create(
        beneficiary=held, delivery_id=uuid7(), area_number=held.area_number, scheme=scheme, **kept | said
    )
    return held


HOME = (POOR_HOME.code, False)
# Of whom Dalia looks at: which benefits, and whether each is told of themselves.
EXPECTED = {
    "Dalia": {("own_of_Dalia", True), HOME},
    "Omar": {("own_of_Omar", True), HOME},
    "Nadia": set(),
    "Hoda": {("own_of_Hoda", True)},
}


@pytest.fixture(params=["both gates", "the program alone"])
def gates(request, server, empty_database, people, dalia):
    if request.param == "both gates":
        yield request.param
    else:
        with kin.without_row_security(server, empty_database):
            yield request.param


def looked(dalia: Actor, whom: UUID) -> list[OwnBenefit]:
    by = kin.looking(dalia, whom)
    with acting(by):
        return own_benefits(by=by)


def database_told(by: Actor) -> list[tuple]:
    with acting(by), connections["default"].cursor() as cursor:
        cursor.execute("SELECT whose, scheme, amount_minor, payment, receiver FROM amparo_own_benefits()")
        return cursor.fetchall()


@pytest.mark.parametrize("whom", EXPECTED)
def test_of_each_only_what_the_relation_shows(gates, people, dalia, whom):
    """Of another adult of the household nothing but that the household receives what is the household's."""
    assert {(each.scheme, each.is_own) for each in looked(dalia, people[whom])} == EXPECTED[whom]


@pytest.mark.parametrize("whom", sorted({*EVERYBODY} - {*EXPECTED}))
def test_nobody_else_s_benefits_are_told(gates, people, dalia, whom):
    with pytest.raises(NotFound):
        looked(dalia, people[whom])


@pytest.mark.parametrize("whom", EVERYBODY)
def test_the_database_alone_tells_nothing_that_the_relation_does_not_show(people, dalia, whom):
    rows = database_told(kin.looking(dalia, people[whom]))
    assert {(scheme, id == people[whom]) for id, scheme, *_ in rows} == EXPECTED.get(whom, set())
    assert all(rest == [None, None, None] for id, _, *rest in rows if id != people[whom])


def test_a_citizen_has_no_way_to_what_lies_behind_it(people, dalia):
    with acting(kin.looking(dalia)), connections["default"].cursor() as cursor:
        for table in ("programmes_benefit", "programmes_beneficiary"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(f"SELECT count(*) FROM {table}")


def test_who_only_says_to_be_a_citizen_is_told_nothing(people):
    assert database_told(kin.stranger().narrowed(Permission.SEE_OWN)) == []


def test_a_mandate_that_was_not_given_or_is_over_opens_nothing(people, dalia):
    kin.mandate(people["Zaki"], people["Dalia"], since=-20, days=10)
    with pytest.raises(NotFound):
        looked(dalia, people["Zaki"])
    assert database_told(kin.looking(dalia, people["Zaki"])) == []


def test_a_mandate_without_the_scope_to_look_opens_nothing(people, dalia):
    Mandate.objects.using("bulk").create(
        person_id=people["Karim"],
        holder_id=people["Dalia"],
        scope=["reply"],
        proof="power-of-attorney",
        starts_on=JANUARY,
        ends_on=date(2099, 1, 1),
        recorded_by=uuid7(),
        recorded_at=clock.now(),
        area_number=0,
    )
    with pytest.raises(NotFound):
        looked(dalia, people["Karim"])
    assert database_told(kin.looking(dalia, people["Karim"])) == []


def test_how_much_it_is_since_when_by_whom_and_on_which_day_it_was_told(people, dalia):
    (own,) = [each for each in looked(dalia, people["Dalia"]) if each.is_own]
    assert own == OwnBenefit(
        scheme="own_of_Dalia",
        feed="social_fund",
        is_own=True,
        since=JANUARY,
        period=MARCH,
        status=BenefitStatus.ENROLLED,
        kind=BenefitKind.CASH,
        amount_minor=120_50,
        currency="EUR",
        decimals=2,
        payment=PaymentTold.PAID,
        receiver=Receiver.MEMBER,
        told_on=TOLD_ON,
    )


def test_of_what_is_told_of_another_of_the_household_neither_how_much_nor_to_whom(gates, people, dalia):
    (shared,) = [each for each in looked(dalia, people["Dalia"]) if not each.is_own]
    assert (shared.amount_minor, shared.payment, shared.receiver) == (None, None, None)


def test_the_latest_month_counts_and_of_it_what_the_latest_day_tells(people, dalia):
    held = tell(people["Hoda"], "school_meals", kind="in-kind", amount_minor=None, payment=None, receiver=None)
    tell(people["Hoda"], "school_meals", beneficiary=held, period=JANUARY, status="exited", since=None)
    tell(people["Hoda"], "school_meals", beneficiary=held, day=date(2026, 4, 11), status="suspended", amount_minor=None)
    (found,) = [each for each in looked(dalia, people["Hoda"]) if each.scheme == "school_meals"]
    assert (found.status, found.period, found.since) == (BenefitStatus.SUSPENDED, MARCH, JANUARY)
    assert found.amount_minor is None  # nobody told how much: not zero
    assert found.is_stale(date(2026, 6, 1))
    assert not found.is_stale(date(2026, 5, 31))


def test_of_whom_a_system_tells_and_nobody_found_nothing_is_told(people, dalia):
    """Whom a person must look for first is nobody's yet."""
    held = models.Beneficiary.objects.using("bulk").create(
        feed="social_fund", reference="unknown", found="review", told_on=TOLD_ON
    )
    tell(people["Dalia"], "not_found", beneficiary=held)
    assert "not_found" not in {each.scheme for each in looked(dalia, people["Dalia"])}


@pytest.mark.parametrize("whom", ["Dalia", "Dario"])
def test_who_lives_where_somebody_is_in_danger_is_told_nothing_on_any_page_not_even_their_own(people, dalia, whom):
    """A system may be an area's: whoever holds the telephone would read where somebody went."""
    nadia = country.cast().nadia.narrowed(Permission.PROTECT)
    with acting(nadia):
        protect(people[whom], by=nadia, on=clock.today(), under=country.GROUND)
    assert looked(dalia, people["Dalia"]) == looked(dalia, people["Omar"]) == []
    assert database_told(kin.looking(dalia)) == []
    with acting(nadia):
        end_protection(people[whom], by=nadia, under=country.GROUND)
    assert {(each.scheme, each.is_own) for each in looked(dalia, people["Dalia"])} == EXPECTED["Dalia"]


def test_the_look_is_on_the_record(people, dalia):
    looked(dalia, people["Hoda"])
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT about_id, details->>'part' FROM trust_audit WHERE event = 'own-record-read' ORDER BY at DESC, id DESC LIMIT 1"
        )
        assert cursor.fetchone() == (str(people["Hoda"]), "benefits")
