"""With any fault on any source no attribute takes another value than the healthy one, or unknown (VIR-1, trust J6).

Asked without a database: institutions that are there, connectors, types and precedence.
"""

from datetime import timedelta
from uuid import uuid4

import pytest

from amparo.kernel import clock
from amparo.sources import asking
from amparo.sources.combining import combined
from amparo.sources.types import FileField, FileValue, Question
from tests.lib import institutions
from tests.unit.sources import setting

CENSUS = {"wage": 99_00, "insured": False, "level": "none"}


@pytest.fixture(scope="module")
def ministry():
    with institutions.serving() as ministry, setting.inside_allowed():
        yield ministry


def files(ministry, **patience: float) -> dict[tuple[str, str], FileField]:
    """Ask all three about both, beside what the census was told, and return what holds of each."""
    on = clock.today()
    configs = {each: setting.connection(ministry, each, seconds=patience.get(each, 10.0)) for each in setting.OWNERS}
    people = {uuid4(): number for number in (setting.YARA, setting.OMAR)}
    questions = {
        (source, person): Question(number, config.attributes, config.seconds)
        for source, config in configs.items()
        for person, number in people.items()
    }
    answers = asking.ask_all(questions, configs, words=setting.WORDS, on=on, seconds=10.0)
    found = {}
    for (source, person), answer in answers.items():
        name = setting.TOLD[source]
        said = [FileValue(CENSUS[name], "census", on - timedelta(days=30))]
        said += [FileValue(each, source, answer.observed_on) for each in answer.values.values()]
        missing = {source: answer.reasons[name]} if name in answer.reasons else {}
        found[people[person], name] = combined(setting.WORDS["person", name], said, missing, on=on)
    return found


def test_without_a_fault_each_source_says_what_it_knows(ministry):
    setting.knowing(ministry)
    assert {at: each.value.value for at, each in files(ministry).items()} == setting.HEALTHY


@pytest.mark.parametrize("fault", [*institutions.FAULTS, *institutions.SLOW])
def test_a_fault_makes_unknown_and_never_another_value(ministry, fault):
    for source in setting.OWNERS:
        setting.knowing(ministry)
        ministry.faults[source] = fault
        for (number, name), each in files(ministry, **({source: 0.2} if fault in institutions.SLOW else {})).items():
            healthy = setting.HEALTHY[number, name]
            if setting.TOLD[source] != name:
                assert each.value.value == healthy
            elif each.value is not None:
                assert each.value.value == healthy, fault
            else:
                assert each.missing[source] in setting.reasons_of(fault), fault


def test_there_are_faults_enough():
    assert len(institutions.FAULTS) + len(institutions.SLOW) >= 20
