"""Applying in a transition: what is missing is asked, and on the day somebody is enrolled, or it is said why not (IBR-5)."""

import os
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from amparo.cases import actions, models, queries
from amparo.cases.config import CategoryConfig, TransitionConfig, Trigger
from amparo.cases.types import Act, Applied, Kind, State
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes.enrolment import EnrolledBy, EnrolmentTerms
from amparo.trust.actions.accounts import end_role
from amparo.trust.context import acting
from amparo.trust.types import Actor, Permission, system
from tests.lib import country
from tests.lib.country import GROUND
from tests.lib.days import today
from tests.unit.cases import setting
from tests.unit.cases.setting import BY, CATEGORIES, rows
from tests.unit.cases.test_transitions import says
from tests.unit.programmes.country import MATERNITY, PENSION, POOR_HOME

pytestmark = pytest.mark.usefixtures("fresh_database")
WORKER = system("cases")
COHORT = int(os.environ.get("AMPARO_COHORT", "6"))
BY_AREAS = EnrolmentTerms(enrolled_by=EnrolledBy.AREAS)
OLD = TransitionConfig("turns_65", Trigger.AGE, "life", "office", years=65, next=("pension", "elsewhere"))
PREGNANT = TransitionConfig(
    "expects", Trigger.FACT, "life", "office", field="pregnant", value="true", next=("maternity", "poor_home")
)


def prepare(*, terms: EnrolmentTerms = BY_AREAS) -> None:
    setting.prepare(*(replace(each, enrolment=terms) for each in (POOR_HOME, PENSION, MATERNITY)))
    actions.install_categories((*CATEGORIES, CategoryConfig("life", Kind.TRANSITION, 30)), by=BY)
    actions.install_transitions((OLD, PREGNANT), by=BY)


def birthday(years: int, in_days: int) -> date:
    event = today() + timedelta(days=in_days)
    return date(event.year - years, event.month, event.day)


def turns_65(in_days: int, area: str = "n1") -> tuple[models.Case, UUID, UUID]:
    """Register somebody who turns 65 in some days; return the case, the home and the person."""
    home = country.household(area, {"birth_date": birthday(65, in_days)}, income=50_000)
    actions.open_ahead(on=today(), by=WORKER)
    case = models.Case.objects.using("bulk").get(household_id=home)
    return case, home, case.person_id


def expects(cast, **values) -> tuple[models.Case, UUID, UUID]:
    home = country.household("n1", {"birth_date": date(1990, 1, 1), **values})
    person = rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)[0][0]
    says(home, person, cast, pregnant=True)
    actions.open_changed(on=today(), by=WORKER, homes=[home])
    return models.Case.objects.using("bulk").get(household_id=home), home, person


def apply(case: models.Case, programme: str, by: Actor, answers=None) -> Applied:
    with acting(by.narrowed(Permission.WORK_CASE)):
        return actions.apply(case.id, programme, answers or {}, by=by, under=GROUND)


def state_of(case: models.Case) -> State:
    return State(models.Case.objects.using("bulk").get(id=case.id).state)


def enrolments() -> list[tuple]:
    return rows("SELECT p.code, e.unit_id, e.state, e.starts_on FROM programmes_enrolment e"
                " JOIN programmes_programme p ON p.id = e.programme_id ORDER BY e.starts_on, e.id")  # fmt: skip


def test_what_a_rule_says_of_the_day_is_shown_and_never_a_silent_no(cast):
    prepare()
    case, _, _ = turns_65(80)
    with acting(cast.amina.narrowed(Permission.READ_CASE)):
        read = queries.case(case.id, by=cast.amina, under=GROUND)
        pension, elsewhere = queries.next_schemes(read, by=cast.amina, under=GROUND)
    assert (pension.on, pension.explanation.outcome, pension.may_apply) == (case.event_on, True, True)
    assert (elsewhere.explanation, elsewhere.why.id) == (None, "cases-application-elsewhere")


