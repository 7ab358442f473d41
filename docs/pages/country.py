"""The example country as its profile states it: dictionary, parameters, programmes."""

from collections.abc import Iterator

from babel.messages.pofile import read_po

from amparo.kernel.money import Money
from amparo.profiles.finding import find
from amparo.profiles.languages import DEFAULT, written
from amparo.profiles.reading import read
from amparo.profiles.types import Profile
from amparo.registry.dictionary import Field, Type


def example() -> str:
    """Return the page of the profile `example`."""
    profile = read(find("example"))
    words = _words(profile)
    parts = [_opening(profile, words), _programmes(profile, words), _parameters(profile, words)]
    return "\n".join([*(line for each in parts for line in each), *_dictionary(profile, words), ""])


def _words(profile: Profile) -> dict[str, str]:
    """Read the profile's own catalogue; the product's is left alone, so that pages do not depend on their order."""
    with (profile.locale_folder / f"{DEFAULT}.po").open("rb") as stream:
        return {each.id: each.string for each in read_po(stream, locale=DEFAULT) if isinstance(each.id, str)}


def _opening(profile: Profile, words: dict[str, str]) -> Iterator[str]:
    yield f"# The profile `{profile.code}`: {words[profile.name]}\n"
    yield f"{words[profile.household_definition]}\n"
    yield f"- Languages: {', '.join(profile.languages)}. Currency: {profile.currency}."
    yield f"- Areas: {len(profile.areas)}, on {len(profile.levels)} levels ({', '.join(profile.levels)})."
    yield f"- Sources, the first believed where nothing else is said: {', '.join(each.code for each in profile.sources)}."


def _programmes(profile: Profile, words: dict[str, str]) -> Iterator[str]:
    yield "\n## Programmes"
    for each in profile.programmes:
        yield f"\n### {words[each.label_id]} (`{each.code}`)\n"
        yield f"{words[each.label_id + '-about']} Decides about a {each.unit.value}."
        for version in each.versions:
            until = f" until {version.ends_on}" if version.ends_on else ""
            yield f"\nFrom {version.starts_on}{until}, {words[version.law]}:\n\n```\n{version.rule.strip()}\n```"
            if version.amount:
                yield f"\nAmount:\n\n```\n{version.amount.strip()}\n```"


def _parameters(profile: Profile, words: dict[str, str]) -> Iterator[str]:
    yield "\n## Parameters\n"
    yield "| Parameter | | Unit | From | Value | Law |"
    yield "|---|---|---|---|--:|---|"
    for each in profile.parameters:
        for value in each.values:
            shown = Money(value.value, profile.currency, profile.decimals) if each.type is Type.MONEY else value.value
            cells = (f"`{each.name}`", words[each.label_id], each.unit or "", value.starts_on)
            yield f"| {' | '.join(map(str, cells))} | {written(shown, DEFAULT)} | {words[value.law]} |"


def _dictionary(profile: Profile, words: dict[str, str]) -> Iterator[str]:
    yield "\n## Data dictionary\n"
    yield f"{len(profile.dictionary.fields)} fields. *Relied on*: how long after the day it was observed; without a number, always."
    for grain in profile.dictionary.grains:
        yield f"\n### {grain}\n"
        yield "| Field | | Type | Class | Purpose | Relied on, days | Used by |"
        yield "|---|---|---|---|---|--:|---|"
        for field in profile.dictionary.of(grain):
            yield _row(field, words)


def _row(field: Field, words: dict[str, str]) -> str:
    type = f"{field.type.value} `{field.vocabulary}`" if field.vocabulary else field.type.value
    unit = f", {field.unit}" if field.unit else ""
    days = "" if field.valid_days is None else str(field.valid_days)
    cells = (type + unit, field.field_class.value, field.purpose, days, ", ".join(field.used_by))
    return f"| `{field.name}` | {words[field.label_id]} | {' | '.join(cells)} |"
