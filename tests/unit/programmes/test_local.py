"""Local programmes: an area writes and publishes the rules and figures that are its own, and touches nothing else (ELI-7).

Each gate by itself: the action, the database, what a rule may refer to, whom a count is about.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.db import DatabaseError

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes import models
from amparo.programmes.actions import (
    ask_measure,
    determine_household,
    discard_draft,
    measure_draft,
    propose_draft,
    publish_draft,
    write_draft,
)
from amparo.programmes.config import ParameterConfig, ParameterValue, ProgrammeConfig, RuleVersion, Unit
from amparo.programmes.enrolment import EnrolmentTerms
from amparo.programmes.queries import authoring, explain_as_of_today, programmes_told
from amparo.programmes.rulebook import rulebook
from amparo.programmes.types import Engine
from amparo.registry.actions import move
from amparo.registry.dictionary import FOR_DECISIONS, FieldClass, Type
from amparo.trust.actions import grant_role, open_account
from amparo.trust.actions.accounts import end_role
from amparo.trust.context import acting
from amparo.trust.models import Account, RoleAssignment
from amparo.trust.queries import account_named, actor_of
from amparo.trust.queries import area as area_named
from amparo.trust.types import Actor, Permission, Role
from tests.lib import country
from tests.lib.country import GROUND, PASSWORD, household
from tests.unit.programmes.country import DAY, GRANT, LINE, OPERATOR, POOR, POOR_HOME, installed, run, snapshot

pytestmark = pytest.mark.usefixtures("fresh_database")
MAY, LATER = date(2026, 5, 1), date(2026, 4, 2)
BREAD = ParameterConfig(
    "bread", Type.MONEY, "money/month", "law-bread", (ParameterValue(date(2026, 1, 1), 3_000, "law-bread"),), "north"
)
BREAD_HELP = ProgrammeConfig(
    "bread_help",
    Unit.HOUSEHOLD,
    (RuleVersion(date(2026, 1, 1), rule="household.size >= 1", amount="param.bread", law="law-bread"),),
    enrolment=EnrolmentTerms(area="north"),
)
SOUTH_HELP = replace(
    BREAD_HELP,
    code="south_help",
    versions=(replace(BREAD_HELP.versions[0], amount="param.line"),),
    enrolment=EnrolmentTerms(area="south"),
)
LOWER = {"rule": "household.size >= 2", "amount": "param.bread"}
WIDER = {"rule": "household.size >= 1", "amount": ""}


def somebody(name: str, *held: tuple[Role, str]) -> Actor:
    account = open_account(name, PASSWORD, display_name=name, by=OPERATOR)
    for role, area in held:
        grant_role(account.id, role, area_code=area, by=OPERATOR, on=date(2020, 1, 1))
    return actor_of(account_named(name), on=clock.today())


@pytest.fixture
def author(fresh_database) -> Actor:
    installed(POOR_HOME, BREAD_HELP, SOUTH_HELP, parameters=(LINE, GRANT, BREAD))
    return somebody("ursa", (Role.MUNICIPAL_AUTHOR, "north"))


@pytest.fixture
def publisher(fresh_database) -> Actor:
    return somebody("wim", (Role.MUNICIPAL_PUBLISHER, "north"))


def within(by: Actor, permission: Permission, act, *given, **more):
    """Act as pages do: inside the gates of one permission."""
    with acting(by.narrowed(permission)) as narrowed:
        return act(*given, by=narrowed, **more)


def written(author: Actor, kind="rule", code="bread_help", content=LOWER, **more):
    said = {"starts_on": MAY, "law": "law-2", "content": content} | more
    return within(author, Permission.AUTHOR_RULE, write_draft, kind, code, **said)


def nothing_wrong(standing, draft) -> None:
    """Stands for the country's worked cases, of which the small country has none."""


def proposed(author: Actor, *given, **more):
    made = written(author, *given, **more)
    return within(author, Permission.AUTHOR_RULE, propose_draft, made.id, prove=nothing_wrong)


def published(draft, publisher: Actor):
    return within(publisher, Permission.PUBLISH_RULE, publish_draft, draft.id, seen=draft.digest, prove=nothing_wrong)


