"""Grievances that other programmes tell of, beside cases: seen by who reads cases there, by whose they are, and by nobody else."""

from datetime import date

import pytest

from amparo.cases import actions, queries
from amparo.cases.config import CategoryConfig
from amparo.cases.types import Kind
from amparo.programmes.types import GrievanceState
from amparo.trust.context import acting
from amparo.trust.types import Permission, Role
from tests.lib import kin
from tests.lib.country import GROUND
from tests.unit.cases import setting
from tests.unit.cases.setting import BY, CATEGORIES, filed, rows
from tests.unit.programmes.feeding import person
from tests.unit.programmes.grieving import complained

pytestmark = pytest.mark.usefixtures("fresh_database")
RUDE = CategoryConfig("rude", Kind.GRIEVANCE, 20)
YEAR = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}


@pytest.fixture
def yara(fresh_database, tmp_path):
    """Somebody in the north, of whom a programme tells two grievances."""
    setting.prepare()
    actions.install_categories((*CATEGORIES, RUDE), by=BY)
    found = person("111111")
    complained(
        "111-111 | cash_help | C-1 | MONEY | Y | 2026-03-02 | 2026-03-09",
        "111-111 | cash_help | C-2 | STAFF | N | 2026-03-05 | ",
        "222-222 | cash_help | C-3 | STAFF | N | 2026-03-05 | ",
        folder=tmp_path,
    )
    return found


def seen_by(officer, whom) -> list[tuple]:
    with acting(officer.narrowed(Permission.READ_CASE)) as by:
        told = queries.told_of([whom], by=by, under=GROUND)
    return [(each.grievance, each.category, each.state.value) for each in told]


def test_whoever_reads_cases_there_sees_them_and_it_is_on_record(cast, yara):
    assert seen_by(cast.amina, yara) == [("C-2", "rude", "open"), ("C-1", "unpaid", "resolved")]
    assert rows("SELECT about_id, details ->> 'grievances' FROM trust_audit WHERE event = 'grievances-read'") == [
        (str(yara), "2")
    ]


def test_in_another_area_nobody_sees_them_nor_learns_that_there_are_any(cast, yara):
    assert seen_by(cast.chen, yara) == []
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'grievances-read'") == [(0,)]


def test_whoever_runs_one_programme_is_told_of_no_other(cast, yara):
    with acting(cast.omid.narrowed(Permission.READ_FIGURES)) as by:
        assert queries.told_figures(0, 2**40, **YEAR, by=by) == []


def test_a_category_that_became_sensitive_is_shown_to_nobody(cast, yara):
    private = CategoryConfig("rude", Kind.GRIEVANCE, 20, is_sensitive=True, roles=(Role.OFFICER,))
    actions.install_categories((*CATEGORIES, private), by=BY)
    assert seen_by(cast.amina, yara) == [("C-1", "unpaid", "resolved")]


def test_a_case_shows_what_programmes_tell_of_whom_it_concerns(cast, yara):
    case = filed(cast.amina, person=yara)
    with acting(cast.amina.narrowed(Permission.READ_CASE)) as by:
        assert len(queries.told_beside(case, by=by, under=GROUND)) == 2
    flag = filed(cast.amina, "flag", person=yara)
    with acting(cast.amina.narrowed(Permission.READ_CASE)) as by:
        assert queries.told_beside(flag, by=by, under=GROUND) == []


def test_a_citizen_sees_their_own_and_nobody_elses(cast, yara):
    mine, other = kin.bound(yara, "yara"), kin.bound(person("333333"), "other")
    with acting(kin.looking(mine)) as by:
        told = queries.own_told(by=by)
    assert [(each.grievance, each.state) for each in told] == [
        ("C-2", GrievanceState.OPEN),
        ("C-1", GrievanceState.RESOLVED),
    ]
    with acting(kin.looking(other)) as by:
        assert queries.own_told(by=by) == []


def test_they_are_counted_by_programme_and_category_and_not_among_cases(cast, yara):
    with acting(cast.bruno.narrowed(Permission.READ_FIGURES)) as by:
        first, last = by.scope.reached[0]
        found = queries.told_figures(first, last, **YEAR, by=by)
        assert [(each.counts.category, each.counts.filed, each.counts.open) for each in found] == [
            ("rude", 1, 1),
            ("unpaid", 1, 0),
        ]  # of whom nobody here knows nothing counts
        assert all(each.is_few and each.parts == (None, None) for each in found)
        assert queries.told_figures(first, last, since=date(2025, 1, 1), until=date(2025, 12, 31), by=by) == []
        assert queries.figures([(first, last)], **YEAR, on=date(2026, 12, 1), by=by) == []


def test_whoever_reads_no_case_is_told_no_count_from_which_a_small_one_follows(cast, yara, tmp_path):
    for number in range(9):
        person(f"9{number}", area="n1" if number < 8 else "s1")
    lines = [f"9{number} | cash_help | D-{number} | STAFF | N | 2026-03-05 | " for number in range(9)]
    complained(*lines, folder=tmp_path, day=date(2026, 4, 11))
    with acting(cast.emre.narrowed(Permission.READ_FIGURES)) as by:
        withheld = queries.told_withheld(**YEAR, by=by)
        [north] = rows("SELECT number FROM trust_area WHERE code = 'north'")[0]
        [south] = rows("SELECT number FROM trust_area WHERE code = 'south'")[0]
    told = {area: withheld.of("cash_help/rude", area).whole for area in (north, south)}
    assert told[south] is False  # one
    assert told[north] is False  # with which it could be told from the land's


def test_nothing_of_them_is_on_anybodys_list(cast, yara):
    with acting(cast.amina.narrowed(Permission.READ_CASE)) as by:
        assert queries.listed(queries.Wanted(), by=by, under=GROUND) == []
