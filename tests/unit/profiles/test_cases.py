from dataclasses import replace

import pytest

from amparo.kernel.errors import Refused
from amparo.profiles.cases import run
from amparo.profiles.finding import find, shipped
from amparo.profiles.reading import read
from amparo.profiles.types import Expected

CASES = [(profile, case) for profile in map(read, map(find, shipped())) for case in profile.cases]


@pytest.mark.parametrize(("profile", "case"), CASES, ids=[f"{p.code}: {c.programme}: {c.name}" for p, c in CASES])
def test_every_worked_case_comes_out_as_it_was_worked(profile, case):
    for result in run(profile, case):
        assert result.holds, (result.expected, result.decided)
        assert result.is_ranked_as_said, (result.expected.keys, result.keys)


def test_every_programme_of_the_example_has_eight_cases_one_of_them_unknown(velmora):
    for programme in velmora.programmes:
        cases = [each for each in velmora.cases if each.programme == programme.code]
        assert len(cases) >= 8
        assert any(expected.outcome is None for case in cases for expected in case.expected)


def test_a_case_with_another_amount_or_another_missing_field_does_not_hold(velmora):
    case = next(each for each in velmora.cases if each.name == "two children, income below the line")
    for wrong in (
        Expected(True, 480_01),
        Expected(True),
        Expected(False),
        Expected(None),
        Expected(True, 480_00, ("x",)),
    ):
        assert not next(run(velmora, replace(case, expected=(wrong,)))).holds


def test_a_case_on_a_day_without_a_rule_is_refused(velmora):
    case = velmora.cases[0]
    with pytest.raises(Refused) as refusal:
        next(run(velmora, replace(case, on=case.on.replace(year=2024))))
    assert refusal.value.message.id == "profiles-case-without-rule"
