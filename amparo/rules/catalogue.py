"""What a rule may read: the fields of households, members and areas, by the names of the data dictionary.

Nulls   a field without a value is unknown; `household.size` is counted and always known
Errors  two fields of one grain with one name, or a field that takes a computed name, are refused
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from amparo.kernel.errors import Refused

HOUSEHOLD = "household"
MEMBER = "member"
AREA = "area"
SIZE = "size"  # number of live members, counted and not collected


@dataclass(frozen=True)
class RuleField:
    """One readable field.

    `type`   "boolean", "integer", "number", "money" (integer minor units), "date", "code" or "text"
    `unit`   "money/month", "years", "m2", "share"; None for a bare count
    `codes`  the vocabulary of a code
    `label_id`  message id of the field's name for people
    """

    name: str
    grain: str
    type: str
    unit: str | None = None
    codes: tuple[str, ...] = ()
    label_id: str = ""


SIZE_FIELD = RuleField(SIZE, HOUSEHOLD, "integer", label_id="rules-household-size")


@dataclass(frozen=True)
class Catalogue:
    """Every field that rules may read; `[grain, name]` looks one up, None when there is none."""

    fields: tuple[RuleField, ...]
    _by_key: dict[tuple[str, str], RuleField] = field(default_factory=dict, compare=False, repr=False)

    def __init__(self, fields: Iterable[RuleField]) -> None:
        object.__setattr__(self, "fields", tuple(fields))
        object.__setattr__(self, "_by_key", {(HOUSEHOLD, SIZE): SIZE_FIELD})
        for each in self.fields:
            if each.grain not in (HOUSEHOLD, MEMBER, AREA):
                raise Refused("rules-catalogue-grain", field=each.name, grain=each.grain)
            if (each.grain, each.name) in self._by_key:
                raise Refused("rules-catalogue-twice", field=each.name, grain=each.grain)
            self._by_key[each.grain, each.name] = each

    def __getitem__(self, key: tuple[str, str]) -> RuleField | None:
        return self._by_key.get(key)

    def names(self, grain: str) -> list[str]:
        return sorted(name for at, name in self._by_key if at == grain)
