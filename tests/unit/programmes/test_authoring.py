"""Drafts: four eyes, checked whole, decided by from their day; and the profile's files beside what was published."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

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
from amparo.programmes.config import ParameterValue
from amparo.programmes.queries import authoring, explain
from amparo.programmes.rulebook import rulebook
from amparo.programmes.standing import installed as standing_now
from amparo.rules.model.rule import RuleRefused
from amparo.trust.actions import grant_role, open_account
from amparo.trust.context import acting
from amparo.trust.models import Audit
from amparo.trust.queries import account_named, actor_of
from amparo.trust.types import Actor, Permission, Role
from tests.lib import country
from tests.lib.country import GROUND, PASSWORD, household
from tests.unit.programmes.country import DAY, GRANT, LINE, OPERATOR, PENSION, POOR, POOR_HOME, installed, run, snapshot

pytestmark = pytest.mark.usefixtures("fresh_database")
MAY = date(2026, 5, 1)
LOWER = {"rule": "household.size >= 1 && household.income <= param.line", "amount": "household.size * param.grant"}


def somebody(name: str, *roles: Role) -> Actor:
    account = open_account(name, PASSWORD, display_name=name, by=OPERATOR)
    for role in roles:
        grant_role(account.id, role, area_code=None, by=OPERATOR, on=date(2020, 1, 1))
    return actor_of(account_named(name), on=clock.today())


@pytest.fixture
def author(fresh_database) -> Actor:
    installed(POOR_HOME, PENSION)
    return country.cast().farah


@pytest.fixture
def publisher(fresh_database) -> Actor:
    return country.cast().goran


def within(by: Actor, permission: Permission, act, *given, **more):
    """Act as pages do: inside the gates of one permission."""
    with acting(by.narrowed(permission)) as narrowed:
        return act(*given, by=narrowed, **more)


def written(author: Actor, content=LOWER, *, kind="rule", code="poor_home", starts_on=MAY, **more):
    return within(
        author,
        Permission.AUTHOR_RULE,
        write_draft,
        kind,
        code,
        starts_on=starts_on,
        law="law-2",
        content=content,
        **more,
    )


def nothing_wrong(standing, draft) -> None:
    """Stands for the country's worked cases, of which the small country has none."""


def proposed(author: Actor, *given, **more):
    made = written(author, *given, **more)
    return within(author, Permission.AUTHOR_RULE, propose_draft, made.id, prove=nothing_wrong)


def published(draft, publisher: Actor, *, prove=nothing_wrong, seen: str | None = None):
    return within(publisher, Permission.PUBLISH_RULE, publish_draft, draft.id, seen=seen or draft.digest, prove=prove)


def rule_on(day: date) -> str:
    return rulebook(day).programme("poor_home").rule.outcome.text


def test_what_is_published_decides_from_its_day_and_not_before(author, publisher):
    published(proposed(author), publisher)
    assert rule_on(MAY - timedelta(days=1)) == POOR.rule
    assert rule_on(MAY) == LOWER["rule"]
    held = models.RuleVersion.objects.filter(programme__code="poor_home", replaced_at=None).order_by("starts_on")
    assert [(each.starts_on, each.ends_on, each.draft_id is None) for each in held] == [
        (POOR.starts_on, MAY - timedelta(days=1), True),
        (MAY, None, False),
    ]


def test_past_decisions_recompute_as_before(author, publisher):
    home = household("n1", {"birth_date": date(1990, 1, 1)}, income=12_000)
    with acting(OPERATOR.narrowed(Permission.DETERMINE)) as by:
        determine_household(home, by=by, under=GROUND, on=DAY)
    made = [each.id for each in models.Decision.objects.using("bulk").all()]
    published(proposed(author, {"rule": "household.size >= 99", "amount": ""}, starts_on=POOR.starts_on), publisher)
    assert rule_on(DAY) == "household.size >= 99"
    for each in made:
        with acting(OPERATOR.narrowed(Permission.READ_DECISION)) as by:
            assert explain(each, by=by, under=GROUND).recomputes


