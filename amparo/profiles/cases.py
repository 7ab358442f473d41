"""Runs worked cases: what an official worked out by hand, against what the rule says.

Shape   one result per unit that a case names
Errors  a rule that is refused, or a figure without a value on the day: Refused, as the engine raises it
"""

from collections.abc import Iterator
from dataclasses import dataclass

from amparo.kernel.errors import Refused
from amparo.profiles.types import CaseConfig, Expected, Profile
from amparo.programmes.catalogue import catalogue, contents, parameters
from amparo.programmes.config import ProgrammeConfig, RuleVersion
from amparo.rules.check import check
from amparo.rules.engines.reference import decide
from amparo.rules.model.rule import Decided, ProgrammeRule
from amparo.rules.parameters import Parameters


@dataclass(frozen=True)
class Result:
    """What came out of one case, for the one unit that `expected` is about."""

    case: CaseConfig
    expected: Expected
    decided: Decided

    @property
    def holds(self) -> bool:
        """Whether outcome, amount and what is missing are as the case says."""
        same = (self.decided.outcome, self.decided.amount) == (self.expected.outcome, self.expected.amount)
        return same and self.decided.missing == tuple(sorted(self.expected.missing))


def run(profile: Profile, case: CaseConfig) -> Iterator[Result]:
    """Yield what the rule in force on the case's day says of each unit that the case names."""
    programme = next(each for each in profile.programmes if each.code == case.programme)
    version = programme.version_on(case.on)
    if version is None:
        raise Refused("profiles-case-without-rule", programme=programme.code, day=case.on)
    rule, known = compiled(profile, programme, version), figures(profile)
    for expected in case.expected:
        record = {"household": dict(case.household), "members": list(case.members), "member": expected.member}
        yield Result(case, expected, decide(rule, record, on=case.on, parameters=known))


def figures(profile: Profile) -> Parameters:
    """Return the profile's figures with the tables and models that its rules refer to."""
    return parameters(profile.parameters, contents(profile.tables, profile.models, profile.programmes))


def compiled(profile: Profile, programme: ProgrammeConfig, version: RuleVersion) -> ProgrammeRule:
    """Return a version of a programme's rule, checked against the profile's own dictionary. Raises RuleRefused."""
    words, known = catalogue(profile.dictionary), figures(profile)
    unit = programme.unit.value
    amount = check(version.amount, words, known, unit, gives="money") if version.amount else None
    return ProgrammeRule(check(version.rule, words, known, unit), amount)
