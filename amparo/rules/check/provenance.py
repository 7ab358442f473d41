"""Who said a fact and how old it is: `source_of(household.income)`, `age_of(household.income)`. Unknown where the fact is."""

from dataclasses import replace

from amparo.rules.check.expressions import typed
from amparo.rules.check.scope import Scope
from amparo.rules.lower.names import OBSERVED_ON, SOURCE
from amparo.rules.model.lists import DaysSince
from amparo.rules.model.nodes import HouseholdField, MemberField, Node
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import DATE, DAYS, Kind, Type
from amparo.rules.text import syntax


def age_of(written: syntax.Call, scope: Scope) -> Node:
    """Days from the day on which the fact was observed to the decision day."""
    of = _field(written, scope)
    return DaysSince(DAYS, written.place, replace(of, type=DATE, name=of.name + OBSERVED_ON))


def source_of(written: syntax.Call, scope: Scope) -> Node:
    """The code of the source that said the fact."""
    of = _field(written, scope)
    return replace(of, type=Type(Kind.CODE, codes=scope.catalogue.sources), name=of.name + SOURCE)


def _field(written: syntax.Call, scope: Scope) -> HouseholdField | MemberField:
    of = typed(written.arguments[0], scope)
    if not isinstance(of, HouseholdField | MemberField):
        raise RuleRefused("rules-has-needs-field", of.place)
    return of
