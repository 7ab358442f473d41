"""Pages on which grievances stand that other programmes tell of, and a recertification: whole, and of nobody else (IBR-1, OPS-2)."""

import pytest

from amparo.cases import actions
from amparo.cases.config import CategoryConfig
from amparo.cases.types import Kind
from amparo.programmes.enrolment import Recertification, SuspensionGround
from amparo.trust.types import Role, system
from tests.lib import country, kin, pages
from tests.lib.days import today
from tests.unit.cases import setting
from tests.unit.cases.setting import BY, CATEGORIES, filed, rows
from tests.unit.programmes.country import installed
from tests.unit.programmes.enrolling import enrol, homes, programme
from tests.unit.programmes.feeding import person
from tests.unit.programmes.grieving import complained
from tests.views.conftest import signed_in

AGAIN = CategoryConfig("again", Kind.RECERTIFICATION, 30, 5, Role.SUPERVISOR)
TERM = Recertification(12, 90, "again", "law-poor", "unreached")


@pytest.fixture(scope="module")
def yara(database, tmp_path_factory):
    """Somebody in the north, of whom a programme tells two grievances; eight more brought one forward."""
    setting.prepare()
    actions.install_categories((*CATEGORIES, CategoryConfig("rude", Kind.GRIEVANCE, 20), AGAIN), by=BY)
    found = person("111111")
    for number in range(8):
        person(f"9{number}")
    complained(
        "111-111 | cash_help | C-1 | MONEY | Y | 2026-03-02 | 2026-03-09",
        "111-111 | cash_help | C-2 | STAFF | N | 2026-03-05 | ",
        *(f"9{number} | cash_help | D-{number} | MONEY | N | 2026-03-05 | " for number in range(8)),
        folder=tmp_path_factory.mktemp("told"),
    )
    return found


def home_of(id) -> str:
    return rows("SELECT household_id FROM registry_membership WHERE person_id = %s", id)[0][0]


def test_a_home_shows_them_to_who_reads_cases_there(yara):
    page = signed_in("amina").get(f"/households/{home_of(yara)}/")
    pages.assert_is_whole(page)
    words = pages.text(page)
    assert "Grievances that other programmes tell of" in words
    assert "C-2" in words
    assert "Open" in words
    pages.assert_refused(signed_in("chen").get(f"/households/{home_of(yara)}/"), 404)


def test_a_case_of_the_same_person_shows_them_beside_it(yara):
    case = filed(country.cast().amina, person=yara)
    page = signed_in("amina").get(f"/cases/{case.id}/")
    pages.assert_is_whole(page)
    assert "C-1" in pages.text(page)
    elsewhere = filed(country.cast().amina, person=person("777777"))
    assert "other programmes tell of" not in pages.text(signed_in("amina").get(f"/cases/{elsewhere.id}/"))


def test_how_cases_go_counts_them_apart(yara):
    year = {"since": "2026-01-01", "until": "2026-12-31"}
    page = signed_in("bruno").get("/cases/figures/", year)
    pages.assert_is_whole(page)
    assert "cash_help unpaid 9 – –" in pages.text(page)  # one of nine is closed: so few are not told
    assert "cash_help rude fewer than 5 – –" in pages.text(page)


def test_whoever_reads_no_case_sees_no_small_count(yara, emre):
    words = pages.text(emre.get("/cases/figures/", {"until": "2026-12-31"}))
    assert "Grievances that other programmes tell of" in words
    assert "cash_help rude fewer than 5 – –" in words


def test_whom_they_concern_sees_them_with_the_number_to_ask_by(yara):
    kin.bound(yara, "yara")
    page = signed_in("yara").get("/mine/cases/")
    pages.assert_is_whole(page)
    words = pages.text(page)
    assert "What you brought to other programmes" in words
    assert "C-1" in words
    assert "D-1" not in words


def test_a_recertification_says_its_day_and_that_nothing_stops(yara):
    installed(programme(recertification=TERM, suspensions=(SuspensionGround("unreached", "law-unreached"),)))
    [home] = homes(n1=5_000)
    enrolment = enrol(home, by=country.cast().omid, on=today().replace(year=today().year - 1, day=1))
    actions.open_recertifications(on=today(), by=system("cases"))
    [(id,)] = rows("SELECT id FROM cases_case WHERE enrolment_id = %s", enrolment)
    page = signed_in("amina").get(f"/cases/{id}/")
    pages.assert_is_whole(page)
    words = pages.text(page)
    assert "Nothing stops by itself" in words
    assert "unreached" in words
    assert f"/enrolments/{enrolment}/" in page.content.decode()
    assert "/cases/new/again/" not in signed_in("amina").get("/cases/new/").content.decode()
