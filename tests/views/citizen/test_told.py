"""What other programmes tell, on the citizen's page and in their copy: with who says so, how old it is, and how it is disputed (PRV-5)."""

import json

import pytest

from amparo.cases import actions
from amparo.programmes.types import BenefitStatus
from tests.lib import kin, pages
from tests.unit.cases.setting import BY, CATEGORIES
from tests.unit.programmes.test_own_benefits import tell
from tests.views.citizen.test_cases import _case, id_of, rows
from tests.views.citizen.test_mine import choose
from tests.views.conftest import signed_in

PAGE = "/mine/held/"
DISPUTE = "/mine/cases/new/wrong_fact/?feed=social_fund&scheme=cash_help"


@pytest.fixture(autouse=True, scope="module")
def told(people) -> None:
    actions.install_categories(CATEGORIES, by=BY)
    tell(people["Dalia"], "cash_help")
    tell(people["Dalia"], "food_help", kind="in-kind", amount_minor=None, payment=None, receiver=None)
    tell(people["Dario"], "poor_home", amount_minor=777_00)
    tell(people["Dario"], "work_insurance")
    tell(people["Omar"], "school_meals", kind="in-kind", amount_minor=0, status=BenefitStatus.EXITED.value)
    tell(people["Nadia"], "south_meals")
    tell(people["Hoda"], "old_age_help")


def test_each_benefit_says_what_how_much_since_when_and_who_told_it_on_which_day(dalia):
    page = dalia.get(PAGE)
    pages.assert_is_whole(page)
    words = pages.text(page)
    assert "cash_help Takes part Since January 1, 2026, last told of March 2026" in words
    assert "Money, €120.50 Paid Received by somebody of the home social_fund, April 10, 2026 (" in words
    assert "months ago) Too old to rely on This is not right" in words


def test_an_amount_that_nobody_told_is_not_zero_and_one_of_zero_is(dalia, people):
    assert "In kind, how much was not told" in pages.text(dalia.get(PAGE))
    choose(dalia, people["Omar"])
    assert "In kind, €0.00" in pages.text(dalia.get(PAGE))


def test_of_other_adults_of_the_household_nothing_is_told_but_that_the_household_receives(dalia):
    words = pages.text(dalia.get(PAGE))
    assert "poor_home For the whole household" in words
    assert "how much is not shown here" in words
    assert "777" not in words
    assert "work_insurance" not in words


def test_of_a_child_elsewhere_nothing_is_told_and_under_a_mandate_what_is_theirs(dalia, people):
    choose(dalia, people["Nadia"])
    words = pages.text(dalia.get(PAGE))
    assert "What other programmes tell" not in words
    assert "south_meals" not in words
    choose(dalia, people["Hoda"])
    assert "old_age_help" in pages.text(dalia.get(PAGE))


def test_another_citizen_sees_none_of_it(dalia, people):
    kin.bound(people["Vito"], "vito")
    words = pages.text(signed_in("vito").get(PAGE))
    assert "There is nothing that other programmes told and that can be shown here" in words
    assert "cash_help" not in words


def test_the_copy_to_take_along_has_the_same(dalia):
    found = {each["programme"]: each for each in json.loads(dalia.get("/mine/copy.json").content)["benefits_told"]}
    assert set(found) == {"cash_help", "food_help", "poor_home"}
    assert (found["cash_help"]["amount"], found["cash_help"]["told_by"]) == (120_50, "social_fund")
    assert (found["cash_help"]["told_on"], found["cash_help"]["about"]) == ("2026-04-10", "person")
    assert (found["poor_home"]["amount"], found["poor_home"]["about"]) == (None, "household")


def test_each_leads_to_a_dispute_that_says_which_and_whose_word_it_is(dalia):
    assert f'href="{DISPUTE.replace("&", "&amp;")}"' in dalia.get(PAGE).content.decode()
    page = dalia.get(DISPUTE)
    pages.assert_is_whole(page)
    assert "cash_help : social_fund says so" in pages.text(page)
    filed = dalia.post(DISPUTE, {"words": "I never received it."})
    [(code,)] = rows("SELECT code FROM cases_case WHERE id = %s", id_of(filed["Location"]))
    case = _case(code)
    assert case.steps[0].said.answers == {"disputed_scheme": "cash_help", "disputed_feed": "social_fund"}
    shown = pages.text(signed_in("amina").get(f"/cases/{case.id}/"))
    assert "What is not right: cash_help" in shown
    assert "Who says so: social_fund" in shown


@pytest.mark.parametrize(
    "named", ["feed=social_fund&scheme=work_insurance", "scheme=cash_help", "feed=x&scheme=", "scheme"]
)
def test_what_is_told_of_nobody_or_of_others_cannot_be_disputed(dalia, named):
    pages.assert_refused(dalia.get(f"/mine/cases/new/wrong_fact/?{named}"), 404)
