"""What a rule may read: fields of households, members and items, by the names of the data dictionary, and lists.

Nulls   a field without a value is unknown; `household.size` is counted and always known; a list that was not collected
        is unknown, and not empty
Errors  two fields or lists of one grain with one name, or a field that takes a computed name, are refused
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from amparo.kernel.errors import Refused

HOUSEHOLD = "household"
MEMBER = "member"
ITEM = "item:"  # and the kind
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


@dataclass(frozen=True)
class RuleList:
    """One list that hangs off a household or a person: relatives (`m.children`), or items (`household.items(plot)`).

    `grain`     of whom it hangs off
    `elements`  the grain of what it holds: "member", also of persons who live elsewhere, or "item:<kind>"
    `most`      how many elements to reckon with; more are rare enough not to matter for the cost
    `month`     of a series: the field of its items that holds the month
    """

    name: str
    grain: str
    elements: str
    most: int
    month: str | None = None
    label_id: str = ""


SIZE_FIELD = RuleField(SIZE, HOUSEHOLD, "integer", label_id="rules-household-size")


@dataclass(frozen=True)
class Catalogue:
    """Every field that rules may read; `[grain, name]` looks one up, None when there is none. So does `a_list`.

    `sources`  codes of those who may have said a fact
    """

    fields: tuple[RuleField, ...]
    lists: tuple[RuleList, ...] = ()
    sources: tuple[str, ...] = ()
    _by_key: dict[tuple[str, str], RuleField] = field(default_factory=dict, compare=False, repr=False)

    def __init__(
        self, fields: Iterable[RuleField], lists: Iterable[RuleList] = (), sources: Iterable[str] = ()
    ) -> None:
        object.__setattr__(self, "fields", tuple(fields))
        object.__setattr__(self, "lists", tuple(lists))
        object.__setattr__(self, "sources", tuple(sources))
        object.__setattr__(self, "_by_key", {(HOUSEHOLD, SIZE): SIZE_FIELD})
        taken = set(self._by_key)
        for grain, name in [(each.grain, each.name) for of in (self.fields, self.lists) for each in of]:
            if grain not in (HOUSEHOLD, MEMBER) and not grain.startswith(ITEM):
                raise Refused("rules-catalogue-grain", field=name, grain=grain)
            if (grain, name) in taken:
                raise Refused("rules-catalogue-twice", field=name, grain=grain)
            taken.add((grain, name))
        self._by_key.update({(each.grain, each.name): each for each in self.fields})

    def __getitem__(self, key: tuple[str, str]) -> RuleField | None:
        return self._by_key.get(key)

    def names(self, grain: str) -> list[str]:
        return sorted(name for at, name in self._by_key if at == grain)

    def a_list(self, grain: str, name: str) -> RuleList | None:
        """Return a list by whom it hangs off and its name: a relation of persons, or a kind of item."""
        return next((each for each in self.lists if (each.grain, each.name) == (grain, name)), None)
