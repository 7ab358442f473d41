"""The page that changes who collects: proposed by one, confirmed by another."""

from datetime import date
from uuid import UUID

import pytest
from django.test import Client

from amparo.programmes import models
from amparo.programmes.enrolment import CollectorKind, CollectorProof, EnrolledBy
from tests.lib import country, pages, paying
from tests.lib.days import today
from tests.unit.programmes.country import installed
from tests.unit.programmes.enrolling import programme
from tests.views.conftest import signed_in

PROOFS = (CollectorProof("guardianship", CollectorKind.CAREGIVER, "law-poor"),)


@pytest.fixture(scope="module")
def world(database) -> None:
    installed(programme(enrolled_by=EnrolledBy.AREAS, collectors=PROOFS))


@pytest.fixture
def omid(world) -> Client:
    return signed_in("omid")


@pytest.fixture
def enrolment(omid) -> UUID:
    home = country.household("n1", {"birth_date": date(1990, 1, 1)}, income=5_000, on=today())
    omid.post("/enrolments/enrol/", {"programme": "poor_home", "area": "north", "act": "selected", "units": [home]})
    return models.Enrolment.objects.using("bulk").get(unit_id=home).id


@pytest.fixture
def number(world) -> str:
    home = country.household("n1", {"given_name": "Eve", "birth_date": date(1980, 1, 1)})
    ((found,),) = paying.rows(
        "SELECT p.number FROM registry_person p JOIN registry_membership m ON m.person_id = p.id WHERE household_id = %s",
        home,
    )
    return str(found)


def page(id: UUID, step: str = "") -> str:
    return f"/enrolments/{id}/collector/{step}"


def test_it_works_without_javascript_and_is_for_who_enrols(amina, nobody, chen, emre, enrolment):
    pages.assert_is_whole(amina.get(page(enrolment)))
    pages.assert_leads_to_sign_in(nobody, page(enrolment))
    pages.assert_refused(chen.get(page(enrolment)), 404)
    pages.assert_refused(emre.get(page(enrolment)), 403)


def test_one_proposes_and_another_confirms(amina, omid, enrolment, number):
    asked = {"proof": "guardianship", "whom": number, "document": "C-1/2026", "starts_on": today().isoformat()}
    assert amina.post(page(enrolment), asked).status_code == 302
    shown = amina.get(f"/enrolments/{enrolment}/")
    pages.assert_is_whole(shown)
    assert "C-1/2026" in pages.text(shown)
    assert b"collector/confirm/" not in shown.content
    pages.assert_refused(amina.post(page(enrolment, "confirm/")), 400)
    assert b"collector/confirm/" in omid.get(f"/enrolments/{enrolment}/").content
    assert omid.post(page(enrolment, "confirm/")).status_code == 302
    assert models.Enrolment.objects.using("bulk").get(id=enrolment).recipient_id is not None
    assert f"No. {number}" in pages.text(amina.get(f"/enrolments/{enrolment}/")) or number in pages.text(
        amina.get(f"/enrolments/{enrolment}/")
    )


def test_what_lacks_something_is_asked_again_and_what_is_refused_says_why(amina, enrolment, number):
    pages.assert_asked_again(
        amina.post(page(enrolment), {"whom": number, "document": "C-1", "starts_on": today().isoformat()}), "id_proof"
    )
    answer = amina.post(
        page(enrolment), {"proof": "guardianship", "whom": "eve", "document": "C-1", "starts_on": today().isoformat()}
    )
    assert answer.status_code == 400
    asked = {"proof": "guardianship", "whom": number, "document": "C-1", "starts_on": today().isoformat()}
    amina.post(page(enrolment), asked)
    assert amina.post(page(enrolment, "withdraw/")).status_code == 302
    pages.assert_refused(amina.post(page(enrolment, "withdraw/")), 400)
