"""Facts as pages show them: typed values ready to be written, with source, day, age and marks."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale
from babel.numbers import format_decimal, format_percent

from amparo.kernel.dates import age_on, months_between
from amparo.kernel.messages import Message, message
from amparo.kernel.money import Money
from amparo.profiles.languages import has_words
from amparo.registry.dictionary import Dictionary, Field, Type
from amparo.registry.types import Fact
from amparo.trust.types import FieldClass


@dataclass(frozen=True)
class FactRow:
    """One line of a table of facts. `value` None: nobody has told it yet."""

    label: Message | str
    value: Any = None
    unit: Message | str = ""
    source: Message | str = ""
    observed_on: date | None = None
    age: Message | str = ""
    valid_until: date | None = None
    is_stale: bool = False
    conflict: bool = False


def known(facts: Mapping[str, Fact], grain: str, words: Dictionary, *, on: date) -> list[FactRow]:
    """Return the facts of one household, person or item in the dictionary's order."""
    return [fact_row(facts[field.name], field, words, on=on) for field in words.of(grain) if field.name in facts]


def unknown(
    facts: Mapping[str, Fact], grain: str, words: Dictionary, classes: Collection[FieldClass]
) -> list[Message | str]:
    """Return the labels of the fields about which nobody has told anything, of those that the reader may read."""
    return [
        worded(field.label_id, field.name)
        for field in words.of(grain)
        if field.name not in facts and field.field_class in classes
    ]


def withheld(words: Dictionary, classes: Collection[FieldClass], *grains: str) -> list[Message | str]:
    """Return the labels of the fields that the reader may not read, whether anything is known of them or not.

    Without grains, those of all that is observed.
    """
    fields = [each for each in words.fields if each.field_class not in classes and each.grain != "area"]
    return [worded(each.label_id, each.name) for each in fields if not grains or each.grain in grains]


def fact_row(fact: Fact, field: Field, words: Dictionary, *, on: date) -> FactRow:
    return FactRow(
        label=worded(field.label_id, field.name),
        value=presentable(fact.value, field, words),
        unit=unit(field),
        source=worded(f"source-{fact.source}", fact.source),
        observed_on=fact.observed_on,
        age=ago(fact.observed_on, on),
        valid_until=fact.valid_until,
        is_stale=fact.is_stale(on),
        conflict=fact.conflict,
    )


def presentable(value: Any, field: Field, words: Dictionary) -> Any:
    """Return a value as `written` can put it into words: money with its currency, a code with its label."""
    if value is None:
        return None
    if field.type is Type.MONEY:
        return Money(value, words.currency, words.decimals)
    if field.type is Type.CODE:
        return worded(f"code-{field.vocabulary}-{value}", value)
    if field.type is Type.DATE and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def money(minor: int | None, words: Dictionary) -> Money | None:
    return None if minor is None else Money(minor, words.currency, words.decimals)


def unit(field: Field) -> Message | str:
    """Return what a number counts. Money carries its currency already, so only its period is left to say."""
    if field.unit is None:
        return ""
    if field.type is Type.MONEY:
        period = field.unit.partition("/")[2]
        return worded(f"web-per-{period}", field.unit) if period else ""
    return worded(f"unit-{field.unit.replace('/', '-per-')}", field.unit)


def worded(id: str, otherwise: str) -> Message | str:
    """Return the message, or the bare code where a profile has no words for it: nothing vanishes from a page."""
    return message(id) if has_words(id) else otherwise


def ago(day: date, on: date) -> Message:
    """Return how long ago a day was, in days up to a month, in months up to two years, then in years."""
    months = months_between(day, on)
    if months < 1:
        return message("web-days-ago", count=(on - day).days)
    if months < 24:
        return message("web-months-ago", count=months)
    return message("web-years-ago", count=months // 12)


def with_role(facts: Mapping[str, Fact], grain: str, role: str, words: Dictionary) -> Any:
    """Return the presentable value of the field that plays a role, or None."""
    field = words.with_role(grain, role)
    return presentable(facts[field.name].value, field, words) if field and field.name in facts else None


# What turns the direction of writing, or is no letter: in a name it would turn the sentence around it.
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c\x00-\x1f\x7f-\x9f]")


def isolated(name: str) -> str:
    """Return a name for use within a sentence of another script: it keeps its own direction, and only that."""
    return f"\u2068{_TURNS.sub('', name)}\u2069"


def full_name(facts: Mapping[str, Fact], words: Dictionary) -> str:
    """Return given and family name; empty where neither is known."""
    parts = (with_role(facts, "person", role, words) for role in ("given_name", "family_name"))
    return " ".join(filter(None, parts))


def age(facts: Mapping[str, Fact], words: Dictionary, *, on: date) -> int | None:
    return age_on(with_role(facts, "person", "birth_date", words), on)


def total(rows: Iterable[FactRow], mark: str) -> int:
    """Return how many rows carry a mark: `is_stale` or `conflict`."""
    return sum(getattr(row, mark) for row in rows)


def to_four_places(value: float, language: str) -> str:
    """Return a number with four decimals, as an index is written."""
    return format_decimal(value, format="0.0000", locale=Locale.parse(language, sep="-"))


def percent(part: int | None, whole: int | None, language: str, *, digits: int = 1) -> str:
    """Return a part of a whole in per cent; a dash where there is no whole, since nothing of nothing is not 0 %."""
    if part is None or not whole:
        return "–"
    return format_percent(
        part / whole, format=f"#,##0{'.' + '0' * digits if digits else ''}%", locale=Locale.parse(language, sep="-")
    )
