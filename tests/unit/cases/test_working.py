"""What is done about a case: by the table of moves, by whoever is charged with it, seen by few where it is sensitive (OPS-3, OPS-4, OPS-5)."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError

from amparo.cases import actions, models, queries
from amparo.cases.moves import MOVES, moves_from
from amparo.cases.queries import Wanted
from amparo.cases.types import CLOSED, Act, Kind, State
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.registry.actions import protect
from amparo.trust.context import acting
from amparo.trust.queries import area
from amparo.trust.types import OWN_RIGHT, Permission, Role, system
from tests.lib import kin
from tests.lib.country import GROUND
from tests.unit.cases import setting
from tests.unit.cases.setting import done, filed, home, officer, rows

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture(autouse=True)
def _prepared(fresh_database) -> None:
    setting.prepare()


def listed(by, **wanted) -> list:
    with acting(by.narrowed(Permission.READ_CASE)) as who:
        return [each.id for each in queries.listed(Wanted(**wanted), by=who, under=GROUND)]


def judged(case, act, by, words="Looked into."):
    return done(case, act, by, Permission.DECIDE_SUSPICION, words)


# ---- the table


def test_every_kind_ends_and_nothing_follows_an_end():
    for kind, moves in MOVES.items():
        assert any(each.to in CLOSED for each in moves), kind
        assert not any(each.of & CLOSED for each in moves), kind


def test_from_every_open_state_that_can_be_reached_a_kind_comes_to_an_end():
    for kind, moves in MOVES.items():
        reached, waiting = set(), {State.OPEN}
        while waiting:
            state = waiting.pop()
            reached.add(state)
            waiting |= {each.to for each in moves if state in each.of and each.to} - reached
        ends = {state for state in reached if state in CLOSED}
        assert ends, kind
        for state in reached - CLOSED:
            assert any(state in each.of and each.to for each in moves), (kind, state)


def test_a_case_is_taken_noted_on_and_resolved_each_with_a_step_and_an_audit_row(cast):
    case = filed(cast.amina, person=home()[1])
    done(case, Act.TAKE, cast.amina, words="")
    done(case, Act.NOTE, cast.amina)
    found = done(case, Act.RESOLVE, cast.amina)
    assert (found.state, found.is_open, found.owner) == (State.RESOLVED, False, cast.amina.id)
    assert rows("SELECT act FROM cases_step ORDER BY at, id") == [("file",), ("take",), ("note",), ("resolve",)]
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'case-step'") == [(3,)]


@pytest.mark.parametrize("act", [Act.UPHOLD, Act.CONFIRM, Act.REFER, Act.EXECUTE, Act.HEAR, Act.REPLY])
def test_what_is_not_in_the_table_is_refused(cast, act):
    case = filed(cast.amina)
    with pytest.raises(Refused, match="cases-move-not-possible"):
        done(case, act, cast.amina)
    assert rows("SELECT state FROM cases_case") == [("open",)]


def test_what_is_over_stays_over(cast):
    case = filed(cast.amina)
    done(case, Act.DISMISS, cast.amina)
    for each in (Act.TAKE, Act.NOTE, Act.RESOLVE):
        with pytest.raises(Refused, match="cases-move-not-possible"):
            done(case, each, cast.amina)


def test_an_answer_without_words_is_refused(cast):
    with pytest.raises(Refused, match="cases-move-without-words"):
        done(filed(cast.amina), Act.RESOLVE, cast.amina, words="  ")


def test_the_officer_of_another_area_works_on_nothing_here(cast):
    case = filed(cast.amina)
    with pytest.raises(NotFound, match="cases-case-unknown"):
        done(case, Act.TAKE, cast.chen, words="")
    assert listed(cast.chen) == []


def test_a_step_is_never_changed_and_nothing_of_a_case_but_how_it_stands(cast):
    case = filed(cast.amina, person=home()[1])
    for table, change in (("step", {"act": "resolve"}), ("case", {"filed_by": None}), ("case", {"kind": "alert"})):
        model = models.Step if table == "step" else models.Case
        by = cast.amina.narrowed(Permission.WORK_CASE)
        with pytest.raises(ProgrammingError, match="permission denied"), acting(by):
            model.objects.update(**change)
    assert rows("SELECT kind FROM cases_case WHERE id = %s", case.id) == [("grievance",)]


# ---- referral


def test_a_referral_ends_with_its_outcome(cast):
    case = filed(cast.amina, "jobs", person=home()[1], words="Looks for work.")
    with pytest.raises(Refused, match="cases-move-not-possible"):
        done(case, Act.SERVE, cast.amina)
    assert done(case, Act.REFER, cast.amina, words="Employment agency, appointment on Monday.").state is State.REFERRED
    assert done(case, Act.SERVE, cast.amina, words="Training began.").state is State.SERVED


OUTCOMES = {
    Act.SERVE: State.SERVED,
    Act.NOT_SERVE: State.NOT_SERVED,
    Act.FIND_NO_PLACE: State.NO_PLACE,
    Act.NOT_HEAR: State.UNHEARD,
}


@pytest.mark.parametrize("act", OUTCOMES)
def test_a_referral_closes_with_its_outcome_and_with_words(cast, act):
    case = filed(cast.amina, "jobs", person=home()[1])
    done(case, Act.REFER, cast.amina, words="Employment agency.")
    with pytest.raises(Refused, match="cases-move-without-words"):
        done(case, act, cast.amina, words=" ")
    found = done(case, act, cast.amina, words="As the agency wrote.")
    assert (found.state, found.is_open) == (OUTCOMES[act], False)


def test_an_outcome_is_a_referrals_alone(cast):
    case = filed(cast.amina)
    for act in OUTCOMES:
        with pytest.raises(Refused, match="cases-move-not-possible"):
            done(case, act, cast.amina)


def test_referrals_are_counted_by_outcome_and_area_and_few_are_not_told(cast):
    for act, count in ((Act.SERVE, 6), (Act.NOT_SERVE, 5), (Act.NOT_HEAR, 5), (None, 5)):
        for _ in range(count):
            case = filed(cast.amina, "jobs", area="n1")
            done(case, Act.REFER, cast.amina, words="Employment agency.")
            if act:
                done(case, act, cast.amina)
    for _ in range(3):
        filed(cast.amina, "jobs", area="n2")
    filed(cast.amina, area="n1")  # no referral
    period = {"since": clock.today(), "until": clock.today()}
    with acting(cast.amina.narrowed(Permission.READ_FIGURES)) as by:
        places = [(each.number, each.last_number) for each in (area("n1"), area("n2"))]
        one, other = queries.outcomes(places, by=by, **period)
    assert (one.counts, one.filed) == ((6, 5, 0, 5, 5), 21)
    assert one.share_served == 6 / (6 + 5 + 5)
    assert (other.counts, other.filed, other.share_served) == ((None,) * 5, None, None)
    with acting(cast.chen.narrowed(Permission.READ_FIGURES)) as by:
        assert queries.outcomes(places, by=by, **period) == []


# ---- suspicion is not sanction


def flagged(cast):
    _, person = home("n1")
    return filed(cast.amina, "flag", person=person, words="Two incomes."), person


def test_a_flag_stops_nothing_and_whom_it_is_about_does_not_know_of_it(cast):
    case, person = flagged(cast)
    assert rows("SELECT suspends, told_at FROM cases_case") == [(False, None)]
    dalia = kin.bound(person, "dalia")
    with acting(kin.looking(dalia)) as by:
        assert queries.own_cases(by=by) == []
    with acting(cast.bruno.narrowed(Permission.READ_CASE)) as by:
        queries.case(case.id, by=by, under=GROUND)
    about = rows("SELECT about_kind, about_id FROM trust_audit WHERE event IN ('case-filed', 'case-read')")
    assert set(about) == {("case", str(case.id))}


def test_a_suspicion_is_judged_by_a_second_person_and_not_by_one_who_had_a_part(cast):
    case, _ = flagged(cast)
    done(case, Act.TAKE, cast.bruno, words="")
    for each, refusal in ((cast.bruno, Refused), (cast.amina, NotPermitted)):
        with pytest.raises(refusal):
            judged(case, Act.CLEAR, each)
    with pytest.raises(Refused, match="cases-judged-by-nobody"):
        judged(case, Act.CLEAR, system("command"))
    assert judged(case, Act.CLEAR, cast.ines).state is State.UNFOUNDED


def test_the_database_asks_again_who_judges(cast):
    case, _ = flagged(cast)
    done(case, Act.TAKE, cast.bruno, words="")
    told = {"act": "confirm", "state": "confirmed", "at": clock.now(), "by_id": cast.bruno.id}
    with pytest.raises(ProgrammingError, match="does not judge it"), acting(cast.bruno.narrowed(Permission.WORK_CASE)):
        models.Step.objects.create(case_id=case.id, area_number=0, **told)


def test_nobody_is_found_guilty_unheard(cast):
    case, person = flagged(cast)
    done(case, Act.TAKE, cast.amina, words="")
    done(case, Act.ADD_EVIDENCE, cast.amina)
    with pytest.raises(Refused, match="cases-not-heard"):
        judged(case, Act.CONFIRM, cast.ines)
    with acting(cast.amina.narrowed(Permission.WORK_CASE)) as by:
        actions.hear(case.id, words="Two employers reported you in May.", by=by, under=GROUND)
    with pytest.raises(Refused, match="cases-reply-waited-for"):
        judged(case, Act.CONFIRM, cast.ines)
    dalia = kin.bound(person, "dalia")
    by = kin.looking(dalia, permission=Permission.DECIDE_OWN)
    with acting(by):
        actions.reply(case.id, Act.REPLY, words="One is my sister.", by=by, under=OWN_RIGHT)
    with acting(kin.looking(dalia)) as looking:
        told = [each.act for each in queries.own_case(case.id, by=looking).steps]
    assert told == [Act.HEAR, Act.REPLY]
    assert judged(case, Act.CONFIRM, cast.ines).state is State.CONFIRMED


def test_after_the_days_to_answer_a_suspicion_can_be_judged(cast):
    case, _ = flagged(cast)
    done(case, Act.TAKE, cast.amina, words="")
    with acting(cast.amina.narrowed(Permission.WORK_CASE)) as by:
        found = actions.hear(case.id, words="Two employers reported you.", by=by, under=GROUND)
    with clock.fixed(clock.now() + timedelta(days=15)):
        assert found.reply_until < clock.today()
        assert judged(case, Act.CONFIRM, cast.ines).state is State.CONFIRMED


# ---- what is sensitive


def test_what_is_sensitive_is_seen_by_the_roles_of_its_category_alone(cast):
    case = filed(cast.amina, "violence", person=home()[1], words="He hits me.")
    for each in (cast.amina, cast.ines):
        assert listed(each) == []
        with pytest.raises(NotFound, match="cases-case-unknown"):
            done(case, Act.TAKE, each, words="")
    assert listed(cast.bruno) == [case.id]
    assert done(case, Act.RESOLVE, cast.bruno).state is State.RESOLVED


def test_the_database_hides_what_is_sensitive_too(cast):
    filed(cast.amina, "violence", person=home()[1])
    for each, found in ((cast.amina, 0), (cast.ines, 0), (cast.bruno, 1)):
        with acting(each.narrowed(Permission.READ_CASE)):
            assert models.Case.objects.count() == found
            assert models.Step.objects.count() == found


def test_whoever_files_what_is_sensitive_at_the_counter_hands_out_its_code(cast):
    case = filed(cast.amina, "violence", person=home()[1])
    assert queries.asked(case.code, by=system("anonymous")).state is State.OPEN


def test_a_case_of_somebody_in_danger_is_seen_by_who_protects_and_by_nobody_else(cast):
    _, person = home("n1")
    case = filed(cast.amina, person=person)
    with acting(cast.nadia.narrowed(Permission.PROTECT)) as by:
        protect(person, by=by, on=clock.today(), under=GROUND)
    for each in (cast.amina, cast.bruno, cast.ines):
        assert listed(each) == []
    assert listed(cast.nadia) == [case.id]


# ---- whose work


def test_the_worklist_begins_with_what_is_due_first(cast):
    later, sooner = filed(cast.amina, "wrong_fact"), filed(cast.amina, "unpaid")
    assert listed(cast.amina) == [sooner.id, later.id]


def test_ones_own_list_holds_what_one_took_and_what_was_handed_on_to_a_role_of_ones(cast):
    taken, free, _ = filed(cast.amina), filed(cast.amina), filed(cast.amina)
    done(taken, Act.TAKE, cast.amina, words="")
    assert listed(cast.amina, of="mine") == [taken.id]
    assert taken.id not in listed(cast.amina, of="free")
    with acting(cast.amina.narrowed(Permission.WORK_CASE)) as by:
        actions.hand_on(free.id, to=cast.bruno.id, words="Yours to decide.", by=by, under=GROUND)
    assert listed(cast.bruno, of="mine") == [free.id]


def test_a_case_is_handed_on_to_nobody_who_could_not_work_on_it(cast):
    case = filed(cast.amina)
    for each in (cast.chen, cast.emre):
        with acting(cast.amina.narrowed(Permission.WORK_CASE)) as by, pytest.raises(Refused, match="not-their-work"):
            actions.hand_on(case.id, to=each.id, words="Yours.", by=by, under=GROUND)


def test_a_page_offers_what_somebody_may_do_and_no_more(cast):
    vera, made = officer("vera"), filed(cast.amina)
    with acting(cast.amina.narrowed(Permission.READ_CASE)) as by:
        offered = {each.act.value for each in queries.moves(made.id, by=by)}
        assert offered == {"take", "add-evidence", "resolve", "dismiss", "note", "hand-on"}
    with acting(vera.narrowed(Permission.READ_CASE)) as by:
        assert Act.UPHOLD not in {each.act for each in queries.moves(made.id, by=by)}
    assert moves_from(Kind.GRIEVANCE, State.OPEN, Permission.REVIEW_APPEAL) == []


def test_a_citizen_withdraws_their_own_case_and_no_other(cast):
    _, person = home("n1")
    case, other = filed(cast.amina, person=person), filed(cast.amina, person=home("n1")[1])
    by = kin.looking(kin.bound(person, "dalia"), permission=Permission.DECIDE_OWN)
    with acting(by):
        with pytest.raises(NotFound):
            actions.reply(other.id, Act.WITHDRAW, words="", by=by, under=OWN_RIGHT)
        actions.reply(case.id, Act.WITHDRAW, words="", by=by, under=OWN_RIGHT)
    assert rows("SELECT state FROM cases_case WHERE id = %s", case.id) == [("withdrawn",)]


def test_a_substitute_sees_what_is_sensitive_with_the_role_that_was_handed_on(cast):
    from amparo.trust.actions.delegating import delegate

    second = officer("petra", Role.OFFICER, "north")
    case = filed(cast.amina, "violence")
    assert listed(second) == []
    [(held,)] = rows("SELECT id FROM trust_roleassignment WHERE account_id = %s", cast.bruno.id)
    today = clock.today()
    delegate(held, to=second.id, by=cast.bruno, on=today, until=today + timedelta(days=2))
    from amparo.trust.queries import account_with_id, actor_of

    assert listed(actor_of(account_with_id(second.id), on=today)) == [case.id]
