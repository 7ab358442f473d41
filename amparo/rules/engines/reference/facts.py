"""What is known about one unit on one day."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from amparo.kernel.errors import Refused
from amparo.rules.model.nodes import HouseholdField, MemberField, Node
from amparo.rules.model.rule import PERSON_UNIT, ProgrammeRule, Rule
from amparo.rules.model.types import Kind
from amparo.rules.parameters import Parameters


class Facts(NamedTuple):
    """`parameters`: name → value, absent = unknown. `bound`: variable → place of the member it stands for; "member" is
    the person decided about, None where the unit is the household. `places`: of the members of the group that is assessed;
    None: all members."""

    household: Mapping[str, Any]
    members: Sequence[Mapping[str, Any]]
    on: date
    parameters: Mapping[str, Any]
    bound: Mapping[str, int | None]
    places: Sequence[int] | None = None

    def each_member(self, variable: str) -> list["Facts"]:
        """Return these facts once per member, with the variable standing for that member."""
        places = range(len(self.members)) if self.places is None else self.places
        return [self._replace(bound={**self.bound, variable: place}) for place in places]

    def of(self, node: HouseholdField | MemberField) -> Any:
        """Return the field's value; a double that is not finite is no value."""
        holder = self.members[self.bound[node.variable] or 0] if isinstance(node, MemberField) else self.household
        found = holder.get(node.name)
        if found is None or node.type.kind is not Kind.NUMBER:
            return found
        return float(found) if math.isfinite(found) else None

    def parameter(self, node: Node, name: str) -> Any:
        found = self.parameters.get(name)
        return float(found) if found is not None and node.type.kind is Kind.NUMBER else found


def facts(rule: Rule | ProgrammeRule, record: dict[str, Any], on: date, parameters: Parameters) -> Facts:
    """Return the record as facts, with the parameters that the rule reads, or refuse the record."""
    if record.get("members") is None:
        raise Refused("rules-record-without-members")
    member = record.get("member")
    if rule.unit == PERSON_UNIT and not (isinstance(member, int) and 0 <= member < len(record["members"])):
        raise Refused("rules-record-without-member")
    places = record.get("places") if rule.of_group else None
    if rule.of_group and (places is None or not set(places) <= set(range(len(record["members"])))):
        raise Refused("rules-record-without-places")
    on_day = parameters.on(on)
    values = {name: on_day[name].value for name in sorted(rule.parameters)}
    return Facts(record.get("household") or {}, record["members"], on, values, {"member": member}, places)