def test_an_area_writes_and_publishes_the_rule_of_its_own_programme(author, publisher):
    published(proposed(author), publisher)
    book = rulebook(MAY)
    assert book.programme("bread_help").rule.outcome.text == LOWER["rule"]
    assert book.programme("poor_home").rule.outcome.text == POOR.rule
    changed = models.RuleVersion.objects.filter(installed_at__gte=clock.now().replace(hour=0), draft__isnull=False)
    assert [each.programme.code for each in changed] == ["bread_help"]


def test_an_area_sets_a_figure_of_its_own(author, publisher):
    published(proposed(author, "parameter", "bread", {"value": 4_000}), publisher)
    assert models.ParameterValue.objects.get(parameter_id="bread", starts_on=MAY).value == 4_000


def test_the_area_around_and_the_nation_decide_it_too(author, publisher):
    region = somebody("region", (Role.MUNICIPAL_AUTHOR, "land"))
    published(proposed(region), country.cast().goran)
    published(proposed(country.cast().farah, starts_on=date(2026, 6, 1)), publisher)
    assert models.RuleVersion.objects.filter(programme__code="bread_help", replaced_at=None).count() == 3


@pytest.mark.parametrize(
    ("kind", "code", "content"),
    [
        ("rule", "poor_home", WIDER),  # the nation's
        ("rule", "south_help", WIDER),  # another area's
        ("parameter", "line", {"value": 1}),
    ],
)
def test_nothing_else_is_written_by_an_areas_author(author, kind, code, content):
    with pytest.raises(NotPermitted) as refused:
        written(author, kind, code, content)
    assert refused.value.message.id == "programmes-not-of-your-area"
    own = written(author)
    with pytest.raises(NotPermitted):  # nor by turning a draft of one's own into one of something else
        written(author, kind, code, content, draft=own.id)
    assert [each.code for each in models.Draft.objects.using("bulk").all()] == ["bread_help"]


def test_an_office_within_the_area_or_beside_it_decides_nothing_of_it(author):
    for name, area in (("within", "n1"), ("beside", "south")):
        with pytest.raises(NotPermitted):
            written(somebody(name, (Role.MUNICIPAL_AUTHOR, area)))


def test_a_programme_of_an_area_that_is_none_is_the_nations_alone(author):
    models.Programme.objects.using("owner").filter(code="bread_help").update(
        enrolment=EnrolmentTerms(area="nowhere").kept()
    )
    with pytest.raises(NotPermitted):
        written(author)
    assert written(country.cast().farah).code == "bread_help"


def test_a_role_that_has_ended_writes_nothing_more_and_its_jobs_end(author):
    draft = written(author)
    within(author, Permission.AUTHOR_RULE, ask_measure, draft.id)
    held = RoleAssignment.objects.get(account_id=author.id)
    end_role(held.id, by=OPERATOR, on=clock.today())
    ended = actor_of(Account.objects.get(id=author.id), on=clock.today())
    with pytest.raises(NotPermitted):
        written(ended)
    with pytest.raises(NotPermitted):
        measure_draft(draft.id, by=ended, under=GROUND)


def test_whoever_wrote_it_never_publishes_it_with_whatever_office(author):
    both = somebody("both", (Role.MUNICIPAL_AUTHOR, "north"), (Role.MUNICIPAL_PUBLISHER, "north"))
    with pytest.raises(Refused, match="programmes-publisher-is-author"):
        published(proposed(both), both)


def test_nor_does_the_same_human_being_with_another_account(author, publisher):
    Account.objects.using("owner").filter(id=publisher.id).update(human=author.id)
    with pytest.raises(Refused, match="programmes-publisher-is-author"):
        published(proposed(author), publisher)


def test_drafts_of_elsewhere_are_as_though_there_were_none(author, publisher):
    made = [proposed(country.cast().farah, code=code, content=WIDER) for code in ("poor_home", "south_help")]
    own = written(author)
    with acting(author.narrowed(Permission.READ_DRAFT)) as by:
        assert [each.id for each in authoring.drafts(by=by)] == [own.id]
        for each in made:
            for read in (authoring.draft, authoring.asked_book):
                with pytest.raises(NotFound):
                    read(each.id, by=by)
    for each in made:
        for act, permission, more in (
            (propose_draft, Permission.AUTHOR_RULE, {"prove": nothing_wrong}),
            (ask_measure, Permission.AUTHOR_RULE, {}),
            (discard_draft, Permission.AUTHOR_RULE, {}),
        ):
            with pytest.raises(NotFound):
                within(author, permission, act, each.id, **more)
        with pytest.raises(NotFound):
            published(each, publisher)
    assert rulebook(MAY).programme("poor_home").rule.outcome.text == POOR.rule


