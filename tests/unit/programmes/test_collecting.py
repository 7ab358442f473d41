"""Who collects is changed by two people, on a proof, for days; nobody brings money to themselves (decision 33)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connections

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes import actions, models, queries
from amparo.programmes.enrolment import CollectorKind, CollectorProof, EnrolledBy
from amparo.trust.types import Permission
from tests.lib import agreeing, country
from tests.lib.days import today
from tests.unit.programmes.country import MATERNITY, OPERATOR, installed
from tests.unit.programmes.enrolling import acted, enrol, homes, programme

pytestmark = pytest.mark.usefixtures("fresh_database")
PROOFS = tuple(CollectorProof(each.value, each, "law-collect") for each in CollectorKind)


def at(days: int):
    day = today() + timedelta(days=days)
    return clock.fixed(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def number_and_id(area: str = "n1") -> tuple[str, UUID]:
    home = country.household(area, {"given_name": "Eve", "birth_date": date(1980, 1, 1)})
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT p.number::text, p.id FROM registry_person p JOIN registry_membership m ON m.person_id = p.id"
            " WHERE m.household_id = %s",
            [home],
        )
        return cursor.fetchone()


@pytest.fixture
def enrolled(cast) -> UUID:
    """The enrolment of a poor home in the north; officers of its area decide."""
    installed(programme(enrolled_by=EnrolledBy.AREAS, collectors=PROOFS), replace(MATERNITY))
    (home,) = homes(n1=5_000)
    return enrol(home, by=cast.amina, on=today())


def propose(
    enrolment: UUID, whom: str, *, by, kind: str = "caregiver", days: int = 0, until: int | None = None, **more
):
    starts, ends = today() + timedelta(days=days), None if until is None else today() + timedelta(days=until)
    said = actions.Proposed(kind, whom, more.pop("document", "Court-12/2026"), starts, ends)
    return acted(actions.propose_collector, enrolment, said, by=by)


def confirm(enrolment: UUID, *, by) -> None:
    acted(actions.confirm_collector, enrolment, by=by)


def collects(enrolment: UUID) -> tuple[UUID | None, UUID | None]:
    return models.Enrolment.objects.using("bulk").values_list("recipient_id", "alternate_id").get(id=enrolment)


def night(days: int) -> dict[str, int]:
    with at(days):
        return actions.change_collectors(on=today() + timedelta(days=days), by=OPERATOR)


def test_somebody_else_collects_once_another_person_has_confirmed_it(cast, enrolled):
    number, eve = number_and_id()
    propose(enrolled, number, by=cast.amina)
    assert collects(enrolled) == (None, None)
    with pytest.raises(Refused, match="programmes-confirmer-is-maker"):
        confirm(enrolled, by=cast.amina)
    confirm(enrolled, by=cast.omid)
    assert collects(enrolled) == (eve, None)
    with pytest.raises(Refused, match="programmes-collector-over"):
        confirm(enrolled, by=cast.omid)


def test_the_database_too_lets_nobody_confirm_their_own_and_changes_nothing_of_what_was_proposed(cast, enrolled):
    number, _ = number_and_id()
    propose(enrolled, number, by=cast.amina)
    rows = models.CollectorChange.objects.using("bulk")
    with pytest.raises(DatabaseError):
        rows.update(confirmed_by=cast.amina.id)
    for change in ({"collector_id": enrolled}, {"starts_on": today() - timedelta(days=1)}, {"kind": "alternate"}):
        with pytest.raises(DatabaseError, match="never changed"):
            rows.update(**change)
    with pytest.raises(DatabaseError):
        rows.update(took_effect_at=clock.now())


def test_it_waits_for_its_first_day_and_is_given_back_after_its_last(cast, enrolled):
    (number, eve), (other, ben) = number_and_id(), number_and_id()
    propose(enrolled, other, by=cast.amina)
    confirm(enrolled, by=cast.omid)
    propose(enrolled, number, by=cast.amina, days=3, until=10)
    confirm(enrolled, by=cast.omid)
    assert night(2) == {"begun": 0, "given_back": 0}
    assert (night(3), collects(enrolled)[0]) == ({"begun": 1, "given_back": 0}, eve)
    assert (night(10), collects(enrolled)[0]) == ({"begun": 0, "given_back": 0}, eve)
    assert (night(11), collects(enrolled)[0]) == ({"begun": 0, "given_back": 1}, ben)
    assert night(12) == {"begun": 0, "given_back": 0}


def test_one_for_a_time_after_another_gives_back_to_who_collected_before_both(cast, enrolled):
    (number, eve), (other, ben) = number_and_id(), number_and_id()
    propose(enrolled, number, by=cast.amina, until=5)
    confirm(enrolled, by=cast.omid)
    propose(enrolled, other, by=cast.amina, days=3, until=10)
    confirm(enrolled, by=cast.omid)
    assert collects(enrolled)[0] == eve
    night(3)
    assert collects(enrolled)[0] == ben
    night(6)
    assert collects(enrolled)[0] == ben
    night(11)
    assert collects(enrolled)[0] is None


def test_an_alternate_stands_beside_and_both_are_given_back_apart(cast, enrolled):
    (number, eve), (other, ben) = number_and_id(), number_and_id()
    propose(enrolled, number, by=cast.amina, until=5)
    confirm(enrolled, by=cast.omid)
    propose(enrolled, other, by=cast.amina, kind="alternate", until=7)
    confirm(enrolled, by=cast.omid)
    assert collects(enrolled) == (eve, ben)
    night(6)
    assert collects(enrolled) == (None, ben)
    night(8)
    assert collects(enrolled) == (None, None)


def test_what_is_taken_back_or_never_confirmed_changes_nothing(cast, enrolled):
    number, _ = number_and_id()
    propose(enrolled, number, by=cast.amina)
    with pytest.raises(Refused, match="programmes-collector-proposed"):
        propose(enrolled, number, by=cast.amina)
    assert night(1) == {"begun": 0, "given_back": 0}
    acted(actions.withdraw_collector, enrolled, by=cast.amina)
    propose(enrolled, number, by=cast.amina, until=2)
    with at(3), pytest.raises(Refused, match="programmes-collector-days"):
        confirm(enrolled, by=cast.omid)
    assert collects(enrolled) == (None, None)


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"kind": "wish"}, "programmes-collector-unknown"),
        ({"document": "Eve Noor, aunt"}, "programmes-collector-document"),
        ({"document": ""}, "programmes-collector-document"),
        ({"days": -1}, "programmes-collector-days"),
        ({"days": 3, "until": 2}, "programmes-collector-days"),
        ({"kind": "self"}, "programmes-collector-of-person"),
        ({"kind": "institution"}, "programmes-collector-of-person"),
    ],
)
def test_what_rests_on_nothing_is_refused(cast, enrolled, more, refusal):
    number, _ = number_and_id()
    with pytest.raises(Refused, match=refusal):
        propose(enrolled, number, by=cast.amina, **more)


def test_nobody_is_named_out_of_reach_or_dead_or_by_what_is_no_number(cast, enrolled):
    far, _ = number_and_id("s1")
    gone, id = number_and_id()
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_person SET deceased_on = %s WHERE id = %s", [today(), id])
    for whom in (far, "999999", "eve", ""):
        with pytest.raises(NotFound, match="registry-person-unknown"):
            propose(enrolled, whom, by=cast.amina)
    with pytest.raises(Refused, match="programmes-collector-deceased"):
        propose(enrolled, gone, by=cast.amina)


def test_an_officer_brings_no_money_to_themselves_by_either_act(cast, enrolled):
    number, eve = number_and_id()
    with pytest.raises(Refused, match="programmes-collector-is-oneself"):
        propose(enrolled, number, by=replace(cast.amina, person=eve))
    propose(enrolled, number, by=cast.amina)
    with pytest.raises(Refused, match="programmes-collector-is-oneself"):
        confirm(enrolled, by=replace(cast.omid, person=eve))


def test_who_may_not_enrol_changes_nothing(cast, enrolled):
    number, _ = number_and_id()
    for who, refused in ((cast.chen, NotFound), (cast.paz, NotPermitted), (cast.bruno, NotPermitted)):
        with pytest.raises(refused):
            propose(enrolled, number, by=who)


def test_it_is_told_with_the_enrolment_and_in_the_log(cast, enrolled):
    number, eve = number_and_id()
    propose(enrolled, number, by=cast.amina)
    told = acted(
        queries.enrolment,
        enrolled,
        by=cast.amina.narrowed(Permission.READ_DECISION),
        permission=Permission.READ_DECISION,
    )
    assert (told.change.collector, told.change.kind, told.change.document) == (
        eve,
        CollectorKind.CAREGIVER,
        "Court-12/2026",
    )
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT details FROM trust_audit WHERE event = 'collector-proposed'")
        ((details,),) = cursor.fetchall()
    assert str(eve) not in str(details)
    assert "Court" not in str(details)


def test_an_institution_collects_for_a_person_and_the_person_again(cast):
    installed(replace(MATERNITY, enrolment=programme(enrolled_by=EnrolledBy.AREAS, collectors=PROOFS).enrolment))
    agreeing.install()
    number, eve = number_and_id()
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_enrolment (id, programme_id, grain, unit_id, person_id, area_number, source, state, starts_on)"
            " SELECT amparo_uuid7(), (SELECT id FROM programmes_programme WHERE code = %s), 'person', id, id, area_number, 'own',"
            " 'enrolled', %s FROM registry_person WHERE id = %s RETURNING id",
            [MATERNITY.code, today(), eve],
        )
        (id,) = cursor.fetchone()
        cursor.execute("SELECT id FROM trust_organisation WHERE code = 'water'")
        (water,) = cursor.fetchone()
    for whom in ("nobody", "ministry"):
        with pytest.raises(NotFound, match="trust-organisation-unknown"):
            propose(id, whom, by=cast.amina, kind="institution")
    with pytest.raises(Refused, match="programmes-collector-themselves"):
        propose(id, number, by=cast.amina)
    propose(id, "water", by=cast.amina, kind="institution")
    other = replace(cast.amina, id=cast.chen.id)
    confirm(id, by=other)
    assert collects(id)[0] == water
    propose(id, "", by=cast.amina, kind="self")
    confirm(id, by=other)
    assert collects(id)[0] is None
