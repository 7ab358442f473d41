"""What stands after a point: a field, a parameter, or `programme.<code>.granted`, what another programme decides.

A programme's decision is its own rule asked about the same household or person on the same day, so it is known in the
same scan, in whatever order programmes stand, and an unknown names the fact that is missing.

Errors  RuleRefused: no such programme, one about other units, one that ranks (who is granted depends on everybody else),
        one for which other facts count as stale,
        or programmes that ask each other around a circle
"""

from dataclasses import replace

from amparo.rules.catalogue import MEMBER
from amparo.rules.check.expressions import root, typed
from amparo.rules.check.scope import Scope, field_node, offers
from amparo.rules.check.scoring import quoted
from amparo.rules.check.tables import days, laws, reading, whole
from amparo.rules.check.unify import wanted
from amparo.rules.contents import PROGRAMME, ProgrammeText
from amparo.rules.lower.core import UNIT_MEMBER
from amparo.rules.model.lookups import Stated
from amparo.rules.model.nodes import MemberField, Node, OverList, Place, walk, with_parts
from amparo.rules.model.rule import HOUSEHOLD_UNIT, PERSON_UNIT, RuleRefused
from amparo.rules.model.types import BOOLEAN, Kind
from amparo.rules.text import syntax
from amparo.rules.text.parser import parse

GRANTED = "granted"
MOST_IN_A_ROW = 8  # programmes that ask one another


@typed.register
def _(written: syntax.Select, scope: Scope) -> Node:
    of = written.of
    if isinstance(of, syntax.Select) and isinstance(of.of, syntax.Name | syntax.Select):
        if isinstance(of.of, syntax.Name) and of.of.name == PROGRAMME:
            return _asked(written, of, None, scope)
        if isinstance(of.of, syntax.Select) and of.of.name == PROGRAMME:
            return _asked(written, of, root(of.of.of, scope), scope)
    return field_node(root(of, scope), written.name, written.place, scope)


def _asked(written: syntax.Select, programme: syntax.Select, whose: str | None, scope: Scope) -> Node:
    """Return what the programme decides about the unit, or about the member whom `whose` stands for."""
    known = scope.parameters.contents.of(PROGRAMME)
    if programme.name not in known:
        values = {"name": programme.name, "known": offers(programme.name, known)}
        raise RuleRefused("rules-programme-unknown", programme.name_place, **values)
    if written.name != GRANTED:
        raise RuleRefused("rules-programme-granted", written.name_place, found=written.name)
    asked: ProgrammeText = known[programme.name]
    if any(each.is_ranked for each in asked.versions):
        raise RuleRefused("rules-programme-ranked", written.place, programme=asked.name)
    if any(each.is_of_own_age for each in asked.versions):
        raise RuleRefused("rules-programme-of-own-age", written.place, programme=asked.name)
    if scope.of_group or any(each.is_of_group for each in asked.versions):
        raise RuleRefused("rules-programme-unit", written.place, programme=asked.name, unit=asked.unit)
    variable = _variable(asked, whose, scope, written.place)
    if asked.name in scope.path:
        circle = [*scope.path[scope.path.index(asked.name) :], asked.name]
        raise RuleRefused("rules-stated-circle", written.place, circle=" → ".join(circle))
    if len(scope.path) == MOST_IN_A_ROW:
        raise RuleRefused("rules-too-deep", written.place, most=MOST_IN_A_ROW)
    inside = Scope(scope.catalogue, scope.parameters, asked.unit, path=(*scope.path, asked.name))
    with whole(PROGRAMME, asked.name, written.place):
        models = tuple(_of(_condition(each.rule, inside), variable) for each in asked.versions)
    if scope.variables and any(isinstance(each, OverList) for model in models for each in walk(model)):
        raise RuleRefused("rules-nested", written.place)
    return Stated(BOOLEAN, written.place, PROGRAMME, asked.name, (), models, days(asked), laws(asked))


def _variable(asked: ProgrammeText, whose: str | None, scope: Scope, place: Place) -> str:
    """Return the variable of the person whom the other programme decides about.

    Not a relative, who may live in another household than the one that the other programme's rule would read.
    """
    about_household = asked.unit == HOUSEHOLD_UNIT
    if about_household and whose is None:
        return UNIT_MEMBER
    variable = scope.variables.get(whose or "")
    is_member = variable is not None and scope.grains[variable] == MEMBER and variable not in scope.relatives
    if asked.unit == PERSON_UNIT and variable is not None and is_member:
        return variable
    if asked.unit == PERSON_UNIT == scope.unit and whose in (None, UNIT_MEMBER):
        return UNIT_MEMBER
    raise RuleRefused("rules-programme-unit", place, programme=asked.name, unit=asked.unit)


def _condition(text: str, scope: Scope) -> Node:
    with reading(text):
        return quoted(wanted(typed(parse(text), scope), Kind.BOOLEAN, operation=GRANTED), text)


def _of(node: Node, variable: str) -> Node:
    """Return the condition about the member that the variable stands for."""
    node = with_parts(node, lambda part: _of(part, variable))
    return replace(node, variable=variable) if isinstance(node, MemberField) and node.variable == UNIT_MEMBER else node
