"""Lists and counts of decisions: by programme and area, scoped, a page at a time, on the record."""

from datetime import date

import pytest

from amparo.programmes.queries import counts_by_area, decisions_in, exported_decisions, latest_run, programme_codes
from amparo.programmes.types import State
from amparo.trust.context import acting
from amparo.trust.queries import area, audit_of
from amparo.trust.types import Permission
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import OPERATOR, PENSION, POOR_HOME, installed, run

OLD, YOUNG = {"birth_date": date(1950, 1, 1)}, {"birth_date": date(2000, 1, 1)}


@pytest.fixture(scope="module")
def country(database):
    """Two poor homes and one that is not in the north, one that is not known in the south."""
    installed(POOR_HOME, PENSION)
    household("n1", OLD, income=5_000)
    household("n2", YOUNG, income=6_000)
    household("n2", YOUNG, income=90_000)
    household("s1", YOUNG)
    return run()


def reach(code: str) -> tuple[int, int]:
    place = area(code)
    return place.number, place.last_number


def listed(by, code="land", programme="poor_home", **settings):
    with acting(by):
        return decisions_in(programme, *reach(code), by=by, under=GROUND, **settings)


def test_counts_hold_each_area_with_all_below_it(country):
    areas = [reach(code) for code in ("land", "north", "n2", "south", "s2")]
    with acting(OPERATOR):
        rows = [each for each in counts_by_area(country.id, areas, by=OPERATOR) if each.programme == "poor_home"]
    assert [(each.true, each.false, each.unknown) for each in rows] == [
        (2, 1, 1),
        (2, 1, 0),
        (1, 1, 0),
        (0, 0, 1),
        (0, 0, 0),
    ]
    assert [each.amount for each in rows] == [4_000, 4_000, 2_000, 0, 0]
    assert [each.share_true for each in rows] == [2 / 4, 2 / 3, 1 / 2, 0.0, None]


def test_an_officer_counts_only_what_lies_in_their_areas(country, cast):
    amina = cast.amina.narrowed(Permission.READ_FIGURES)
    with acting(amina):
        rows = [each for each in counts_by_area(country.id, [reach("land")], by=amina) if each.programme == "poor_home"]
    assert [(each.true, each.false, each.unknown) for each in rows] == [(2, 1, 0)]


def test_the_latest_run_and_the_programmes_are_found_in_the_profiles_order(country):
    assert latest_run() == country
    assert programme_codes() == ["poor_home", "pension"]


def test_a_list_holds_an_areas_decisions_with_the_number_of_the_household(country):
    assert sorted(each.decision.outcome for each in listed(OPERATOR, "north")) == [False, True, True]
    assert all(each.number > 100_000 for each in listed(OPERATOR))
    assert listed(OPERATOR, state=State.PROPOSED) == []


def test_a_list_can_be_kept_to_some_outcomes(country):
    assert [each.decision.outcome for each in listed(OPERATOR, outcomes=[None])] == [None]
    assert len(listed(OPERATOR, outcomes=[True, False])) == 3


def test_pages_follow_one_another_without_gap_or_repetition(country):
    whole, pages, after = listed(OPERATOR), [], None
    while page := listed(OPERATOR, after=after, at_most=1):
        pages += page
        after = page[-1].place
    assert pages == whole


def test_an_officer_lists_only_their_own_areas(country, cast):
    assert len(listed(cast.amina.narrowed(Permission.LIST_DECISIONS))) == 3
    assert len(listed(cast.chen.narrowed(Permission.LIST_DECISIONS))) == 1


def test_a_list_names_everybody_on_it_in_the_audit_log(country, cast):
    units = [str(each.decision.unit_id) for each in listed(OPERATOR)]
    row = audit_of(cast.emre, about_kind="programme", about_id="poor_home").using("bulk").first()
    assert (row.event, row.details["units"]) == ("decisions-listed", units)


def test_an_export_gives_all_of_them_and_says_how_many(country, cast):
    bruno = cast.bruno.narrowed(Permission.EXPORT_DECISIONS)
    with acting(bruno):
        found = list(exported_decisions("pension", *reach("land"), by=bruno, under=GROUND))
    assert len(found) == 4
    row = audit_of(cast.emre, about_kind="programme", about_id="pension").using("bulk").first()
    assert (row.event, row.details["decisions"]) == ("decisions-exported", 4)