def test_an_author_of_one_area_who_publishes_in_another_does_not_publish_the_first_ones(author):
    both = somebody("both", (Role.MUNICIPAL_AUTHOR, "north"), (Role.MUNICIPAL_PUBLISHER, "south"))
    draft = proposed(author)
    with acting(both.narrowed(Permission.READ_DRAFT)) as by:
        assert authoring.draft(draft.id, by=by).id == draft.id
        assert not authoring.may_act(Permission.PUBLISH_RULE, "rule", "bread_help", by=both)
    with pytest.raises(NotFound):
        published(draft, both)


@pytest.fixture
def every_area(monkeypatch):
    """Break the gate of the actions, to ask the database alone."""
    for module in ("actions.authoring", "queries.authoring"):
        monkeypatch.setattr(f"amparo.programmes.{module}.is_within_reach", lambda *given: True)
    monkeypatch.setattr("amparo.programmes.actions.authoring.expect_within_reach", lambda *given: None)


def test_the_database_holds_drafts_to_their_area_where_the_gate_is_broken(author, publisher, every_area):
    for code in ("poor_home", "south_help"):
        with pytest.raises(DatabaseError):
            written(author, code=code, content=WIDER)
        other = proposed(country.cast().farah, code=code, content=WIDER)
        with pytest.raises(NotFound):
            published(other, publisher)
    with acting(author.narrowed(Permission.AUTHOR_RULE)):
        assert not models.Draft.objects.exists()
        assert not models.Draft.objects.update(law="mine")


def test_the_database_holds_versions_to_their_area_too(author, publisher):
    draft = published(proposed(author), publisher)
    rule = models.RuleVersion.objects.get(programme__code="poor_home")
    value = models.ParameterValue.objects.get(parameter_id="line")
    for row, changed in ((rule, {"rule": "true"}), (value, {"value": 1})):
        with pytest.raises(DatabaseError), acting(publisher.narrowed(Permission.PUBLISH_RULE)):
            type(row).objects.filter(id=row.id).update(replaced_at=clock.now())
        for name, each in ({"pk": None, "starts_on": MAY, "draft_id": draft.id} | changed).items():
            setattr(row, name, each)
        with pytest.raises(DatabaseError), acting(publisher.narrowed(Permission.PUBLISH_RULE)):
            row.save(force_insert=True)
    with pytest.raises(DatabaseError), acting(publisher.narrowed(Permission.PUBLISH_RULE)):
        models.ContentVersion.objects.update(replaced_at=clock.now())


def test_officers_of_the_area_neither_read_nor_write_drafts(author):
    written(author)
    with pytest.raises(NotPermitted):
        country.cast().amina.narrowed(Permission.READ_DRAFT)
    with pytest.raises(NotPermitted):
        country.cast().amina.narrowed(Permission.AUTHOR_RULE)


def test_the_nation_refers_to_no_figure_or_programme_of_an_area(author):
    for content in (
        {"rule": POOR.rule, "amount": "param.bread"},
        {"rule": "household.size >= 1 && programme.bread_help.granted", "amount": ""},
    ):
        draft = written(country.cast().farah, code="poor_home", content=content)
        with pytest.raises(Refused, match="programmes-borrowed-from-area"):
            within(country.cast().farah, Permission.AUTHOR_RULE, propose_draft, draft.id, prove=nothing_wrong)


def test_an_area_refers_to_what_is_the_nations_and_to_no_other_areas(author):
    assert proposed(author, content={"rule": "household.size >= 1", "amount": "param.line"}).proposed_at
    other = somebody("south", (Role.MUNICIPAL_AUTHOR, "south"))
    draft = written(other, code="south_help")
    with pytest.raises(Refused, match="programmes-borrowed-from-area"):
        within(other, Permission.AUTHOR_RULE, propose_draft, draft.id, prove=nothing_wrong)


def test_a_profile_whose_nation_borrows_from_an_area_is_not_installed(fresh_database):
    borrowing = replace(POOR_HOME, versions=(replace(POOR, amount="param.bread"),))
    with pytest.raises(Refused, match="programmes-borrowed-from-area"):
        installed(borrowing, BREAD_HELP, parameters=(LINE, GRANT, BREAD))
    assert not models.Programme.objects.exists()


