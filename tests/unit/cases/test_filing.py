"""A case begins: by whom, about whom, where it lies, when it is due, and what whoever holds its code learns (OPS-2)."""

from datetime import timedelta

import pytest

from amparo.cases import actions, queries
from amparo.cases.beginning import Filing
from amparo.cases.types import Channel, Kind, Said, State
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.trust.context import acting
from amparo.trust.types import OWN_RIGHT, Permission, system
from tests.lib import country, kin
from tests.unit.cases import setting
from tests.unit.cases.setting import filed, home, rows

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture(autouse=True)
def _prepared(fresh_database) -> None:
    setting.prepare()


def test_a_case_is_due_by_its_categorys_standard_and_open(cast):
    found = filed(cast.amina, person=home()[1])
    assert (found.kind, found.state, found.due_on) == (Kind.GRIEVANCE, State.OPEN, clock.today() + timedelta(days=10))


def test_every_case_has_a_code_of_its_own_and_one_audit_row(cast):
    _, person = home()
    codes = {filed(cast.amina, person=person).code for _ in range(5)}
    assert len(codes) == 5
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'case-filed'") == [(5,)]


def test_a_case_lies_where_whoever_it_is_about_lives_and_goes_along(cast):
    from amparo.registry.actions import move

    id, person = home("n1")
    case = filed(cast.amina, person=person)
    ines = cast.ines.narrowed(Permission.REGISTER)
    with acting(ines):
        move(id, to_area="s1", by=ines, on=clock.today(), under=country.GROUND)
    places = "SELECT a.code FROM {} c JOIN trust_area a ON a.number = c.area_number WHERE {} = %s"
    assert rows(places.format("cases_case", "c.id"), case.id) == [("s1",)]
    assert rows(places.format("cases_step", "c.case_id"), case.id) == [("s1",)]


def test_nobody_takes_a_case_down_about_somebody_elsewhere(cast):
    with pytest.raises(NotFound):
        filed(cast.chen, person=home("n1")[1])
    with pytest.raises(NotFound):
        filed(cast.chen, area="n1")
    assert rows("SELECT count(*) FROM cases_case") == [(0,)]


@pytest.mark.parametrize("name", ["emre", "lina", "hana", "omid"])
def test_who_is_not_charged_with_it_takes_none_down(cast, name):
    with pytest.raises(NotPermitted):
        filed(getattr(cast, name), area="n1")


@pytest.mark.parametrize(
    ("category", "words", "refusal"),
    [
        ("unpaid", "  ", "cases-nothing-said"),
        ("unheard_of", "x", "cases-category-unknown"),
        ("decision", "x", "cases-category-unknown"),  # an appeal is about a decision
    ],
)
def test_what_cannot_be_a_case_is_refused(cast, category, words, refusal):
    with pytest.raises(Refused, match=refusal):
        filed(cast.amina, category, words=words)


def test_a_category_that_the_profile_drops_takes_no_new_case_and_keeps_those_it_has(cast):
    case = filed(cast.amina, "wrong_fact")
    actions.install_categories(setting.CATEGORIES[:2], by=setting.BY)
    with pytest.raises(Refused, match="cases-category-unknown"):
        filed(cast.amina, "wrong_fact")
    assert rows("SELECT category_id FROM cases_case WHERE id = %s", case.id) == [("wrong_fact",)]


def test_who_does_not_say_who_they_are_files_and_asks_by_code():
    said = Filing("unpaid", Said("They ask for money."), Channel.ANONYMOUS, area="n1")
    case = actions.file_anonymously(said, by=system("anonymous"), on=clock.today())
    assert rows("SELECT filed_by, person_id, told_at FROM cases_case WHERE id = %s", case.id) == [(None, None, None)]
    assert rows("SELECT by_id FROM cases_step WHERE case_id = %s", case.id) == [(None,)]
    for written in (case.code, case.spelt, case.spelt.lower(), f" {case.code} "):
        found = queries.asked(written, by=system("anonymous"))
        assert (found.state, found.due_on) == (State.OPEN, case.due_on)


@pytest.mark.parametrize("wrong", ["", "0000-0000-0000", "ABC", "x" * 500, "'; --"])
def test_a_code_that_is_nobodys_tells_nothing(wrong):
    with pytest.raises(NotFound, match="cases-code-unknown"):
        queries.asked(wrong, by=system("anonymous"))


def test_only_categories_for_it_are_filed_without_saying_who_one_is():
    said = Filing("wrong_fact", Said("x"), Channel.ANONYMOUS, area="n1")
    with pytest.raises(Refused, match="cases-category-not-public"):
        actions.file_anonymously(said, by=system("anonymous"), on=clock.today())


def test_a_citizen_files_about_themselves_and_sees_it(cast):
    _, person = home("s1")
    dalia = kin.bound(person, "dalia")
    by = kin.looking(dalia, permission=Permission.DECIDE_OWN)
    with acting(by):
        case = actions.file_own(
            Filing("unpaid", Said("Nothing came."), Channel.WEB), by=by, under=OWN_RIGHT, on=clock.today()
        )
    with acting(kin.looking(dalia)) as looking:
        assert [each.id for each in queries.own_cases(by=looking)] == [case.id]
        seen = queries.own_case(case.id, by=looking)
    assert [each.said.words for each in seen.steps] == ["Nothing came."]
    assert (seen.owner, seen.filed_by) == (None, None)
    assert rows("SELECT filed_by FROM cases_case") == [(dalia.id,)]


def test_a_citizen_flags_nobody():
    dalia = kin.bound(home("s1")[1], "dalia")
    by = kin.looking(dalia, permission=Permission.DECIDE_OWN)
    with acting(by), pytest.raises(Refused, match="cases-category-not-for-oneself"):
        actions.file_own(Filing("flag", Said("x"), Channel.WEB), by=by, under=OWN_RIGHT, on=clock.today())


def test_what_was_said_lies_sealed(cast):
    filed(cast.amina, words="My neighbour hits me.")
    [(said,)] = rows("SELECT said FROM cases_step")
    assert b"neighbour" not in bytes(said)