def test_an_application_ahead_of_the_day_waits_for_it_and_is_carried_out_on_it_once(cast, monkeypatch):
    prepare()
    case, _, person = turns_65(80)
    assert apply(case, "pension", cast.amina).outcome is True
    assert (state_of(case), enrolments()) == (State.APPLIED, [])
    assert actions.carry_out_due(on=case.event_on - timedelta(days=1), by=WORKER) == (0, 0)
    on_the_day(monkeypatch, case.event_on)
    assert [actions.carry_out_due(on=case.event_on, by=WORKER) for _ in range(2)] == [(1, 0), (0, 0)]
    assert (state_of(case), enrolments()) == (State.RESOLVED, [("pension", person, "enrolled", case.event_on)])
    assert rows("SELECT enrolment_id IS NOT NULL FROM cases_case WHERE id = %s", case.id) == [(True,)]
    assert rows("SELECT act FROM cases_step WHERE case_id = %s ORDER BY id", case.id) == [("apply",), ("resolve",)]
    assert rows("SELECT by_id FROM programmes_enrolmentstep") == [(cast.amina.id,)]  # in the name of who applied


def on_the_day(monkeypatch, day: date) -> None:
    monkeypatch.setattr(clock, "today", lambda: day)


def test_on_its_day_it_is_carried_out_at_once(cast):
    prepare()
    case, _, person = turns_65(0)
    assert apply(case, "pension", cast.amina).enrolment is not None
    assert (state_of(case), enrolments()) == (State.RESOLVED, [("pension", person, "enrolled", today())])


def test_what_is_missing_is_recorded_as_the_officers_observation_and_then_decided(cast):
    prepare()
    case, _, person = expects(cast)
    unknown = apply(case, "maternity", cast.amina)
    assert (unknown.outcome, unknown.missing, state_of(case)) == (None, ("sex",), State.OPEN)
    found = apply(case, "maternity", cast.amina, {("person", person): {"sex": "female"}})
    assert (found.outcome, state_of(case)) == (True, State.RESOLVED)
    assert enrolments() == [("maternity", person, "enrolled", today())]
    assert rows("SELECT sex FROM registry_fact_person WHERE person_id = %s", person) == [("female",)]


def test_of_a_home_the_homes_answers_count(cast):
    prepare()
    case, home, _ = expects(cast)
    assert apply(case, "poor_home", cast.amina, {("household", home): {"income": 5_000}}).outcome is True
    assert enrolments() == [("poor_home", home, "enrolled", today())]


def test_what_the_rule_does_not_grant_enrols_nobody_and_what_was_answered_stays(cast):
    prepare()
    case, _, person = expects(cast)
    found = apply(case, "maternity", cast.amina, {("person", person): {"sex": "male"}})
    assert (found.outcome, state_of(case), enrolments()) == (False, State.OPEN, [])
    assert rows("SELECT sex FROM registry_fact_person WHERE person_id = %s", person) == [("male",)]


def test_answers_about_anybody_else_are_refused(cast):
    prepare()
    case, _, _ = expects(cast)
    other = country.household("n1", {"birth_date": date(1990, 1, 1)})
    stranger = rows("SELECT person_id FROM registry_membership WHERE household_id = %s", other)[0][0]
    with pytest.raises(Refused, match="cases-application-nobody"):
        apply(case, "maternity", cast.amina, {("household", other): {"income": 1}})
    with pytest.raises(NotFound, match="registry-person-unknown"):
        apply(case, "maternity", cast.amina, {("person", stranger): {"sex": "female"}})


def test_where_no_place_is_free_somebody_is_put_on_the_waiting_list(cast):
    prepare(terms=replace(BY_AREAS, places=0))
    case, _, person = turns_65(0)
    apply(case, "pension", cast.amina)
    assert (state_of(case), enrolments()) == (State.RESOLVED, [("pension", person, "waiting", today())])


def test_what_comes_to_nothing_on_its_day_goes_back_and_says_so(cast, monkeypatch):
    prepare()
    case, home, person = turns_65(80)
    apply(case, "pension", cast.amina)
    says(home, person, cast, birth_date=date(1999, 1, 1))  # it turns out
    on_the_day(monkeypatch, case.event_on)
    assert actions.carry_out_due(on=case.event_on, by=WORKER) == (0, 1)
    assert (state_of(case), enrolments()) == (State.WORKING, [])
    assert rows("SELECT details ->> 'because' FROM trust_audit WHERE details ->> 'act' = 'return'") == [
        ("programmes-not-eligible",)
    ]


