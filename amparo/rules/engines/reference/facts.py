"""What is known about one unit on one day."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from amparo.kernel.errors import Refused
from amparo.rules.model.nodes import HOUSEHOLD, MEMBERS, HouseholdField, ListRead, MemberField, Node
from amparo.rules.model.reads import MEMBER
from amparo.rules.model.rule import PERSON_UNIT, ProgrammeRule, Rule
from amparo.rules.model.types import Kind
from amparo.rules.parameters import Parameters


class Element(NamedTuple):
    """An element of a list: its fields, and where it stands in the record, as `("members", 2, "children", 0)`.

    Whoever lives in the household is the same element by whichever list they are reached.
    """

    fields: Mapping[str, Any]
    place: tuple[str | int, ...]


class Facts(NamedTuple):
    """`parameters`: name → value, absent = unknown. `bound`: variable → the element it stands for; "household", and
    "member", the person decided about, stand for themselves. `places`: of the members of the group that is assessed;
    None: all members."""

    members: Sequence[Mapping[str, Any]]
    on: date
    parameters: Mapping[str, Any]
    bound: Mapping[str, Element]
    places: Sequence[int] | None = None

    def each_of(self, source: ListRead, variable: str) -> list["Facts"] | None:
        """Return these facts once per element, with the variable standing for it; None where the list is unknown."""
        found = self.elements(source)
        return None if found is None else [self._replace(bound={**self.bound, variable: each}) for each in found]

    def elements(self, source: ListRead) -> list[Element] | None:
        """Return the elements of a list; a relative written as the place of a member is that member."""
        if source.is_members:
            return [self._member(place) for place in (range(len(self.members)) if self.places is None else self.places)]
        holder = self.bound[source.variable]
        found = holder.fields.get(source.name)
        if found is None:
            return None
        place = (*holder.place, source.name)
        return [
            self._member(each) if isinstance(each, int) else Element(each, (*place, i)) for i, each in enumerate(found)
        ]

    def _member(self, place: int) -> Element:
        return Element(self.members[place], (MEMBERS, place))

    def of(self, node: HouseholdField | MemberField) -> Any:
        """Return the field's value; a double that is not finite is no value."""
        variable = node.variable if isinstance(node, MemberField) else HOUSEHOLD
        found = self.bound[variable].fields.get(node.name)
        if found is None or node.type.kind is not Kind.NUMBER:
            return found
        return float(found) if math.isfinite(found) else None

    def parameter(self, node: Node, name: str) -> Any:
        found = self.parameters.get(name)
        return float(found) if found is not None and node.type.kind is Kind.NUMBER else found


def facts(rule: Rule | ProgrammeRule, record: dict[str, Any], on: date, parameters: Parameters) -> Facts:
    """Return the record as facts, with the parameters that the rule reads, or refuse the record."""
    if record.get(MEMBERS) is None:
        raise Refused("rules-record-without-members")
    member = record.get("member")
    if rule.unit == PERSON_UNIT and not (isinstance(member, int) and 0 <= member < len(record["members"])):
        raise Refused("rules-record-without-member")
    places = record.get("places") if rule.of_group else None
    if rule.of_group and (places is None or not set(places) <= set(range(len(record["members"])))):
        raise Refused("rules-record-without-places")
    on_day = parameters.on(on)
    values = {name: on_day[name].value for name in sorted(rule.parameters)}
    return given(record, on, values)._replace(places=places)


def given(record: dict[str, Any], on: date, parameters: Mapping[str, Any]) -> Facts:
    """Return the record as facts, with these values of parameters."""
    bound = {HOUSEHOLD: Element(record.get("household") or {}, (HOUSEHOLD,))}
    found, member = Facts(record["members"], on, parameters, bound), record.get("member")
    return (
        found
        if member is None
        else found._replace(bound={**bound, MEMBER: Element(record["members"][member], (MEMBERS, member))})
    )
