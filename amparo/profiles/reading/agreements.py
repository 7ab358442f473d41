"""Reads `agreements.toml`: the organisations of a country, and the agreements that are to be drafted between them."""

from datetime import date
from pathlib import Path
from typing import Any

from amparo.kernel.errors import Refused
from amparo.kernel.money import to_minor
from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.registry.dictionary import Dictionary, Type
from amparo.trust.covering import Comparison, Direction, FieldTerm, Given, Limit, Period, Terms
from amparo.trust.types import OrganisationConfig

FILE = "agreements.toml"

Agreements = tuple[tuple[str, Terms], ...]


def read(folder: Path, words: Dictionary, problems: Problems) -> tuple[tuple[OrganisationConfig, ...], Agreements]:
    """Return the organisations, and the agreements by code; nothing where the profile has no such file."""
    organisations: dict[str, OrganisationConfig] = {}
    agreements: dict[str, Terms] = {}
    if not (folder / FILE).is_file():
        return (), ()
    with problems.collected():
        top = files.toml(folder, FILE)
        for place in top.tables("organisation"):
            with problems.collected():
                _once(place, organisations, _organisation(place))
        own = {each.code for each in organisations.values() if each.is_own}
        for place in top.tables("agreement"):
            with problems.collected():
                code = place.text("code")
                if code in agreements:
                    place.refuse("profiles-code-given-twice", code=code)
                agreements[code] = _terms(place, own, words)
        top.nothing_left()
    return tuple(organisations.values()), tuple(agreements.items())


def _once(place: Place, found: dict[str, OrganisationConfig], read: OrganisationConfig) -> None:
    if read.code in found:
        place.refuse("profiles-code-given-twice", code=read.code)
    found[read.code] = read


def _organisation(place: Place) -> OrganisationConfig:
    code = place.text("code")
    found = OrganisationConfig(code, f"organisation-{code}", place.truth_or("own", False))
    place.nothing_left()
    return found


def _terms(place: Place, own: set[str], words: Dictionary) -> Terms:
    provider, consumer = place.text("provider"), place.text("consumer")
    found = Terms(
        provider=provider,
        consumer=consumer,
        direction=Direction.OUT if provider in own else Direction.IN,
        purpose=place.text("purpose"),
        legal_basis=place.text("legal_basis"),
        fields=tuple(_field(each, words) for each in place.tables("field")),
        areas=place.texts("areas"),
        starts_on=place.day("from"),
        ends_on=place.day("until"),
        volume=place.whole("volume"),
        period=place.one_of("period", Period),
        retention_days=place.whole("retention_days"),
        programme=place.text_or("programme", "") or "",
        identifiers=place.texts("identifiers"),
        needs_consent=place.truth_or("consent", False),
        exchanges=place.whole_or("exchanges", None),
    )
    place.nothing_left()
    return found


def _field(place: Place, words: Dictionary) -> FieldTerm:
    grain, name = place.text("grain"), place.text("name")
    if (grain, name) not in words:
        place.refuse("registry-field-not-lent", field=f"{grain}.{name}")
    given = place.one_of("given", Given) if place.has("given") else Given.VALUE
    comparison = place.one_of("comparison", Comparison) if place.has("comparison") else None
    limits = place.left.pop("limits", [])
    if not isinstance(limits, list):
        place.refuse("profiles-value-wrong", key="limits", example="[100, 200]")
    kind = words[grain, name].type
    found = FieldTerm(
        grain, name, given, tuple(_limit(place, each, kind, words.decimals) for each in limits), comparison
    )
    place.nothing_left()
    return found


def _limit(place: Place, told: Any, kind: Type, decimals: int) -> Limit:
    """Return a limit in the field's own type: money is written in major units."""
    if kind is Type.MONEY:
        try:
            return to_minor(told, decimals)
        except Refused as refusal:
            place.refuse(refusal.message.id, **refusal.message.values)
    if not isinstance(told, int | float | str | bool | date):
        place.refuse("profiles-value-wrong", key="limits", example="[100, 200]")
    return told