def test_whoever_wrote_a_draft_cannot_publish_it_even_with_both_roles(author, publisher):
    both = somebody("jamal", Role.AUTHOR, Role.PUBLISHER)
    draft = proposed(both)
    with pytest.raises(Refused) as refused:
        published(draft, both)
    assert refused.value.message.id == "programmes-publisher-is-author"
    assert rule_on(MAY) == POOR.rule


def test_the_database_itself_lets_nobody_publish_their_own_nor_anything_without_a_draft(author, publisher):
    draft = proposed(author)
    with pytest.raises(DatabaseError), acting(author.narrowed(Permission.AUTHOR_RULE)):
        models.Draft.objects.filter(id=draft.id).update(published_by=author.id, published_at=clock.now())
    with pytest.raises(DatabaseError), acting(author.narrowed(Permission.AUTHOR_RULE)):
        models.Draft.objects.filter(id=draft.id).update(published_by=publisher.id, published_at=clock.now())
    with pytest.raises(DatabaseError), acting(publisher.narrowed(Permission.PUBLISH_RULE)):
        models.Draft.objects.filter(id=draft.id).update(content={"rule": "true", "amount": ""})
    row = models.RuleVersion.objects.filter(programme__code="poor_home").get()
    row.pk, row.rule, row.starts_on = None, "true", date(2026, 6, 1)
    for draft_id in (None, draft.id):
        row.draft_id = draft_id
        with pytest.raises(DatabaseError), acting(publisher.narrowed(Permission.PUBLISH_RULE)):
            row.save(force_insert=True)
    assert rule_on(date(2026, 6, 1)) == POOR.rule


@pytest.mark.parametrize(
    "rule", ["household.incom >= 1", "true", "household.size >= 0", "household.size >= 1 &&", "household.income"]
)
def test_a_broken_draft_can_be_written_and_neither_proposed_nor_published(author, publisher, rule):
    draft = written(author, {"rule": rule, "amount": ""})
    with pytest.raises(RuleRefused) as refused:
        within(author, Permission.AUTHOR_RULE, propose_draft, draft.id, prove=nothing_wrong)
    assert refused.value.line >= 1
    with acting(author.narrowed(Permission.AUTHOR_RULE)):  # as if it had been whole when it was proposed
        models.Draft.objects.filter(id=draft.id).update(proposed_at=clock.now())
    with pytest.raises(RuleRefused):
        published(draft, publisher)
    assert rule_on(MAY) == POOR.rule
    assert models.RuleVersion.objects.count() == 2
    assert models.Draft.objects.using("bulk").get().published_at is None


def test_a_draft_whose_worked_cases_do_not_come_out_is_not_published(author, publisher):
    def wrong(standing, draft):
        raise Refused("profiles-broken", folder="f", count=1, file="f", place="p")

    draft = proposed(author)
    with pytest.raises(Refused):
        published(draft, publisher, prove=wrong)
    assert rule_on(MAY) == POOR.rule


def test_a_draft_is_published_as_it_was_looked_at(author, publisher):
    draft = proposed(author)
    changed = written(author, LOWER | {"amount": ""}, draft=draft.id)
    with pytest.raises(Refused) as refused:
        published(changed, publisher)
    assert refused.value.message.id == "programmes-draft-not-proposed"
    within(author, Permission.AUTHOR_RULE, propose_draft, draft.id, prove=nothing_wrong)
    with pytest.raises(Refused) as refused:
        published(draft, publisher, seen=draft.digest)
    assert refused.value.message.id == "programmes-draft-changed"


def test_a_draft_that_would_change_nothing_is_refused(author, publisher):
    same = {"rule": POOR.rule.replace(" && ", "\n&&  "), "amount": POOR.amount}
    made = within(
        author,
        Permission.AUTHOR_RULE,
        write_draft,
        "rule",
        "poor_home",
        starts_on=POOR.starts_on,
        law=POOR.law,
        content=same,
    )
    within(author, Permission.AUTHOR_RULE, propose_draft, made.id, prove=nothing_wrong)
    with pytest.raises(Refused) as refused:
        published(made, publisher)
    assert refused.value.message.id == "programmes-draft-changes-nothing"


