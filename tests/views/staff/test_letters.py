"""The citizen's explanation: a page and a PDF of every kind of decision, with all facts and the whole reckoning (ELI-5)."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.profiles.languages import written
from amparo.programmes import models
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Unit
from amparo.programmes.freshness import Freshness
from amparo.programmes.procedure import Procedure
from amparo.programmes.types import State
from amparo.registry.actions import install_attributes, install_dictionary, observe
from amparo.rules.contents import ModelVersion, Question, ScoringModel, Variant
from amparo.trust.context import acting
from amparo.trust.models import Audit
from amparo.trust.types import Event, Permission
from tests.lib import country, pages
from tests.unit.programmes import country as programmes
from tests.unit.programmes.country import MATERNITY, PENSION, POOR_HOME
from tests.unit.programmes.test_lists import item
from tests.unit.programmes.test_recomputing import as_the_eraser
from tests.unit.programmes.test_stated import FUEL, STATED, WORDS
from tests.views.staff.test_ranked_decisions import FAMILIES, FEW

JANUARY = date(2026, 1, 1)


def household_programme(code: str, rule: str, amount: str | None = None, **stated) -> ProgrammeConfig:
    return ProgrammeConfig(code, Unit.HOUSEHOLD, (RuleVersion(JANUARY, rule, f"law-{code}", amount, **stated),))


NOTICED = replace(POOR_HOME, procedure=Procedure(law="law-notice", notice_days=10, appeal_days=90))
WARM = household_programme("warm", "household.size >= 1", "lookup(fuel, area.zone, household.size)")
LANDED = household_programme("landed", "household.items(plot).map(p, p.hectares).sum() <= 2.5 || household.rooms < 1")
STALE = household_programme(
    "patient",
    "household.size >= 1 && household.income <= param.line",
    freshness=(Freshness("household", "income", 10, is_usable=True),),
)
STRICT = household_programme(
    "strict", "household.size >= 1 && household.income <= param.line", freshness=(Freshness("household", "income", 10),)
)
SCORED = household_programme("scored", "household.size >= 1 && score(hardship) >= 10.0")
HARDSHIP = ScoringModel(
    "hardship",
    (
        ModelVersion(
            JANUARY,
            "law-hardship",
            (
                Question("floor", "household.floor"),
                Question("rooms", "household.rooms"),
                Question("women", 'members.filter(m, m.sex == "female").size()'),
            ),
            (
                Variant(
                    "-",
                    "5",
                    "question | answer | points\nfloor | earth | 10\nfloor | cement | 0\nrooms | each | -1.5\nwomen | ..<2 | 0.5\nwomen | 2.. | 0",
                ),
            ),
        ),
    ),
)
EVERY = (NOTICED, PENSION, MATERNITY, FEW, FAMILIES, WARM, LANDED, STALE, STRICT, SCORED)
KINDS = (
    *("granted", "refused", "unknown", "proposed", "waiting", "ranked", "table", "score", "list", "stale and usable"),
    *("stale and unknown", "family", "person", "erased"),
)


@pytest.fixture(scope="module")
def decided(database) -> dict[str, str]:
    """Return kind of decision → its address, all in the north."""
    by = country.system("test")
    install_dictionary(WORDS, by=by)
    install_attributes(STATED, by=by)
    programmes.install(EVERY, (programmes.LINE, programmes.GRANT), by=by, tables=(FUEL,), scoring=(HARDSHIP,))
    today = clock.today()
    old = {"birth_date": date(1950, 2, 3), "sex": "female", "given_name": "Yara", "family_name": "]#import $x$"}
    homes = {
        "rich": country.household("n1", old, income=90_000, rooms=2, floor="cement", on=today),
        "poor": country.household("n1", old, old, old, income=10_000, rooms=1, floor="earth", on=today),
        "unasked": country.household("n1", {"given_name": "Lina"}, on=today),
        "old": country.household("n1", old, income=5_000, on=today - timedelta(days=100)),
        "first": country.household("n2", {}, income=3_000, rooms=1, on=today),
        "loser": country.household("n2", {}, income=5_000, rooms=1, on=today),
        "gone": country.household("n2", {}, income=5_000, rooms=1, on=today),
    }
    item("plot", {"hectares": 1.25}, household=homes["poor"], source="census")
    item("plot", {"hectares": 0.5}, household=homes["poor"], source="census")
    programmes.run(today)
    ines = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(ines):
        observe(homes["loser"], values={"income": 90_000}, source="tax", by=ines, on=today, under=country.GROUND)
    found = {kind: f"/decisions/{id}/" for kind, id in _kinds(homes).items()}
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT subject_id FROM registry_subjectlink WHERE entity_id = %s", [homes["gone"]])
        subjects = [id for (id,) in cursor.fetchall()]
    as_the_eraser(
        "UPDATE registry_observation SET \"values\" = '{}', tombstone = %s::jsonb WHERE subject_id = ANY(%s)",
        '{"ground": "court-order-7", "on": "2026-05-06"}',
        subjects,
    )
    return found


def _kinds(homes: dict) -> dict:
    def made(programme: str, home: str, outcome, **wanted):
        rows = models.Decision.objects.using("bulk").filter(
            programme__code=programme, household_id=homes[home], superseded_at=None, outcome=outcome, **wanted
        )
        return rows[0].id

    return {
        "granted": made("poor_home", "poor", True),
        "refused": made("poor_home", "rich", False),
        "unknown": made("poor_home", "unasked", None),
        "proposed": made("poor_home", "loser", False, state=State.PROPOSED),
        "ranked": made("few", "first", None, missing=["rank"]),
        "waiting": made("few", "rich", False),
        "table": made("warm", "poor", True),
        "score": made("scored", "poor", True),
        "list": made("landed", "poor", True),
        "stale and usable": made("patient", "old", True),
        "stale and unknown": made("strict", "old", None),
        "family": made("families", "poor", None),
        "person": made("pension", "poor", True),
        "erased": made("poor_home", "gone", True),
    }


def words(browser, address: str) -> str:
    return pages.text(browser.get(f"{address}explanation/"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_decision_is_explained_to_officer_and_citizen_on_page_and_paper(amina, decided, kind):
    """No decision without an explanation, in any language of the country."""
    pages.assert_is_whole(amina.get(decided[kind]))
    page = amina.get(f"{decided[kind]}explanation/")
    pages.assert_is_whole(page)
    # A rule that only counts a family rests on no fact.
    headings = ("How it was decided, line by line", "The facts this rests on")
    for heading in {"erased": (), "family": headings[:1]}.get(kind, headings):
        assert heading in pages.text(page)
    assert "If you do not agree" in pages.text(page)
    assert "not in words" not in pages.text(page)
    for language in ("en", "ar"):
        amina.get(f"/language/{language}/")
        paper = amina.get(f"{decided[kind]}explanation.pdf")
        assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
        assert paper.content.startswith(b"%PDF")
        assert "Yara" not in paper["Content-Disposition"]
    amina.get("/language/en/")


def test_nobody_is_sent_to_sign_in(nobody, decided):
    for page in ("explanation/", "explanation.pdf"):
        pages.assert_leads_to_sign_in(nobody, decided["granted"] + page)


def test_the_officer_of_another_area_does_not_learn_that_it_exists(chen, decided):
    for page in ("explanation/", "explanation.pdf"):
        pages.assert_refused(chen.get(decided["granted"] + page), 404)


def test_an_auditor_may_not_read_it(emre, decided):
    for page in ("explanation/", "explanation.pdf"):
        pages.assert_refused(emre.get(decided["granted"] + page), 403)


def test_reading_it_is_on_the_record_as_reading_the_decision(amina, decided):
    entries = Audit.objects.using("bulk").filter(event=Event.DECISION_READ)
    before = entries.count()
    amina.get(f"{decided['granted']}explanation.pdf")
    assert entries.count() > before


def test_it_says_amount_reckoning_source_day_law_rule_change_and_appeal(amina, decided):
    told = words(amina, decided["granted"])
    assert "You are granted €60.00 for each payment period." in told
    assert "100.00 ÷ 3 ≈ 33.333333" in told
    assert "33.333333 ≤ 100.00" in told
    assert "€66.67 a month below the limit" in told
    assert "3 × 20.00 = 60.00" in told
    assert "Household census" in told
    assert "Law-line-2026, in force since January 1, 2026" in told
    assert "by the rule that holds since January 1, 2026" in told
    assert "were €300.01 a month and not €100.00 a month, the support would not be granted" in told
    assert "You can appeal until" in told


def test_what_a_score_asks_of_the_members_can_be_counted_again(amina, decided):
    told = words(amina, decided["score"])
    assert "1 + 1 + 1 = 3" in told
    assert re.search(r"Points for: line \d+ \(3\): row 2 or more 0", told)


def test_a_proposal_says_that_nothing_has_changed_and_the_notice_until_when(amina, decided):
    told = words(amina, decided["proposed"])
    assert "Only proposed: Not granted You would no longer be granted this support" in told
    assert "This is only proposed. You will be given a notice" in told
    notice = amina.post(f"{decided['proposed']}notice/")["Location"]
    day = clock.today() + timedelta(days=10)
    told = words(amina, decided["proposed"])
    assert f"Until {written(day, 'en')} nothing changes" in told
    assert f"You can appeal until {written(day + timedelta(days=90), 'en')}" in told
    assert f"{decided['proposed']}explanation/" in amina.get(notice).content.decode()


def test_an_older_value_that_counts_is_named_on_both_explanations(amina, decided):
    """UPD-1: expired facts are marked, never silently used."""
    seen = written(clock.today() - timedelta(days=100), "en")
    for told in (words(amina, decided["stale and usable"]), pages.text(amina.get(decided["stale and usable"]))):
        assert "What is older than it should be" in told
        assert f"counted with €50.00 a month, told by Household census on {seen}" in told
        assert "older than the limit of 10 days" in told


def test_an_unknown_says_whether_it_is_too_old_or_was_never_told_and_who_can_tell(amina, decided):
    stale = words(amina, decided["stale and unknown"])
    assert "so it counts as not known, and not as no. A new answer is needed. It can come from:" in stale
    assert "nobody has told it yet" in words(amina, decided["unknown"])


def test_what_was_erased_is_told_and_nothing_else(amina, decided):
    told = words(amina, decided["erased"])
    assert "was erased on May 6, 2026: court-order-7" in told
    assert "You are granted €20.00" in told
    assert "line by line" not in told
