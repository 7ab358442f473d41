"""Appeals: by the last day, once, heard by no human being who decided, executed as of the original day (ELI-6, acceptance 4)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import ProgrammingError, connections, transaction

from amparo.cases import actions, models, queries
from amparo.cases.types import Act, AppealExecuted, Channel, Said, State
from amparo.kernel import clock, events
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes.actions import give_notice, review, take_effect
from amparo.programmes.models import Decision
from amparo.programmes.procedure import Procedure
from amparo.programmes.types import State as Standing
from amparo.trust.actions.humans import bind_accounts
from amparo.trust.context import acting
from amparo.trust.types import OWN_RIGHT, Permission, Role, system
from tests.lib import country, kin, months
from tests.lib.country import GROUND
from tests.unit.cases import setting
from tests.unit.cases.setting import APPEALED, appealed, decided, done, earns, executed, home, officer, rows
from tests.unit.programmes.country import OPERATOR, run

pytestmark = pytest.mark.usefixtures("fresh_database")
FIRST = date(2026, 12, 1)


def at(days: int = 0):
    """The clock so many days after the first, at noon."""
    day = FIRST + timedelta(days=days)
    months.ensure(day, *months.DECIDED)
    return clock.fixed(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@pytest.fixture
def refused(fresh_database):
    """A household refused the grant by a run on the first day, because it is said to earn much."""
    with at():
        id, person = home("n1", income=90_000)
        setting.prepare()
        run(FIRST)
    return id, person


@pytest.fixture
def vera(fresh_database):
    """Appeals officer of the whole land."""
    return officer("vera")


def reviewed(case, by, act=Act.UPHOLD):
    done(case, Act.BEGIN_REVIEW, by, Permission.REVIEW_APPEAL, words="")
    return done(case, act, by, Permission.REVIEW_APPEAL, words="The payslips say so.")


# ---- filing


def test_an_appeal_is_filed_until_the_last_day_and_no_longer(cast, refused):
    made = decided(refused[0])
    with at(31), pytest.raises(Refused, match="cases-appeal-too-late"):
        appealed(made.id, cast.amina, on=FIRST + timedelta(days=31))
    with at(30):
        case = appealed(made.id, cast.amina, on=FIRST + timedelta(days=30))
    assert (case.state, case.linked.decision, case.due_on) == (State.OPEN, made.id, FIRST + timedelta(days=30 + 45))


def test_the_programmes_own_days_go_before_its_categorys(cast):
    setting.prepare(replace(APPEALED, procedure=replace(APPEALED.procedure, answer_days=7)))
    with at():
        id, _ = home(income=90_000)
        run(FIRST)
        assert appealed(decided(id).id, cast.amina).due_on == FIRST + timedelta(days=7)


def test_a_decision_is_appealed_once(cast, refused):
    with at():
        appealed(decided(refused[0]).id, cast.amina)
        with pytest.raises(Refused, match="cases-appealed-already"):
            appealed(decided(refused[0]).id, cast.amina)
    assert rows("SELECT count(*) FROM cases_case") == [(1,)]


def test_a_decision_elsewhere_is_not_there(cast, refused):
    with at(), pytest.raises(NotFound, match="programmes-decision-unknown"):
        appealed(decided(refused[0]).id, cast.chen)


def test_a_citizen_appeals_what_concerns_them_and_nothing_else(cast, refused):
    with at():
        other, _ = home("s1", income=90_000)
        run(FIRST)
        dalia = kin.bound(refused[1], "dalia")
        by = kin.looking(dalia, permission=Permission.DECIDE_OWN)
        told = {"person": None, "channel": Channel.WEB, "by": by, "under": OWN_RIGHT, "on": FIRST}
        with acting(by):
            case = actions.appeal(decided(refused[0]).id, Said("I earn much less."), **told)
        assert (case.channel, case.linked.person) == (Channel.WEB, refused[1])
        with acting(by), pytest.raises(NotFound, match="programmes-decision-unknown"):
            actions.appeal(decided(other).id, Said("Theirs."), **told)


# ---- by whom


def test_who_planned_the_run_hears_no_appeal_against_it(cast, refused, vera):
    """Through the action, with another account of the same human being, and past the program into the table."""
    made = decided(refused[0])
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE programmes_determination SET started_by = %s", [vera.id])
    with at():
        case = appealed(made.id, cast.amina)
        again = officer("vera2")
        bind_accounts(vera.id, again.id, by=cast.hana.narrowed(Permission.OPEN_ACCOUNTS), on=FIRST)
        for each in (vera, again):
            for act in (Act.BEGIN_REVIEW, Act.TAKE):
                with pytest.raises(Refused, match="cases-reviewer-is-decider"):
                    done(case, act, each, Permission.REVIEW_APPEAL, words="")
            assert_refused_by_the_database(case, each, "begin-review")
    assert rows("SELECT act FROM cases_step") == [("file",)]


def assert_refused_by_the_database(case, by, act: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="decided hears no appeal"),
        acting(by.narrowed(Permission.REVIEW_APPEAL)),
    ):
        models.Step.objects.create(case_id=case.id, area_number=0, act=act, state="review", at=clock.now(), by_id=by.id)


@pytest.mark.parametrize("who", ["gave the notice", "reviewed it"])
def test_neither_who_gave_the_notice_nor_who_reviewed_it_hears_an_appeal(cast, who):
    setting.prepare()
    nadia = officer("nadine", Role.PROTECTION_OFFICER, "land")  # holds both offices
    with at():
        id, _ = home(income=5_000)
        run(FIRST)
        earns(id, 90_000)
        made = decided(id)
        by = nadia if who == "gave the notice" else cast.amina
        with acting(by.narrowed(Permission.GIVE_NOTICE)) as giving:
            notice = give_notice(made.id, by=giving, under=GROUND, on=FIRST)
        if who == "reviewed it":
            nadia = officer("nadeem")
            with connections["bulk"].cursor() as cursor:
                cursor.execute(
                    "INSERT INTO programmes_review (id, notice_id, area_number, confirms, reviewed_by, reviewed_at, tombstone)"
                    " SELECT amparo_uuid7(), id, area_number, true, %s, now(), '{}' FROM programmes_notice WHERE id = %s",
                    [nadia.id, notice.id],
                )
        case = appealed(made.id, cast.amina)
        with pytest.raises(Refused, match="cases-reviewer-is-decider"):
            done(case, Act.BEGIN_REVIEW, nadia, Permission.REVIEW_APPEAL, words="")
        assert_refused_by_the_database(case, nadia, "uphold")


def test_no_command_hears_an_appeal_and_no_officer_who_decides(cast, refused):
    with at():
        case = appealed(decided(refused[0]).id, cast.amina)
        with pytest.raises(Refused, match="cases-judged-by-nobody"):
            done(case, Act.BEGIN_REVIEW, system("command"), Permission.REVIEW_APPEAL, words="")
        for each in (cast.amina, cast.bruno, cast.ines, cast.omid):
            with pytest.raises(NotPermitted):
                done(case, Act.BEGIN_REVIEW, each, Permission.REVIEW_APPEAL, words="")


def test_who_hears_appeals_may_not_decide_too(cast):
    from amparo.trust.actions import grant_role

    vera = officer("vera")
    for role in (Role.OFFICER, Role.SUPERVISOR):
        with pytest.raises(Refused, match="trust-roles-apart"):
            grant_role(vera.id, role, area_code="north", by=setting.BY, on=FIRST)


# ---- the way


def test_nothing_is_upheld_before_a_review_and_nothing_executed_before_it_is_upheld(cast, refused, vera):
    with at():
        case = appealed(decided(refused[0]).id, cast.amina)
        for act in (Act.UPHOLD, Act.DISMISS):
            with pytest.raises(Refused, match="cases-move-not-possible"):
                done(case, act, vera, Permission.REVIEW_APPEAL)
        with pytest.raises(Refused, match="cases-move-not-possible"):
            executed(case, vera)


def test_an_answer_says_why(cast, refused, vera):
    with at():
        case = appealed(decided(refused[0]).id, cast.amina)
        done(case, Act.BEGIN_REVIEW, vera, Permission.REVIEW_APPEAL, words="")
        with pytest.raises(Refused, match="cases-move-without-words"):
            done(case, Act.DISMISS, vera, Permission.REVIEW_APPEAL, words=" ")
        assert (
            done(case, Act.DISMISS, vera, Permission.REVIEW_APPEAL, words="The law says so.").state is State.DISMISSED
        )
        with pytest.raises(Refused, match="cases-move-not-possible"):
            done(case, Act.BEGIN_REVIEW, vera, Permission.REVIEW_APPEAL, words="")


def test_upheld_the_decision_is_made_again_as_of_its_day_and_what_changed_is_announced(cast, refused, vera):
    heard: list[AppealExecuted] = []
    events.react(AppealExecuted, heard.append)
    id, person = refused
    made = decided(id)
    with at(3):
        case = appealed(made.id, cast.amina, person=person)
    with at(20):
        reviewed(case, vera)
        earns(id, 5_000)
        found = executed(case, vera)
        now = decided(id)
    assert found.state is State.EXECUTED
    assert (now.outcome, now.amount_minor, now.state) == (True, 1 * 2_000, Standing.IN_EFFECT)
    [changed] = heard
    assert (changed.since, changed.until) == (FIRST, FIRST + timedelta(days=20))
    assert (changed.was_outcome, changed.was_amount, changed.outcome, changed.amount) == (False, None, True, 2_000)
    assert (changed.decision, changed.now, changed.unit_id) == (made.id, now.id, id)
    assert found.effect["since"] == FIRST.isoformat()
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'appeal-executed'") == [(1,)]


def test_what_nobody_corrected_is_not_executed(cast, refused, vera):
    with at(3):
        case = appealed(decided(refused[0]).id, cast.amina)
        reviewed(case, vera)
        with pytest.raises(Refused, match="cases-appeal-says-the-same"):
            executed(case, vera)
    assert rows("SELECT state, closed_at FROM cases_case") == [("upheld", None)]


def test_what_cannot_be_decided_is_not_executed_and_names_what_is_missing(cast, vera):
    setting.prepare()
    with at():
        id = country.household("n1", {"given_name": "Yara", "is_head": True})  # nobody knows what it earns
        run(FIRST)
        case = appealed(decided(id).id, cast.amina)
        reviewed(case, vera)
        with pytest.raises(Refused, match="cases-appeal-still-unknown") as refusal:
            executed(case, vera)
    assert refusal.value.message.values["missing"] == ["income"]


def test_the_rule_of_the_original_day_is_asked_not_todays(cast, vera):
    from tests.unit.programmes.country import POOR

    later = replace(POOR, starts_on=FIRST + timedelta(days=10), amount="household.size * param.grant * 3")
    first = replace(POOR, ends_on=FIRST + timedelta(days=9))
    setting.prepare(replace(APPEALED, versions=(first, later)))
    with at():
        id, _ = home(income=90_000)
        run(FIRST)
        made = decided(id)
        case = appealed(made.id, cast.amina)
    with at(20):
        reviewed(case, vera)
        earns(id, 5_000)
        effect = executed(case, vera).effect
        assert effect["amount"] == 2_000
        assert decided(id).amount_minor == 6_000


# ---- what it suspends


def losing(procedure: Procedure):
    """Return a household whose grant is proposed to end, and the decision that says so."""
    setting.prepare(replace(APPEALED, procedure=procedure))
    id, _ = home(income=5_000)
    run(FIRST)
    earns(id, 90_000)
    made = Decision.objects.using("bulk").get(unit_id=id, state=Standing.PROPOSED, superseded_at=None)
    with acting(country.cast().amina.narrowed(Permission.GIVE_NOTICE)) as by:
        give_notice(made.id, by=by, under=GROUND, on=FIRST)
    return id, made


def outcomes(id) -> list[bool | None]:
    standing = Decision.objects.using("bulk").filter(unit_id=id, superseded_at=None, state=Standing.IN_EFFECT)
    return [each.outcome for each in standing]


@pytest.mark.parametrize("suspends", [True, False])
def test_an_appeal_suspends_the_effect_where_the_programme_says_so(cast, vera, suspends):
    with at():
        id, made = losing(replace(APPEALED.procedure, appeal_suspends=suspends))
        case = appealed(made.id, cast.amina)
    with at(10):
        assert take_effect(on=FIRST + timedelta(days=10), by=OPERATOR) == (0 if suspends else 1)
        assert outcomes(id) == [suspends]
    with at(11):
        reviewed(case, vera, Act.DISMISS)
        assert take_effect(on=FIRST + timedelta(days=11), by=OPERATOR) == (1 if suspends else 0)
        assert outcomes(id) == [False]


def test_a_review_of_the_notice_does_not_lift_what_an_appeal_suspends(cast):
    with at():
        _, made = losing(APPEALED.procedure)
        appealed(made.id, cast.amina)
        notice = rows("SELECT id FROM programmes_notice")[0][0]
        with acting(cast.bruno.narrowed(Permission.REVIEW_DECISION)) as by:
            review(notice, confirms=True, reason="Seen.", by=by, under=GROUND, on=FIRST)
    with at(10):
        assert take_effect(on=FIRST + timedelta(days=10), by=OPERATOR) == 0


def test_what_was_upheld_and_is_not_executed_yet_takes_no_effect(cast, vera):
    with at():
        id, made = losing(APPEALED.procedure)
        reviewed(appealed(made.id, cast.amina), vera)
    with at(10):
        assert take_effect(on=FIRST + timedelta(days=10), by=OPERATOR) == 0
        assert outcomes(id) == [True]


def test_where_an_upheld_appeal_proves_a_proposal_wrong_the_benefit_goes_on(cast, vera):
    with at():
        id, made = losing(APPEALED.procedure)
        case = reviewed(appealed(made.id, cast.amina), vera)
        earns(id, 4_000)
        assert executed(case, vera).effect["outcome"] is True
    with at(10):
        assert take_effect(on=FIRST + timedelta(days=10), by=OPERATOR) == 0
        assert outcomes(id) == [True]


def test_the_officer_of_the_area_reads_the_case_and_the_appeals_officer_too(cast, refused, vera):
    with at():
        case = appealed(decided(refused[0]).id, cast.amina)
        for each in (cast.amina, vera):
            with acting(each.narrowed(Permission.READ_CASE)) as by:
                assert queries.case(case.id, by=by, under=GROUND).steps[0].said.words == "I earn much less."
        with acting(cast.chen.narrowed(Permission.READ_CASE)) as by, pytest.raises(NotFound):
            queries.case(case.id, by=by, under=GROUND)


def test_two_who_appeal_at_once_file_one(cast, refused):
    """The index holds what the program could not see yet."""
    with at():
        made = decided(refused[0])
        appealed(made.id, cast.amina)
        [row] = models.Case.objects.using("bulk").all()
        row.pk, row.code = None, "0" * 12
        with pytest.raises(Exception, match="appeal_once"), transaction.atomic(using="bulk"):
            row.save(using="bulk", force_insert=True)