def test_nobody_writes_or_publishes_without_the_permission(author, publisher, cast):
    draft = proposed(author)
    for nobody in (cast.amina, cast.bruno, cast.emre, cast.ines, publisher):
        with pytest.raises(NotPermitted):
            write_draft("rule", "poor_home", starts_on=MAY, law="l", content=LOWER, by=nobody)
    for nobody in (cast.amina, cast.bruno, cast.emre, cast.ines, author):
        with pytest.raises(NotPermitted):
            publish_draft(draft.id, by=nobody, seen=draft.digest, prove=nothing_wrong)
    for nobody in (cast.amina, cast.bruno, cast.ines):
        with pytest.raises(NotPermitted):
            authoring.draft(draft.id, by=nobody)
    with pytest.raises(Refused):  # nor does an operator's command stand for a second person
        published(draft, OPERATOR)


def test_anothers_draft_is_not_written_proposed_or_discarded(author):
    other, draft = somebody("jamal", Role.AUTHOR), written(author)
    for act in (
        lambda: written(other, draft=draft.id),
        *(
            lambda act=act, more=more: within(other, Permission.AUTHOR_RULE, act, draft.id, **more)
            for act, more in ((propose_draft, {"prove": nothing_wrong}), (discard_draft, {}), (ask_measure, {}))
        ),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.message.id == "programmes-draft-of-another"


def test_a_draft_that_is_over_stays_as_it_is(author, publisher):
    draft, other = proposed(author), written(author)
    published(draft, publisher)
    within(author, Permission.AUTHOR_RULE, discard_draft, other.id)
    for each in (draft, other):
        with pytest.raises(Refused) as refused:
            written(author, draft=each.id)
        assert refused.value.message.id == "programmes-draft-over"


def test_a_draft_of_nothing_there_is_is_refused(author):
    for kind, code in (("rule", "nothing"), ("nothing", "poor_home"), ("parameter", "nothing")):
        with pytest.raises(NotFound):
            written(author, kind=kind, code=code)
    with pytest.raises(NotFound):
        within(author, Permission.AUTHOR_RULE, discard_draft, uuid4())


def test_every_act_leaves_a_line_in_the_audit_log(author, publisher):
    published(proposed(author), publisher)
    found = Audit.objects.using("bulk").filter(about_kind="draft").order_by("at")
    assert [(each.event, each.by_id) for each in found] == [
        ("draft-written", author.id),
        ("draft-proposed", author.id),
        ("draft-published", publisher.id),
    ]


def test_a_figure_is_published_from_a_day_with_its_law(author, publisher):
    published(proposed(author, {"value": 8_900}, kind="parameter", code="line"), publisher)
    on = rulebook(DAY).parameters.on
    assert (on(MAY - timedelta(days=1))["line"].value, on(MAY)["line"].value) == (10_000, 8_900)
    assert on(MAY)["line"].law == "law-2"


def test_installing_the_profile_again_leaves_what_was_published(author, publisher):
    published(proposed(author), publisher)
    published(proposed(author, {"value": 8_900}, kind="parameter", code="line"), publisher)
    before = standing_now()
    assert installed(POOR_HOME, PENSION) == 0
    assert standing_now() == before
    other = replace(POOR, rule="household.size >= 2", starts_on=MAY)
    both = (replace(POOR, ends_on=MAY - timedelta(days=1)), other)
    changed = replace(LINE, values=(*LINE.values, ParameterValue(MAY, 1, "law")))
    installed(replace(POOR_HOME, versions=both), PENSION, parameters=(changed, GRANT))
    assert rule_on(MAY) == LOWER["rule"]
    assert rulebook(MAY).parameters.on(MAY)["line"].value == 8_900


def test_the_files_still_correct_what_was_never_published(author, publisher):
    published(proposed(author), publisher)
    installed(replace(POOR_HOME, versions=(replace(POOR, rule="household.size >= 3"),)), PENSION)
    assert rule_on(DAY) == "household.size >= 3"
    assert rule_on(MAY) == LOWER["rule"]


def test_a_second_publication_for_the_same_day_takes_the_firsts_place(author, publisher):
    published(proposed(author), publisher)
    again = LOWER | {"amount": ""}
    published(proposed(author, again), publisher)
    assert rulebook(MAY).programme("poor_home").rule.amount is None
    assert installed(POOR_HOME, PENSION) == 0


def test_what_a_draft_would_change_is_counted_on_the_latest_snapshot(author):
    stricter = "household.size >= 1 && household.income <= param.line - param.grant && household.size <= 2"
    for income, members in ((5_000, 1), (9_500, 1), (None, 1), (5_000, 3)):
        values = {} if income is None else {"income": income}
        household("n1", *({"birth_date": date(1990, 1, 1)} for _ in range(members)), **values)
    snapshot()
    draft = written(author, {"rule": stricter, "amount": "param.grant"})
    within(author, Permission.AUTHOR_RULE, ask_measure, draft.id)
    measure_draft(draft.id, by=author, under=GROUND)
    found = within(author, Permission.READ_DRAFT, authoring.draft, draft.id).measured
    # Income per head at most 100.00 holds of the first, second and last; of the drafted rule of the first alone.
    (programme,) = found["programmes"]
    assert programme == {
        "code": "poor_home",
        "before": {"true": 3, "false": 0, "unknown": 1, "sum_minor": (1 + 1 + 3) * 2_000},
        "after": {"true": 1, "false": 2, "unknown": 1, "sum_minor": 2_000},
        "gains": 0,
        "loses": 2,
    }
    assert found["clauses"] == [
        {"text": "household.size >= 1", "false": 0, "unknown": 0, "alone": 0},
        {"text": "household.income <= param.line - param.grant", "false": 1, "unknown": 1, "alone": 1},
        {"text": "household.size <= 2", "false": 1, "unknown": 0, "alone": 1},
    ]


def test_a_draft_that_cannot_be_counted_says_why(author):
    draft = written(author)
    measure_draft(draft.id, by=author, under=GROUND)
    assert models.Draft.objects.using("bulk").get().measured["problem"]["id"] == "programmes-draft-without-snapshot"
    snapshot()
    other = written(author, {"rule": "household.rooms >= 1", "amount": ""})
    measure_draft(other.id, by=author, under=GROUND)
    assert (
        models.Draft.objects.using("bulk")
        .get(id=other.id)
        .measured["problem"]["id"]
        .startswith(("rules-", "snapshot-"))
    )


def test_a_count_of_words_changed_meanwhile_is_not_kept(author):
    snapshot()
    draft = written(author)
    within(author, Permission.AUTHOR_RULE, ask_measure, draft.id)
    stale = models.Draft.objects.using("bulk").get()
    written(author, LOWER | {"amount": ""}, draft=draft.id)
    assert models.Draft.objects.using("bulk").filter(id=draft.id, written_at=stale.written_at).count() == 0


def test_a_figures_draft_counts_every_programme_that_goes_by_it(author):
    household("n1", {"birth_date": date(1950, 1, 1)}, income=9_000)
    snapshot()
    draft = written(author, {"value": 8_900}, kind="parameter", code="line", starts_on=date(2030, 1, 1))
    measure_draft(draft.id, by=author, under=GROUND)
    found = models.Draft.objects.using("bulk").get().measured["programmes"]
    assert [(each["code"], each["loses"]) for each in found] == [("poor_home", 1)]


def test_a_run_decides_by_what_was_published(author, publisher):
    published(
        proposed(author, {"rule": "household.size >= 2 && household.income <= param.line", "amount": ""}), publisher
    )
    home = household("n1", {"birth_date": date(1990, 1, 1)}, income=5_000)
    run(MAY)
    made = models.Decision.objects.using("bulk").filter(household_id=home, programme__code="poor_home")
    assert [each.outcome for each in made] == [False]