def test_whoever_may_not_enrol_any_more_enrols_nobody_by_an_application_of_before(cast, monkeypatch):
    prepare()
    case, _, _ = turns_65(80)
    apply(case, "pension", cast.amina)
    ((assignment,),) = rows("SELECT id FROM trust_roleassignment WHERE account_id = %s", cast.amina.id)
    end_role(assignment, by=BY, on=today())
    on_the_day(monkeypatch, case.event_on)
    assert actions.carry_out_due(on=case.event_on, by=WORKER) == (0, 1)
    assert (state_of(case), enrolments()) == (State.WORKING, [])


def test_who_does_not_decide_about_enrolment_or_works_elsewhere_does_not_apply(cast):
    prepare(terms=EnrolmentTerms())  # the programme's own people decide
    case, _, _ = turns_65(0)
    with pytest.raises(NotPermitted, match="cases-application-not-yours"):
        apply(case, "pension", cast.amina)
    with pytest.raises(NotFound):
        apply(case, "pension", cast.chen)
    for other in (cast.bruno, cast.emre, cast.paz):
        with pytest.raises(NotPermitted):
            apply(case, "pension", other)
    assert enrolments() == []


def test_only_what_follows_from_the_transition_is_applied_for(cast):
    prepare()
    case, _, _ = turns_65(0)
    for programme, id in (("maternity", "cases-application-not-next"), ("elsewhere", "cases-application-elsewhere")):
        with pytest.raises(Refused, match=id):
            apply(case, programme, cast.amina)


def test_an_application_is_taken_back_and_made_again(cast):
    prepare()
    case, _, _ = turns_65(80)
    apply(case, "pension", cast.amina)
    with acting(cast.amina.narrowed(Permission.WORK_CASE)) as by:
        actions.act_on(case.id, Act.RETURN, permission=by.permission, words="They think again.", by=by, under=GROUND)
    assert state_of(case) is State.WORKING
    assert apply(case, "pension", cast.amina).outcome is True
    with pytest.raises(Refused, match="cases-move-not-possible"):
        apply(case, "pension", cast.amina)


def test_of_a_planted_cohort_every_case_opens_in_time_filled_in_from_the_record_and_every_application_submits(
    cast, monkeypatch
):
    """A hundred of a hundred (AMPARO_COHORT draws more): nothing is asked that is known, and on the day everybody takes part."""
    prepare()
    days = [number % 91 for number in range(COHORT)]
    people = {turns_on(each): each for each in days}
    assert actions.open_ahead(on=today(), by=WORKER) == COHORT
    cases = list(models.Case.objects.using("bulk").filter(transition="turns_65").order_by("event_on"))
    assert {each.person_id: (each.event_on - today()).days for each in cases} == people
    for case in cases:
        with acting(cast.amina.narrowed(Permission.READ_CASE)):
            read = queries.case(case.id, by=cast.amina, under=GROUND)
            pension, _ = queries.next_schemes(read, by=cast.amina, under=GROUND)
        assert (pension.on, pension.explanation.outcome, pension.may_apply) == (case.event_on, True, True)
        assert apply(case, "pension", cast.amina).outcome is True
    for each in sorted(set(days) - {0}):
        on_the_day(monkeypatch, today() + timedelta(days=each))
        assert actions.carry_out_due(on=today() + timedelta(days=each), by=WORKER) == (days.count(each), 0)
    assert {(person, starts) for _, person, _, starts in enrolments()} == {
        (person, today() + timedelta(days=day)) for person, day in people.items()
    }
    assert {state_of(each) for each in cases} == {State.RESOLVED}


def turns_on(in_days: int) -> UUID:
    home = country.household("n1", {"birth_date": birthday(65, in_days)}, income=50_000)
    return rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)[0][0]
