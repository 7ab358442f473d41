"""Reads `sources.toml`, `purposes.toml` and the schemes of identifiers."""

from pathlib import Path

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.profiles.types import SourceKind
from amparo.registry.schemes import FIXED_DIGITS, MOST_DIGITS, CheckDigit, Scheme, Unsound
from amparo.registry.types import SourceConfig
from amparo.trust.types import PurposeConfig


def read_sources(folder: Path, problems: Problems) -> tuple[SourceConfig, ...]:
    found: dict[str, SourceConfig] = {}
    with problems.collected():
        for place in files.toml(folder, "sources.toml").tables("source"):
            with problems.collected():
                kind, rank = place.one_of("kind", SourceKind).value, place.whole("rank")
                source = SourceConfig(place.text("code"), kind, rank, place.texts("complete"))
                place.nothing_left()
                if source.code in found:
                    place.refuse("profiles-code-given-twice", code=source.code)
                found[source.code] = source
    return tuple(found.values())


def read_purposes(folder: Path, problems: Problems) -> tuple[PurposeConfig, ...]:
    found: dict[str, PurposeConfig] = {}
    with problems.collected():
        for place in files.toml(folder, "purposes.toml").tables("purpose"):
            with problems.collected():
                purpose = PurposeConfig(place.text("code"), place.text("legal_basis"), place.day_or("last_day"))
                place.nothing_left()
                if purpose.code in found:
                    place.refuse("profiles-code-given-twice", code=purpose.code)
                found[purpose.code] = purpose
    return tuple(found.values())


def identifier(scheme: str, place: Place) -> Scheme:
    found = Scheme(
        scheme,
        place.whole("digits"),
        place.one_of("check", CheckDigit),
        place.whole_or("least_digits", None),
        place.one_of("unsound", Unsound) if place.has("unsound") else Unsound.MARK,
    )
    fixed = FIXED_DIGITS.get(found.check)
    if fixed and (found.digits, found.least) != (fixed, fixed):
        place.refuse("profiles-value-wrong", key="digits", example=str(fixed))
    if not 2 <= found.least <= found.digits <= MOST_DIGITS:
        place.refuse("profiles-digits-wrong", most=MOST_DIGITS)
    return found
