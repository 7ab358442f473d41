"""Figures that law sets: each has dated values, and each value the law it comes from.

A value holds from its day until the next value's day.
Nulls   none: a parameter without a value on the day is refused when a rule asks for it
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from amparo.kernel.errors import Refused
from amparo.rules.contents import NO_CONTENTS, Contents


class Dated(NamedTuple):
    """The value of one parameter on one day, and since when and by which law. Money is in minor units."""

    value: Any
    law: str
    valid_from: date


@dataclass(frozen=True)
class Parameter:
    """One parameter: `type` and `unit` as in the catalogue; `values` in any order, refused when two start on one day."""

    name: str
    type: str
    unit: str | None = None
    codes: tuple[str, ...] = ()
    values: tuple[Dated, ...] = ()

    def __post_init__(self) -> None:
        days = [each.valid_from for each in self.values]
        if len(set(days)) < len(days):
            raise Refused("rules-parameter-twice", parameter=self.name)
        object.__setattr__(self, "values", tuple(sorted(self.values, key=lambda each: each.valid_from)))

    def on(self, day: date) -> Dated | None:
        """Return the value in force on the day; None before the first."""
        return next((each for each in reversed(self.values) if each.valid_from <= day), None)


@dataclass(frozen=True)
class Parameters:
    """All parameters of a country, with the tables and models that stand beside them."""

    all: tuple[Parameter, ...] = ()
    contents: Contents = NO_CONTENTS
    _days: dict[date, "OnDay"] = field(default_factory=dict, compare=False, repr=False)

    def __init__(self, all: Iterable[Parameter] = (), contents: Contents = NO_CONTENTS) -> None:
        object.__setattr__(self, "all", tuple(all))
        object.__setattr__(self, "contents", contents)
        object.__setattr__(self, "_days", {})

    @cached_property
    def by_name(self) -> Mapping[str, Parameter]:
        return {each.name: each for each in self.all}

    def on(self, day: date) -> "OnDay":
        """Return name → (value, law, valid_from) on the day; asking for one without a value raises Refused."""
        if day not in self._days:
            self._days[day] = OnDay(self, day)
        return self._days[day]

    def days_of_change(self, names: Iterable[str]) -> list[date]:
        """Return the days on which any of the named parameters takes a new value, in order."""
        return sorted({value.valid_from for name in names for value in self.by_name[name].values})

    def having(self, day: date, **values: Any) -> "Parameters":
        """Return a copy in which the named parameters have these values from the day on: a reform to simulate."""

        def changed(each: Parameter) -> Parameter:
            if each.name not in values:
                return each
            earlier = tuple(value for value in each.values if value.valid_from < day)
            return replace(each, values=(*earlier, Dated(values[each.name], "", day)))

        return Parameters(map(changed, self.all), self.contents)


class OnDay(Mapping[str, Dated]):
    """Parameters on one day. Iterates over those that have a value; refuses to give one that has none."""

    def __init__(self, parameters: Parameters, day: date) -> None:
        self.day = day
        found = ((each.name, each.on(day)) for each in parameters.all)
        self._values = {name: value for name, value in found if value is not None}

    def __getitem__(self, name: str) -> Dated:
        try:
            return self._values[name]
        except KeyError:
            raise Refused("rules-parameter-without-value", parameter=name, day=self.day) from None

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
