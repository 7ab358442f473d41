"""Decided with what other institutions say: with any fault on any of them no decision is wrong, and each unknown says why (VIR-1, J6)."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted
from amparo.programmes.actions import determine_household
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Unit
from amparo.programmes.queries import decided_with, decisions_of_household
from amparo.sources.types import Reason
from amparo.trust.context import acting
from amparo.trust.types import FieldClass, Permission
from tests.lib import country, institutions
from tests.unit.programmes.country import GRANT, LINE, OPERATOR, installed
from tests.unit.sources import setting

SINCE = date(2026, 1, 1)
LOW_WAGE = ProgrammeConfig(
    "low_wage",
    Unit.PERSON,
    (RuleVersion(SINCE, rule="member.wage <= param.line && !member.insured", amount="param.grant", law="law-wage"),),
)
SCHOOL = ProgrammeConfig(
    "school",
    Unit.HOUSEHOLD,
    (RuleVersion(SINCE, rule='members.exists(m, m.level == "none")', amount="param.grant", law="law-school"),),
)
# On the institutions' word. The census would have it the other way round: the first granted to Yara, the second for Yara too.
HEALTHY = {("low_wage", 0): False, ("low_wage", 1): True, ("school", None): True}
# The others are tried where no household is opened for each (tests/unit/sources/test_faults.py).
FAULTS = ("cut in the body", "too often", "nobody", "another person", "of last century", "another currency", "nulls")
READS = {"tax": "low_wage", "health": "low_wage", "school": "school"}


@pytest.fixture(scope="module")
def ministry(database):
    with institutions.serving() as ministry, setting.inside_allowed():
        setting.prepare(ministry)
        installed(LOW_WAGE, SCHOOL, parameters=(LINE, GRANT))
        setting.connect(ministry, **{each: {"seconds": 5.0} for each in setting.OWNERS})
        yield ministry


@pytest.fixture(scope="module")
def home(ministry):
    return setting.home()


@pytest.fixture
def healthy(ministry, home):
    setting.knowing(ministry)
    forget("DELETE FROM sources_connectionstate", "owner")
    return ministry


def forget(statement: str, using: str = "bulk") -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(statement)


def decided(home, *, who="amina"):
    """Open the file and ask what programmes would decide on it; by programme and place of the person."""
    forget("DELETE FROM sources_keptanswer")
    file = setting.opened(home, who=who)
    with acting(getattr(country.cast(), who).narrowed(Permission.READ_DECISION)) as by:
        found = decided_with(file, by=by, under=country.GROUND, on=clock.today())
    places = {each.id: place for place, each in enumerate(file.record.members)}
    return {(each.programme, places.get(each.unit_id)): each for each in found}


def test_decisions_rest_on_what_the_institutions_say(healthy, home):
    found = decided(home)
    assert {at: each.outcome for at, each in found.items()} == HEALTHY
    assert found["low_wage", 1].amount == 2_000


def test_what_was_observed_decides_and_what_may_be_kept_nowhere_writes_no_decision(healthy, home):
    """The registry's own decision follows the ministry of education; of a wage that is kept nowhere none keeps a figure."""
    decided(home)
    with acting(OPERATOR):
        determine_household(home, by=OPERATOR, under=country.GROUND, on=clock.today())  # as the event has it done
        standing = decisions_of_household(home, by=OPERATOR, under=country.GROUND)
    assert {each.programme for each in standing if each.is_standing} >= {"school", "low_wage"}
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM programmes_decision WHERE facts::text LIKE '%%51250%%'")
        assert cursor.fetchone() == (0,)
        cursor.execute('SELECT count(*) FROM programmes_decision WHERE facts::text LIKE \'%%"source": "school"%%\'')
        assert cursor.fetchone()[0] > 0


@pytest.mark.parametrize("source", setting.OWNERS)
def test_with_a_fault_on_a_source_no_decision_is_wrong_and_each_unknown_names_it(healthy, home, source):
    forgotten = "UPDATE sources_connection SET definition = jsonb_set(definition, '{attributes,0,days}', '0')"
    forget(forgotten + " WHERE source = 'school'", "owner")  # so that the ministry of education is asked every time
    for fault in FAULTS:
        healthy.faults = {source: fault}
        forget("DELETE FROM sources_connectionstate", "owner")
        for at, each in decided(home).items():
            if each.outcome is None:
                assert at[0] == READS[source], fault
                assert source in each.because, fault
                assert each.amount is None
            else:
                assert each.outcome == HEALTHY[at], fault


def test_the_reason_is_the_sources(healthy, home):
    healthy.faults = {"tax": "another person"}
    found = decided(home)["low_wage", 1]
    assert (found.outcome, found.because) == (None, {"tax": Reason.WRONG_PERSON})


def test_a_household_is_decided_for_whoever_may_read_decisions(healthy, home):
    file = setting.opened(home)
    hidden = replace(file, record=replace(file.record, classes=frozenset({FieldClass.SITUATION})))
    with acting(country.cast().amina.narrowed(Permission.READ_DECISION)) as by, pytest.raises(NotPermitted):
        decided_with(hidden, by=by, under=country.GROUND, on=clock.today())
