"""`coverage.toml`: the life-cycle groups by which people are counted, and what is refused of it."""

from dataclasses import replace

import pytest

from amparo.profiles.checking import coverage as checking
from amparo.profiles.country import country
from amparo.profiles.places import Problems
from amparo.profiles.reading.coverage import FILE, read_coverage
from amparo.programmes.lifecycle import CoverageConfig, LifeGroup

SOUND = '[[group]]\ncode = "child"\nrule = "age(member.birth_date) < 18"\nexclusion_alarm = 20\n'


def read(text: str, folder) -> tuple[CoverageConfig, list[str]]:
    (folder / FILE).write_text(text)
    problems = Problems()
    return read_coverage(folder, problems), [each.message.id for each in problems.found]


def checked(config: CoverageConfig) -> list[str]:
    problems = Problems()
    checking.check(replace(country("example"), coverage=config), problems)
    return [each.message.id for each in problems.found]


def test_without_the_file_nobody_is_counted_by_group(tmp_path):
    assert read_coverage(tmp_path, Problems()) == CoverageConfig()


def test_groups_are_read_in_their_order(tmp_path):
    found, problems = read('population = "people"\n' + SOUND + SOUND.replace("child", "minor"), tmp_path)
    assert ([each.code for each in found.groups], found.population, problems) == (["child", "minor"], "people", [])
    assert found.groups[0].exclusion_alarm == 20


@pytest.mark.parametrize(
    ("taken_out", "put_in", "problem"),
    [
        ("exclusion_alarm = 20", "exclusion_alarm = 120", "profiles-value-wrong"),
        ('code = "child"', 'code = "unknown"', "profiles-coverage-code"),
        ("rule =", "rules =", "profiles-key-missing"),
        ("[[group]]", "[[groups]]", "profiles-key-unknown"),
    ],
)
def test_what_is_wrong_is_refused(tmp_path, taken_out, put_in, problem):
    assert read(SOUND.replace(taken_out, put_in), tmp_path)[1] == [problem]


def test_a_code_that_stands_twice_is_refused(tmp_path):
    assert read(SOUND + SOUND, tmp_path)[1] == ["profiles-coverage-code"]


def test_a_rule_that_cannot_be_run_and_a_population_that_is_none_are_told():
    assert checked(country("example").coverage) == []
    assert checked(CoverageConfig((LifeGroup("tall", "member.height > 2"),))) == ["rules-field-unknown"]
    assert checked(CoverageConfig(population="poverty_rate")) == ["profiles-coverage-population"]
    assert checked(CoverageConfig(population="nothing")) == ["profiles-field-unknown"]


def test_which_programmes_are_insurance_is_told_by_programmes_and_feeds():
    assert country("kenya").insurance == ("nhif_subsidy",)
    own = country("example")
    pension = replace(own.programmes[-1], insurance=True)
    assert own.insurance == ("contributory_pension", "work_insurance")
    assert set(replace(own, programmes=(pension,)).insurance) == {*own.insurance, pension.code}
