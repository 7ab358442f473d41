"""What a name means at one place of a rule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from amparo.rules.catalogue import AREA, HOUSEHOLD, ITEM, MEMBER, Catalogue
from amparo.rules.model.nodes import (
    AreaField,
    HouseholdField,
    MemberField,
    Node,
    OverList,
    ParameterValue,
    Place,
    Size,
    walk,
)
from amparo.rules.model.rule import PERSON_UNIT, RuleRefused
from amparo.rules.model.types import INTEGER, Type
from amparo.rules.parameters import Parameters

DECISION_DAY = "decision_day"
ROOTS = ("household", "members", "member", "param", "math", "area", "programme", DECISION_DAY)
_RESERVED = {"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if"} | {
    "import", "let", "loop", "package", "namespace", "return", "var", "void", "while", "cel"
}  # fmt: skip


@dataclass(frozen=True)
class Bound:
    """A value that a name stands for, and the variables that were in force where it was named."""

    node: Node
    within: frozenset[str]


@dataclass(frozen=True)
class Scope:
    """`variables`: name of each macro's variable in force → the name it has in the model; `grains`: that → its grain.

    `relatives`  those of these that stand for relatives, who may live elsewhere
    `path`       programmes that are being asked what they decide, the first one first
    `bound`      names that stand for a value
    """

    catalogue: Catalogue
    parameters: Parameters
    unit: str
    variables: Mapping[str, str] = field(default_factory=dict)
    of_group: bool = False
    grains: Mapping[str, str] = field(default_factory=dict)
    relatives: frozenset[str] = frozenset()
    path: tuple[str, ...] = ()
    bound: Mapping[str, Bound] = field(default_factory=dict)

    def within(self, variable: str, meaning: str, grain: str = MEMBER, *, are_relatives: bool = False) -> "Scope":
        variables, grains = {**self.variables, variable: meaning}, {**self.grains, meaning: grain}
        relatives = self.relatives | {meaning} if are_relatives else self.relatives
        return replace(self, variables=variables, grains=grains, relatives=relatives)

    def grain(self, root: str) -> str:
        """Return the grain of what a root or variable stands for."""
        return HOUSEHOLD if root == HOUSEHOLD else self.grains.get(self.variables.get(root, root), MEMBER)

    @property
    def names(self) -> list[str]:
        roots = [name for name in ROOTS if name != "member" or self.unit == PERSON_UNIT]
        return sorted([*roots, *self.variables, *self.bound])

    @property
    def taken(self) -> set[str]:
        """Names that mean something already, so that nothing else may be called so."""
        return {*_RESERVED, *ROOTS, *self.variables, *self.bound}


def offers(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that were most likely meant, or the first ten when none is close."""
    known = sorted(known)
    return get_close_matches(name, known, n=3, cutoff=0.6) or known[:10]


def bound_node(name: str, place: Place, scope: Scope) -> Node:
    """Return the value that a name stands for. Refuses one that asks a list within a question to another list."""
    of = scope.bound[name]
    if set(scope.variables) > of.within and any(isinstance(each, OverList) for each in walk(of.node)):
        raise RuleRefused("rules-nested", place)
    return of.node


def field_node(root: str, name: str, place: Place, scope: Scope) -> Node:
    """Return the field `root.name`, or refuse it with the names there are."""
    if root == "param":
        return _parameter(name, place, scope)
    if root == "area":
        return _attribute(name, place, scope)
    if root == "programme":
        raise RuleRefused("rules-programme-granted", place, found=name)
    grain = scope.grain(root)
    found = scope.catalogue[grain, name]
    if found is None:
        raise _unknown_field(grain, root, name, place, scope)
    if found.name == "size" and grain == HOUSEHOLD:
        return Size(INTEGER, place)
    type = Type.of(found.type, found.unit, found.codes)
    if grain == HOUSEHOLD:
        return HouseholdField(type, place, name, found.label_id)
    return MemberField(type, place, scope.variables.get(root, root), name, found.label_id)


def _attribute(name: str, place: Place, scope: Scope) -> Node:
    found = scope.catalogue[AREA, name]
    if found is None:
        known = offers(name, scope.catalogue.names(AREA))
        raise RuleRefused("rules-field-unknown", place, field=f"area.{name}", known=known)
    return AreaField(Type.of(found.type, found.unit, found.codes), place, f"area.{name}", found.label_id)


def _parameter(name: str, place: Place, scope: Scope) -> Node:
    found = scope.parameters.by_name.get(name)
    if found is None:
        raise RuleRefused(
            "rules-parameter-unknown", place, parameter=name, known=offers(name, scope.parameters.by_name)
        )
    return ParameterValue(Type.of(found.type, found.unit, found.codes), place, name)


def _unknown_field(grain: str, root: str, name: str, place: Place, scope: Scope) -> RuleRefused:
    if scope.catalogue.a_list(grain, name):
        return RuleRefused("rules-list-not-a-value", place, list=name)
    if grain.startswith(ITEM):
        known = offers(name, scope.catalogue.names(grain))
        return RuleRefused("rules-field-unknown", place, field=f"{root}.{name}", known=known)
    if scope.catalogue[MEMBER if grain == HOUSEHOLD else HOUSEHOLD, name]:
        return RuleRefused(
            "rules-field-of-member" if grain == HOUSEHOLD else "rules-field-of-household", place, field=name
        )
    known = offers(name, scope.catalogue.names(grain))
    return RuleRefused("rules-field-unknown", place, field=f"{root}.{name}", known=known)
