"""A condition that was missed again opens a case: once, told to whom it concerns, and closed where it proves to be needless."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

import pytest

from amparo.cases import actions, queries
from amparo.cases.config import CategoryConfig
from amparo.cases.reactions import open_visits
from amparo.cases.types import Act, Kind
from amparo.kernel import events
from amparo.kernel.dates import add_months
from amparo.programmes.types import BreachAct, ConditionFollowed
from amparo.trust.context import acting
from amparo.trust.types import OWN_RIGHT, Permission
from tests.lib import kin
from tests.lib.country import GROUND
from tests.unit.cases import setting
from tests.unit.cases.setting import BY, CATEGORIES, done, rows
from tests.unit.programmes.conditions import ATTENDANCE, SINCE, asking, decided, follow, home, told
from tests.unit.programmes.country import installed
from tests.unit.programmes.enrolling import enrol

pytestmark = pytest.mark.usefixtures("fresh_database")
VISITED = replace(ATTENDANCE, steps=(BreachAct.VISIT,), suspension="")
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture(autouse=True)
def one(fresh_database, cast, monkeypatch):
    """A home that takes part, for which the adult collects."""
    monkeypatch.setattr(events, "_reactions", defaultdict(list))
    events.react(ConditionFollowed, open_visits)
    setting.prepare()
    actions.install_categories((*CATEGORIES, CategoryConfig("visit", Kind.QUALITY, 30)), by=BY)
    installed(asking(VISITED))
    found = home("n1", "111")
    decided()
    adult = rows("SELECT person_id FROM registry_membership WHERE household_id = %s ORDER BY person_id", found)[0][0]
    enrol(found, by=cast.omid, on=SINCE, recipient=adult)
    return found, adult


def missed(folder, period: date, met: str = "no") -> None:
    on = add_months(period, 1)
    told(folder, [("111", f"{period:%Y-%m}", met, "", "")], day=on)
    follow(on)


def cases() -> list[tuple]:
    return rows("SELECT state, channel, category_id, told_at IS NOT NULL FROM cases_case ORDER BY filed_on")


def test_it_is_opened_once_lies_with_the_home_and_is_told(one, tmp_path):
    found, adult = one
    missed(tmp_path, MARCH)
    follow(APRIL)
    assert cases() == [("open", "system", "visit", True)]
    assert rows("SELECT household_id, person_id, due_on - filed_on FROM cases_case") == [(found, adult, 30)]


def test_whom_it_concerns_sees_it_and_may_answer(one, tmp_path):
    missed(tmp_path, MARCH)
    yara = kin.bound(one[1], "yara")
    with acting(kin.looking(yara)) as by:
        [case] = queries.own_cases(by=by)
        actions.reply(case.id, Act.REPLY, words="The school was closed.", by=by, under=OWN_RIGHT)
    assert rows("SELECT act FROM cases_step") == [("reply",)]


def test_what_nobody_took_up_is_closed_when_it_proves_needless(tmp_path):
    missed(tmp_path, MARCH)
    told(tmp_path, [("111", "2026-03", "yes", "", "")], day=date(2026, 4, 2))
    follow(date(2026, 4, 2))
    assert [each[0] for each in cases()] == ["withdrawn"]
    assert rows("SELECT act, state, is_told FROM cases_step") == [("withdraw", "withdrawn", True)]


def test_what_somebody_took_up_stays_with_them(cast, tmp_path):
    missed(tmp_path, MARCH)
    [(id,)] = rows("SELECT id FROM cases_case")
    with acting(cast.amina.narrowed(Permission.READ_CASE)) as by:
        case = queries.case(id, by=by, under=GROUND)
    done(case, Act.TAKE, cast.amina, words="")
    told(tmp_path, [("111", "2026-03", "yes", "", "")], day=date(2026, 4, 2))
    follow(date(2026, 4, 2))
    assert [each[0] for each in cases()] == ["working"]


def test_what_was_looked_into_is_not_asked_again_until_it_is_missed_again(cast, tmp_path):
    missed(tmp_path, MARCH)
    rows("UPDATE cases_case SET closed_at = now(), state = 'resolved' RETURNING id")
    follow(APRIL)
    assert len(cases()) == 1
    missed(tmp_path, APRIL)
    assert [each[0] for each in cases()] == ["resolved", "open"]


def test_without_the_category_nothing_is_opened(tmp_path):
    actions.install_categories(CATEGORIES, by=BY)
    missed(tmp_path, MARCH)
    assert cases() == []
