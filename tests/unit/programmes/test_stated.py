"""Tables, attributes of areas and other programmes, installed: a run and one household decide alike, and again alike."""

from dataclasses import replace
from datetime import date

import pytest

from amparo.programmes import narrowing
from amparo.programmes.actions import cross_check, determine_household, install
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Unit
from amparo.programmes.queries import decisions_of_household, explain
from amparo.programmes.rulebook import rulebook
from amparo.registry.actions import install_attributes, install_dictionary
from amparo.registry.dictionary import Dictionary, Field, Type, Vocabulary
from amparo.registry.types import AttributeConfig
from amparo.rules.contents import Column, Table, TableVersion
from amparo.trust.context import acting
from tests.lib.country import DICTIONARY, GROUND, USED, household
from tests.unit.programmes.country import DAY, GRANT, LINE, OPERATOR, POOR_HOME, run, snapshot

pytestmark = pytest.mark.usefixtures("fresh_database")

ZONE = Field("zone", "area", Type.CODE, vocabulary="zone", is_inherited=True, **USED)
RATE = Field("rate", "area", Type.NUMBER, **USED)
WORDS: Dictionary = replace(
    DICTIONARY,
    version="test-areas",
    vocabularies=(*DICTIONARY.vocabularies, Vocabulary("zone", ("valley", "mountain"))),
    fields=(*DICTIONARY.fields, ZONE, RATE),
    _by_key={},
)
JANUARY = date(2026, 1, 1)
STATED = (
    AttributeConfig("land", "zone", JANUARY, "valley", "tax"),
    AttributeConfig("n2", "zone", JANUARY, "mountain", "tax"),
    AttributeConfig("north", "rate", JANUARY, 0.4, "census"),
    AttributeConfig("n1", "rate", date(2026, 1, 1), 0.5, "census"),
)
FUEL = Table(
    "fuel",
    (Column("zone", "code", codes=("valley", "mountain")), Column("persons", "integer")),
    "money",
    "money/month",
    (),
    (TableVersion(JANUARY, "law-fuel", "zone | persons | answer\nvalley | - | 10.00\nmountain | ..1 | 20.00\nmountain | 2.. | 30.00"),),
)  # fmt: skip
WARM_HOME = ProgrammeConfig(
    "warm_home",
    Unit.HOUSEHOLD,
    (
        RuleVersion(
            JANUARY,
            rule="household.size >= 1 && !programme.poor_home.granted",
            amount="lookup(fuel, area.zone, household.size)",
            law="law-warm",
        ),
    ),
)
RATED = ProgrammeConfig(
    "rated", Unit.HOUSEHOLD, (RuleVersion(JANUARY, rule="household.size >= 1 && area.rate >= 0.45", law="law-rated"),)
)


@pytest.fixture(autouse=True)
def _country(fresh_database):
    install_dictionary(WORDS, by=OPERATOR)
    install_attributes(STATED, by=OPERATOR)
    installed()


def installed(table: Table = FUEL) -> int:
    return install((WARM_HOME, POOR_HOME, RATED), (LINE, GRANT), by=OPERATOR, tables=(table,))


def decided(home):
    with acting(OPERATOR):
        determine_household(home, by=OPERATOR, under=GROUND, on=DAY)
    return standing(home)


def standing(home) -> dict:
    with acting(OPERATOR):
        rows = decisions_of_household(home, by=OPERATOR, under=GROUND)
    return {each.programme: each for each in rows if each.is_standing}


def said(home) -> dict:
    return {name: (each.outcome, each.amount, each.missing) for name, each in standing(home).items()}


def test_a_run_and_one_household_see_the_table_the_area_and_the_other_programme_alike():
    rich = household("n2", {}, {}, income=90_000, on=date(2026, 3, 1))
    poor = household("n1", {}, income=100, on=date(2026, 3, 1))
    singly = {home: decided(home) and said(home) for home in (rich, poor)}
    assert singly[rich]["warm_home"] == (True, 3_000, ())
    assert singly[poor]["warm_home"] == (False, None, ())
    assert (singly[rich]["rated"], singly[poor]["rated"]) == ((None, None, ("area.rate",)), (True, None, ()))
    counts = run().total
    assert (counts.decisions, counts.unchanged) == (6, 6)


def test_both_engines_decide_alike_over_the_snapshot():
    for area in ("n1", "n2", "s1"):
        household(area, {}, income=90_000, on=date(2026, 3, 1))
        household(area, {}, {}, on=date(2026, 3, 1))
    found = cross_check(snapshot().id, on=DAY, by=OPERATOR, under=GROUND)
    assert (found.households_equal, found.households) == (6, 6)


@pytest.mark.parametrize("decide", ["run", "one"])
def test_a_past_decision_recomputes_to_its_old_amount_after_the_table_changed(decide):
    """ARC-4: what stood on the day is kept with the decision."""
    home = household("n2", {}, income=90_000, on=date(2026, 3, 1))
    made = (run() and standing(home) if decide == "run" else decided(home))["warm_home"]
    assert made.amount == 2_000
    corrected = replace(FUEL.versions[0], rows=FUEL.versions[0].rows.replace("20.00", "25.00"))
    assert installed(replace(FUEL, versions=(corrected,))) == 2
    install_attributes(STATED[:1], by=OPERATOR)
    with acting(OPERATOR):
        found = explain(made.id, by=OPERATOR, under=GROUND)
    assert (found.amount, found.recomputes) == (2_000, True)
    assert {"table:fuel", "programme:poor_home", "line"} <= set(found.figures)
    assert found.input("area", "zone").fact.source == "tax"


def test_installing_the_same_again_writes_nothing():
    assert installed() == 0
    assert install_attributes(STATED, by=OPERATOR) == 0


def test_a_value_that_changes_later_in_the_year_is_unknown_to_a_snapshot_of_before():
    home = household("n1", {}, income=90_000, on=date(2026, 3, 1))
    install_attributes((*STATED, AttributeConfig("n1", "rate", date(2026, 4, 10), 0.1, "census")), by=OPERATOR)
    before = snapshot(DAY)
    run(date(2026, 4, 20), of=before)
    assert said(home)["rated"] == (None, None, ("area.rate",))


def test_what_rests_on_an_area_a_table_or_another_programme_is_decided_in_full():
    """Not the household's row alone decides: a table may change with nobody's facts."""
    book = {each.code: each for each in rulebook(DAY, using="bulk").programmes}
    assert [narrowing.is_local(book[code]) for code in ("warm_home", "rated")] == [False, False]