def test_a_draft_of_an_area_counts_who_lives_there_and_nobody_else(author):
    for area in ("n1", "n2", "s1", "land"):
        household(area, {"birth_date": date(1990, 1, 1)}, {"birth_date": date(1991, 1, 1)}, income=1_000)
    snapshot()
    draft = written(author, content={"rule": "household.size >= 3", "amount": "param.bread"})
    within(author, Permission.AUTHOR_RULE, ask_measure, draft.id)
    measure_draft(draft.id, by=author, under=GROUND)
    found = models.Draft.objects.using("bulk").get(id=draft.id).measured["programmes"]
    (counted,) = [each for each in found if each["code"] == "bread_help"]
    assert counted["before"]["true"] == counted["after"]["false"] == 2


# ---- whom it decides about: who lives there, by every engine and by both ways of deciding


def decided_about(code: str) -> set[UUID]:
    rows = models.Decision.objects.using("bulk").filter(programme__code=code, superseded_at=None)
    return set(rows.values_list("unit_id", flat=True))


def alone(home: UUID) -> None:
    with acting(OPERATOR):
        determine_household(home, by=OPERATOR, under=GROUND, on=DAY)


@pytest.fixture
def homes(author) -> dict[str, UUID]:
    return {area: household(area, {"birth_date": date(1980, 1, 1)}) for area in ("n1", "s1")}


@pytest.mark.parametrize("engine", [Engine.COLUMNAR, Engine.REFERENCE])
def test_a_run_decides_about_who_lives_in_its_area_and_says_nothing_of_others(homes, engine):
    made = run(engine=engine, is_full=True)
    assert decided_about("bread_help") == {homes["n1"]}
    assert decided_about("south_help") == {homes["s1"]}
    assert decided_about("poor_home") == set(homes.values())
    assert (made.counts["bread_help"].decisions, made.counts["poor_home"].decisions) == (1, 2)


def test_so_does_a_single_household(homes):
    for home in homes.values():
        alone(home)
    assert decided_about("bread_help") == {homes["n1"]}
    assert decided_about("south_help") == {homes["s1"]}


@pytest.mark.parametrize("decide", ["run", "alone"])
def test_who_moves_away_is_put_up_for_review_and_keeps_what_stands_until_then(homes, decide):
    """A right is not lost by a move: a person looks (IBR-9)."""
    run()
    with acting(country.cast().ines.narrowed(Permission.REGISTER)) as by:
        move(homes["n1"], to_area="s1", by=by, on=clock.today(), under=GROUND)
    run(LATER) if decide == "run" else alone(homes["n1"])
    rows = models.Decision.objects.using("bulk").filter(programme__code="bread_help", superseded_at=None)
    assert sorted(rows.values_list("state", "outcome")) == [("in-effect", True), ("review", None)]
    assert homes["n1"] in decided_about("south_help")


def test_who_moves_in_is_decided_about_by_the_next_run_though_nothing_else_changed(homes):
    run()
    with acting(country.cast().ines.narrowed(Permission.REGISTER)) as by:
        move(homes["s1"], to_area="n2", by=by, on=clock.today(), under=GROUND)
    run(LATER)
    assert decided_about("bread_help") == set(homes.values())


def test_nothing_is_explained_of_a_programme_that_is_for_another_area(homes):
    with acting(country.cast().bruno.narrowed(Permission.READ_DECISION)) as by:
        assert explain_as_of_today("bread_help", homes["n1"], by=by, under=GROUND, on=MAY)
        with pytest.raises(NotFound, match="programmes-for-another-area"):
            explain_as_of_today("bread_help", homes["s1"], by=by, under=GROUND, on=MAY)


@pytest.mark.parametrize("classes", [FOR_DECISIONS, frozenset({FieldClass.SITUATION})])
def test_what_a_household_s_page_asks_about_is_what_is_for_it(homes, classes):
    bruno = country.cast().bruno.narrowed(Permission.READ_DECISION)
    for area, own, other in (("n1", "bread_help", "south_help"), ("s1", "south_help", "bread_help")):
        told = dict(programmes_told(MAY, classes, by=bruno, area_number=area_named(area).number))
        assert own in told
        assert other not in told


def test_of_an_area_that_is_none_it_is_for_nobody(homes):
    models.Programme.objects.using("owner").filter(code="bread_help").update(
        enrolment=EnrolmentTerms(area="nowhere").kept()
    )
    run()
    assert decided_about("bread_help") == set()
