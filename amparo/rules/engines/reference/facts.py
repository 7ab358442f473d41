"""What is known about one unit on one day."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from amparo.kernel.errors import Refused
from amparo.rules.model.nodes import HouseholdField, MemberField, Node
from amparo.rules.model.rule import PERSON_UNIT, ProgrammeRule, Rule
from amparo.rules.model.types import Kind
from amparo.rules.parameters import Parameters


@dataclass(frozen=True)
class Facts:
    """`bound`: variable → index of the member it stands for; `parameters`: name → value, absent = unknown."""

    household: Mapping[str, Any]
    members: Sequence[Mapping[str, Any]]
    member: int | None
    on: date
    parameters: Mapping[str, Any]
    bound: Mapping[str, int] = ()  # type: ignore[assignment]

    def each_member(self, variable: str) -> list["Facts"]:
        """Return these facts once per member, with the variable standing for that member."""
        return [replace(self, bound={**dict(self.bound), variable: index}) for index in range(len(self.members))]

    def index(self, variable: str) -> int | None:
        """Return the place of the member that the variable stands for."""
        return self._bound[variable]

    @cached_property
    def _bound(self) -> dict[str, int | None]:
        return {"member": self.member, **dict(self.bound)}

    def of(self, node: HouseholdField | MemberField) -> Any:
        """Return the field's value; a double that is not finite is no value."""
        if isinstance(node, MemberField):
            found = self.members[self._bound[node.variable]].get(node.name)
        else:
            found = self.household.get(node.name)
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
    on_day = parameters.on(on)
    values = {name: on_day[name].value for name in sorted(rule.parameters)}
    return Facts(record.get("household") or {}, record["members"], member, on, values)
