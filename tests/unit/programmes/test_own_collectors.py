"""Who collects, as the citizen concerned is told it: by both gates, and by each alone (PRV-5, C6, decision 23)."""

from datetime import date
from uuid import UUID

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.kernel.ids import uuid7
from amparo.programmes import models
from amparo.programmes.enrolment import CollectorKind
from amparo.programmes.queries import own_collectors
from amparo.programmes.queries.collectors import OwnCollector
from amparo.trust.context import acting
from amparo.trust.models import Organisation
from amparo.trust.types import Actor
from tests.lib import agreeing, kin
from tests.unit.programmes.country import PENSION, POOR_HOME

SINCE, LATER = date(2026, 1, 1), date(2026, 3, 1)
EVERYBODY = ("Dalia", "Dario", "Omar", "Salma", "Karim", "Nadia", "Hoda", "Zaki", "Vito")


@pytest.fixture(scope="module")
def people(empty_database) -> dict[str, UUID]:
    """Dalia's people. Dario collects for her home; a clinic for her and for Hoda; Vito for Omar; Karim or else Dalia for Nadia."""
    found = kin.install(POOR_HOME, PENSION)
    agreeing.install()
    kin.mandate(found["Hoda"], found["Dalia"])
    found["water"] = Organisation.objects.using("bulk").values_list("id", flat=True).get(code="water")
    home, ended = enrolled(found, "n1"), enrolled(found, "n1", code=PENSION.code, state="ended", ends_on=LATER)
    changed(found, home, "Dario")
    changed(found, ended, "Vito")
    changed(found, enrolled(found, "Dalia"), "water", kind=CollectorKind.INSTITUTION)
    changed(found, enrolled(found, "Hoda"), "water", kind=CollectorKind.INSTITUTION)
    changed(found, enrolled(found, "Omar"), "Vito", until=date(2099, 1, 1))
    nadia = enrolled(found, "Nadia")
    changed(found, nadia, "Karim")
    changed(found, nadia, "Dalia", kind=CollectorKind.ALTERNATE)
    for other in ("Dario", "Salma", "Vito"):
        changed(found, enrolled(found, other), "Dalia")
    return found


@pytest.fixture(scope="module")
def dalia(people):
    return kin.bound(people["Dalia"], "dalia")


def enrolled(people: dict[str, UUID], whom: str, *, code: str | None = None, **told) -> UUID:
    is_home = whom in kin.HOMES
    programme = models.Programme.objects.using("bulk").get(code=code or (POOR_HOME.code if is_home else PENSION.code))
    row = models.Enrolment.objects.using("bulk").create(
        programme=programme,
        grain="household" if is_home else "person",
        unit_id=people[whom],
        person_id=None if is_home else people[whom],
        area_number=_place(people[whom]),
        **{"state": "enrolled", "starts_on": SINCE} | told,
    )
    return row.id


def _place(id: UUID) -> int:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT area_number FROM registry_person WHERE id = %(id)s"
            " UNION ALL SELECT area_number FROM registry_household WHERE id = %(id)s",
            {"id": id},
        )
        return cursor.fetchone()[0]


def changed(
    people: dict[str, UUID], enrolment: UUID, whom: str, *, kind=CollectorKind.CAREGIVER, until: date | None = None
) -> None:
    """Write down that somebody else collects since a day, by a proof named after the enrolment's collector."""
    row = models.Enrolment.objects.using("bulk").get(id=enrolment)
    setattr(row, "alternate_id" if kind is CollectorKind.ALTERNATE else "recipient_id", people[whom])
    row.save(using="bulk")
    models.CollectorChange.objects.using("bulk").create(
        enrolment=row,
        programme_id=row.programme_id,
        area_number=row.area_number,
        kind=kind,
        collector_id=people[whom],
        proof=f"proof-{whom}",
        law="law-collect",
        document="Court-12/2026",
        starts_on=LATER,
        ends_on=until,
        under="registration",
        proposed_by=uuid7(),
        proposed_at=clock.now(),
        confirmed_by=uuid7(),
        confirmed_at=clock.now(),
        took_effect_at=clock.now(),
    )


def told(people: dict[str, UUID], each: OwnCollector) -> tuple:
    names = {id: name for name, id in people.items()}
    unit = models.Enrolment.objects.using("bulk").values_list("unit_id", flat=True).get(id=each.enrolment)
    return names[unit], names.get(each.who), each.institution, each.is_alternate, each.proof


HOME = ("n1", "Dario", None, False, "proof-Dario")
# Of whom Dalia looks at: whose enrolment, who, which institution, whether as alternate, on what ground.
EXPECTED = {
    "Dalia": {HOME, ("Dalia", None, "Water Board", False, "proof-water")},
    "Omar": {HOME, ("Omar", None, None, False, "proof-Vito")},
    "Nadia": {("Nadia", "Dalia", None, True, "")},
    "Hoda": {("Hoda", None, None, False, "")},
}


@pytest.fixture(params=["both gates", "the program alone"])
def gates(request, server, empty_database, people, dalia):
    if request.param == "both gates":
        yield request.param
    else:
        with kin.without_row_security(server, empty_database):
            yield request.param


def looked(dalia: Actor, whom: UUID) -> list[OwnCollector]:
    by = kin.looking(dalia, whom)
    with acting(by):
        return own_collectors(by=by)


@pytest.mark.parametrize("whom", EXPECTED)
def test_of_each_collector_only_what_the_relation_shows(gates, people, dalia, whom):
    assert {told(people, each) for each in looked(dalia, people[whom])} == EXPECTED[whom]


@pytest.mark.parametrize("whom", sorted({*EVERYBODY} - {*EXPECTED}))
def test_nobody_else_s_collectors_are_told_whoever_they_are(gates, people, dalia, whom):
    """Also not where the citizen who asks is who collects for them: that is on the office's page, not on this one."""
    with pytest.raises(NotFound):
        looked(dalia, people[whom])


@pytest.mark.parametrize("whom", EVERYBODY)
def test_the_database_alone_names_nobody_whom_the_relation_does_not_show(people, dalia, whom):
    by = kin.looking(dalia, people[whom])
    with acting(by), connections["default"].cursor() as cursor:
        cursor.execute("SELECT collector_id, proof FROM amparo_own_collectors()")
        rows = cursor.fetchall()
    named = {
        (people["water"] if institution else people.get(who), proof or None)
        for _, who, institution, _, proof in EXPECTED.get(whom, ())
    }
    assert {(id, proof) for id, proof in rows} == named


def test_since_when_until_when_and_that_it_was_so_from_the_beginning(people, dalia):
    by_unit = {told(people, each)[0]: each for each in looked(dalia, people["Omar"])}
    assert (by_unit["Omar"].since, by_unit["Omar"].until) == (LATER, date(2099, 1, 1))
    assert not by_unit["Omar"].is_first
    first = enrolled(people, "s1")
    assert first  # somebody else's home: not among them
    assert {told(people, each)[0] for each in looked(dalia, people["Omar"])} == {"n1", "Omar"}


def test_the_look_is_on_the_record(people, dalia):
    looked(dalia, people["Hoda"])
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT about_id, details->>'part' FROM trust_audit WHERE event = 'own-record-read' ORDER BY at DESC, id DESC LIMIT 1"
        )
        assert cursor.fetchone() == (str(people["Hoda"]), "collectors")
