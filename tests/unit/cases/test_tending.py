"""What the house itself does: opens what waits, closes what is over, hands on what is late, each once (OPS-2, OPS-4)."""

from datetime import timedelta

import pytest

from amparo.cases import actions, queries
from amparo.cases.queries import Wanted
from amparo.cases.types import Act
from amparo.kernel import clock
from amparo.trust.context import acting
from amparo.trust.types import Permission, system
from tests.lib.country import GROUND
from tests.unit.cases import setting
from tests.unit.cases.setting import done, filed, home, rows
from tests.unit.programmes.country import run

pytestmark = pytest.mark.usefixtures("fresh_database")
WORKER = system("cases")


def later(days: int) -> int:
    return actions.escalate(on=clock.today() + timedelta(days=days), by=WORKER)


def test_what_is_late_is_handed_on_once_after_its_days_and_not_before(cast):
    setting.prepare()
    case = filed(cast.amina)  # due in ten days, handed on three days after that
    assert [later(10), later(13), later(14), later(15)] == [0, 0, 1, 0]
    assert rows("SELECT escalated_to FROM cases_case") == [("supervisor",)]
    assert rows("SELECT count(*) FROM cases_step WHERE act = 'escalate'") == [(1,)]
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'cases-escalated'") == [(1,)]
    with acting(cast.bruno.narrowed(Permission.READ_CASE)) as by:
        assert [each.id for each in queries.listed(Wanted(of="mine"), by=by, under=GROUND)] == [case.id]


def test_what_is_over_or_goes_to_nobody_is_not_handed_on(cast):
    setting.prepare()
    done(filed(cast.amina), Act.RESOLVE, cast.amina)
    filed(cast.amina, "wrong_fact")
    assert later(365) == 0


def in_review():
    """Return a household whose grant goes on, and of which it is no longer known whether it should."""
    from tests.unit.programmes.country import POOR_HOME

    id, _ = home(income=5_000)
    setting.prepare(POOR_HOME)
    run(clock.today())
    return id


def test_a_decision_under_review_opens_one_case_and_the_case_ends_with_it(cast):
    id = in_review()
    with country_without_incomes(id):
        run(clock.today())
    assert rows("SELECT state FROM programmes_decision WHERE superseded_at IS NULL ORDER BY state") == [
        ("in-effect",),
        ("review",),
    ]
    assert [actions.open_waiting(on=clock.today(), by=WORKER) for _ in range(2)] == [1, 0]
    [(kind, whose, due)] = rows("SELECT kind, household_id, due_on FROM cases_case")
    assert (kind, whose, due) == ("quality", id, clock.today() + timedelta(days=15))
    setting.earns(id, 5_000)
    assert actions.open_waiting(on=clock.today(), by=WORKER) == 0
    assert rows("SELECT state FROM cases_case") == [("resolved",)]


class country_without_incomes:
    """Nobody knows what a household earns, for a while."""

    def __init__(self, id) -> None:
        self.id = id

    def __enter__(self) -> None:
        rows("UPDATE registry_fact_household SET income = NULL WHERE household_id = %s", self.id)

    def __exit__(self, *error: object) -> None:
        rows("UPDATE registry_fact_household SET income = 5000 WHERE household_id = %s", self.id)


def test_flags_that_were_wrong_are_counted_once_there_are_enough(cast):
    setting.prepare()
    for number in range(6):
        flag = filed(cast.amina, "flag")
        done(flag, Act.TAKE, cast.amina, words="")
        if number < 4:
            done(flag, Act.CLEAR, cast.bruno, Permission.DECIDE_SUSPICION)
    asked = {"since": clock.today(), "until": clock.today(), "on": clock.today(), "by": cast.emre}
    with acting(cast.emre.narrowed(Permission.READ_FIGURES)):
        [found] = queries.figures([(0, 10**12)], **asked)
        assert (found.counts.judged, found.counts.unfounded, found.share_unfounded) == (4, 4, None)
    flag = filed(cast.amina, "flag")
    done(flag, Act.TAKE, cast.amina, words="")
    done(flag, Act.CLEAR, cast.bruno, Permission.DECIDE_SUSPICION)
    with acting(cast.emre.narrowed(Permission.READ_FIGURES)):
        [found] = queries.figures([(0, 10**12)], **asked)
    assert found.share_unfounded == 5 / 5


@pytest.mark.parametrize(("filed_cases", "in_time", "share"), [(4, 4, None), (5, 5, 5 / 5)])
def test_the_share_within_the_standard_is_told_from_five_on(cast, filed_cases, in_time, share):
    setting.prepare()
    for _ in range(filed_cases):
        done(filed(cast.amina), Act.RESOLVE, cast.amina)
    asked = {"since": clock.today(), "until": clock.today(), "on": clock.today(), "by": cast.emre}
    with acting(cast.emre.narrowed(Permission.READ_FIGURES)):
        [found] = queries.figures([(0, 10**12)], **asked)
        assert queries.figures([], **asked) == []
    assert (found.counts.in_time, found.share_in_time) == (in_time, share)
