"""Runs worked cases: what an official worked out by hand, against what the rule says.

Shape   one result per unit that a case names
Errors  a rule that is refused, or a figure without a value on the day: Refused, as the engine raises it
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from amparo.kernel.errors import Refused
from amparo.kernel.money import Money
from amparo.profiles.types import CaseConfig, Expected, Profile
from amparo.programmes.catalogue import catalogue, contents, parameters
from amparo.programmes.config import ProgrammeConfig, RuleVersion
from amparo.programmes.inforce import InForce, asked, asked_as
from amparo.programmes.units import UnitOf, decided, units
from amparo.rules.check import check
from amparo.rules.model.rule import Decided, ProgrammeRule, Rule
from amparo.rules.model.types import Kind
from amparo.rules.parameters import Parameters


@dataclass(frozen=True)
class Result:
    """What came out of one case, for the one unit that `expected` is about."""

    case: CaseConfig
    expected: Expected
    decided: Decided
    keys: tuple[str, ...] = ()

    @property
    def is_ranked_as_said(self) -> bool:
        """Whether the unit is ranked by what the case says, where it says so."""
        return not self.expected.keys or self.keys == self.expected.keys

    @property
    def holds(self) -> bool:
        """Whether outcome, amount and what is missing are as the case says. Of few places: whether it is eligible."""
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
        unit = _unit(case, rule, expected)
        ask = partial(decided, rule, unit, dict(case.household), list(case.members), on=case.on, parameters=known)
        keys = [_written(ask(rule=each).amount, profile, each.amount) for each in asked(rule, "").values()]
        yield Result(case, expected, ask(), tuple(keys))


def _unit(case: CaseConfig, rule: InForce, expected: Expected) -> UnitOf:
    """Return the unit of the case's household that is spoken of."""
    groups = case.groups.get(str(rule.group), ())
    persons = [name or str(place) for place, name in enumerate(case.who)]
    of = units(rule, None, persons, groups)
    if rule.unit.is_group:
        return next(each for each in of if each.id == expected.unit)
    return next(each for each in of if each.member == expected.member)


def _written(key: Any, profile: Profile, rule: Rule | None) -> str:
    """Return a key as a case writes it: money in major units, unknown by its word."""
    if key is None:
        return "unknown"
    if rule and rule.model.type.kind is Kind.MONEY:
        return str(Money(key, profile.currency, profile.decimals).major)
    return str(key).lower()


def figures(profile: Profile) -> Parameters:
    """Return the profile's figures with the tables and models that its rules refer to."""
    return parameters(profile.parameters, contents(profile.tables, profile.models, profile.programmes))


def compiled(profile: Profile, programme: ProgrammeConfig, version: RuleVersion) -> InForce:
    """Return a version of a programme, checked against the profile's own dictionary. Raises RuleRefused."""
    checked = partial(
        check,
        catalogue=catalogue(profile.dictionary),
        parameters=figures(profile),
        unit=asked_as(programme.unit),
        of_group=version.group is not None,
    )
    amount = checked(version.amount, gives="money") if version.amount else None
    return InForce(
        0,
        programme.code,
        programme.unit,
        0,
        "",
        version.law,
        ProgrammeRule(checked(version.rule), amount),
        group=version.group,
        ungrouped=version.ungrouped,
        ranking=version.ranking,
        keys=tuple(checked(each.rule, gives="order") for each in (version.ranking.keys if version.ranking else ())),
        freshness=version.freshness,
    )
