"""How local offices do: rates from rules and conditions, a formula over them, and nothing said of what is not known."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connections

from amparo.kernel.dates import add_months
from amparo.kernel.errors import Refused
from amparo.profiles.country import country as profile
from amparo.profiles.installing import install as install_profile
from amparo.programmes import models, queries
from amparo.programmes.actions import install, install_indices, measure
from amparo.programmes.config import ParameterConfig, ParameterValue
from amparo.programmes.performance import Counted, FigureConfig, IndexConfig, RateConfig, compiled, performance
from amparo.programmes.publishing import BULK
from amparo.programmes.rulebook import installed_parameters
from amparo.programmes.types import Performance, Rate
from amparo.registry.dictionary import Type
from amparo.registry.queries import dictionary
from amparo.rules.model.rule import RuleRefused
from amparo.trust.context import acting
from amparo.trust.queries import area
from amparo.trust.types import Actor, Permission, system
from tests.lib import country
from tests.lib.country import GROUND
from tests.lib.days import today
from tests.unit.programmes.conditions import SINCE, asking, decided, follow, home, told
from tests.unit.programmes.country import GRANT, LINE, installed
from tests.unit.programmes.enrolling import enrol, homes, programme
from tests.unit.programmes.feeding import written_of

LEAST = ParameterConfig(
    "least", Type.NUMBER, None, "law-least", (ParameterValue(date(2026, 1, 1), 0.5, "law-least-2026"),)
)
ASKED = RateConfig("asked", "household.income <= param.line", "household.rooms > 2")
INDEX = IndexConfig(
    "work",
    "law-work",
    "village",
    (ASKED, RateConfig("school", programme="poor_home", conditions=("attendance",))),
    (FigureConfig("half", "(area.asked + area.school) / 2"), FigureConfig("work", "area.half * 1.0")),
    pays="area.work >= param.least",
)
ALONE = replace(INDEX, rates=(ASKED,), figures=(FigureConfig("work", "area.asked * 1.0"),))


def stated(index: IndexConfig = INDEX) -> None:
    install([asking()], [LINE, GRANT, LEAST], by=system("test"))
    install_indices([index], by=system("test"))


def measured(on: date | None = None):
    return measure(by=system("test"), under=GROUND, on=on or today())


def said(by: Actor, *codes: str, index: str = "work", month: date | None = None) -> dict[int, Performance]:
    with acting(by.narrowed(Permission.READ_FIGURES)) as reader:
        numbers = [area(each).number for each in codes]
        return {each.area_number: each for each in queries.performances(index, numbers, by=reader, month=month)}


def of(by: Actor, code: str, **more) -> Performance | None:
    return said(by, code, **more).get(area(code).number)


def rooms(village: str, *counts: int | None, income: int | None = 5_000) -> None:
    for each in counts:
        values = {} if each is None else {"rooms": each}
        values |= {} if income is None else {"income": income}
        country.household(village, {"birth_date": date(1990, 1, 1)}, **values)


pytestmark = pytest.mark.usefixtures("fresh_database")


def test_a_rate_of_households_counts_who_met_it_and_tells_apart_what_is_not_known(cast):
    stated(ALONE)
    rooms("n1", 3, 4, 1, None)
    rooms("n1", 3, income=None)
    rooms("n1", 3, income=90_000)
    decided()
    measured()
    found = of(cast.amina, "n1")
    assert found.rates["asked"] == Rate(met=2, of=4, unknown=1 + 1)
    assert (found.value, found.pays) == (2 / 4, True)


def test_a_rate_of_nobody_is_unknown_and_not_zero_and_so_is_what_is_made_of_it(cast):
    stated(ALONE)
    rooms("n1", 3, income=90_000)
    decided()
    [done] = measured()
    found = of(cast.amina, "n1")
    assert (found.rates["asked"].value, found.value, found.pays) == (None, None, None)
    assert done.unknown == done.areas


def test_a_record_of_any_age_is_counted(cast):
    """An income is good for a year; how old records are is just what a rate may be about."""
    stated(ALONE)
    country.household("n1", {"birth_date": date(1990, 1, 1)}, on=date(2020, 1, 1), rooms=3, income=5_000)
    decided()
    measured()
    assert of(cast.amina, "n1").rates["asked"] == Rate(met=1, of=1)


def test_a_rate_of_a_condition_is_of_whom_anything_is_told(cast, tmp_path):
    stated()
    found = home("n1", "111", "222", "333")
    decided()
    enrol(found, by=cast.omid, on=SINCE)
    told(tmp_path, [("111", "2026-10", "no", "", ""), ("222", "2026-10", "unknown", "", "")], day=date(2026, 11, 1))
    follow(date(2026, 11, 1))
    rooms("n1", 3)
    decided()
    measured()
    assert of(cast.amina, "n1").rates["school"] == Rate(met=1, of=3, unknown=2, period=date(2026, 10, 1))
    met = replace(INDEX.rates[1], counted=Counted.MET)
    install_indices([replace(INDEX, rates=(ASKED, met))], by=system("test"))
    measured()
    assert of(cast.amina, "n1").rates["school"] == Rate(met=0, of=1, unknown=2, period=date(2026, 10, 1))


def test_of_a_period_of_which_nothing_came_yet_nothing_is_known_and_no_office_has_zero(cast, tmp_path):
    stated()
    found = home("n1", "111", "222")
    decided()
    enrol(found, by=cast.omid, on=SINCE)
    follow(date(2026, 11, 1))
    rooms("n1", 3)
    decided()
    measured()
    rate = of(cast.amina, "n1").rates.get("school")
    assert rate is None or rate.value is None
    assert of(cast.amina, "n1").value is None


def test_an_area_is_the_sum_of_those_below_it_and_an_officer_sees_their_own(cast):
    stated(ALONE)
    rooms("n1", 3, 1)
    rooms("n2", 3)
    rooms("s1", 1)
    decided()
    measured()
    assert of(cast.bruno, "land").rates["asked"] == Rate(2, 4)
    assert of(cast.amina, "north").rates["asked"] == Rate(2, 3)
    assert of(cast.amina, "s1") is None
    assert of(cast.chen, "n1") is None
    assert of(cast.omid, "n1") is None


def test_who_is_in_danger_is_in_no_count(cast):
    stated(ALONE)
    rooms("n1", 3, 3)
    with connections[BULK].cursor() as cursor:
        cursor.execute(
            "UPDATE registry_household SET area_number = -area_number"
            " WHERE id = (SELECT id FROM registry_household LIMIT 1)"
        )
    decided()
    measured()
    assert of(cast.nadia, "n1").rates["asked"] == Rate(1, 1)


def test_the_latest_of_a_month_counts_and_each_month_stays(cast):
    stated(ALONE)
    rooms("n1", 3)
    decided()
    before = add_months(today().replace(day=1), -1)
    measured(before)
    rooms("n1", 1)
    decided()
    measured(), measured()
    with acting(cast.amina.narrowed(Permission.READ_FIGURES)) as by:
        found = queries.performances_by_month("work", area("n1").number, by=by)
    assert [(month, each.rates["asked"].of) for month, each in found] == [(before, 1), (today().replace(day=1), 2)]


def test_a_measurement_explains_itself_by_what_stood_then(cast):
    stated(ALONE)
    rooms("n1", 3)
    decided()
    measured()
    install_indices([replace(ALONE, figures=(FigureConfig("work", "area.asked * 0.5"),))], by=system("test"))
    with acting(cast.amina.narrowed(Permission.READ_FIGURES)):
        found = queries.measured("work")
    assert found.formulas == {"work": "area.asked * 1.0", "pays": "area.work >= param.least"}
    assert found.parameters["least"] == {"value": 0.5, "from": "2026-01-01", "law": "law-least-2026"}
    ((about, details),) = written_of("performance-measured")
    assert about == "work"
    assert details["areas"] == 7


@pytest.mark.parametrize(
    "broken",
    [
        replace(ALONE, figures=(FigureConfig("work", "area.nothing * 1.0"),)),
        replace(ALONE, figures=(FigureConfig("work", "household.size * 1.0"),)),
        replace(ALONE, rates=(RateConfig("asked", "household.income <", "true"),)),
        replace(ALONE, pays="area.work"),
    ],
)
def test_an_index_that_is_none_is_not_installed(broken):
    installed(programme())
    with pytest.raises(RuleRefused):
        install_indices([broken], by=system("test"))
    assert not models.Index.objects.using(BULK).exists()


def test_nothing_is_measured_without_an_index_a_run_or_ahead(cast):
    installed(programme())
    with pytest.raises(Refused, match="programmes-performance-without-index"):
        measured()
    stated(ALONE)
    with pytest.raises(Refused, match="programmes-coverage-without-run"):
        measured()
    with pytest.raises(Refused, match="programmes-effect-ahead"):
        measured(date(2099, 1, 1))


def test_a_figure_of_the_law_without_a_value_on_the_day_measures_nothing(cast):
    stated(ALONE)
    homes(n1=5_000)
    with pytest.raises(Refused, match="rules-parameter-without-value"):
        measured(date(2025, 6, 1))
    assert not models.Measurement.objects.using(BULK).exists()


# ---- Brazil's index of decentralised management


GOLDEN = {"tac": Rate(7316, 10_000), "tafe": Rate(93, 100), "taas": Rate(7276, 10_000)}
JOINED = {"igd_joined": 1, "igd_accounted": 1, "igd_council": 1}


@pytest.fixture
def brazil(empty_database):
    found = profile("brazil")
    install_profile(found, by=system("test"))
    return found


@pytest.mark.parametrize(
    ("on", "stated", "expected", "pays"),
    [
        (date(2017, 10, 31), JOINED, 0.7802, True),
        (date(2026, 10, 31), JOINED, 0.7802, True),
        (date(2017, 10, 31), {**JOINED, "igd_council": 0}, 0, False),
        (date(2017, 10, 31), {"igd_joined": 1, "igd_accounted": 1}, None, None),
    ],
)
def test_g10_factor_one_of_brazils_index(brazil, on, stated, expected, pays):
    figures = installed_parameters(using=BULK)
    index = compiled(brazil.indices[0], dictionary(using=BULK), figures)
    found = performance(index, 1, GOLDEN, stated, on=on, parameters=figures)
    assert round(found.figures["f1"], 4) == 0.7802 == round(0.5 * 0.7316 + 0.5 * (0.93 + 0.7276) / 2, 4)
    assert (None if found.value is None else round(found.value, 4), found.pays) == (expected, pays)


def test_from_2025_on_records_must_be_up_to_date_to_be_paid(brazil):
    figures = installed_parameters(using=BULK)
    index = compiled(brazil.indices[0], dictionary(using=BULK), figures)
    rates = {**GOLDEN, "tac": Rate(69, 100)}
    pays = [
        performance(index, 1, rates, JOINED, on=on, parameters=figures).pays
        for on in (date(2024, 12, 31), date(2025, 1, 1))
    ]
    assert pays == [True, False]
