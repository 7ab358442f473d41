"""Checks every version of every decision table and scoring model, and that some programme uses it."""

from collections.abc import Iterator
from itertools import chain

from amparo.kernel.errors import Refused
from amparo.profiles.cases import compiled, figures
from amparo.profiles.places import Problems
from amparo.profiles.reading.stated import MODELS, TABLES
from amparo.profiles.types import Profile
from amparo.programmes.catalogue import catalogue
from amparo.rules.check.stated import check_model, check_table
from amparo.rules.contents import PROGRAMME, SCORE, TABLE

_FOLDER = {TABLE: TABLES, SCORE: MODELS}


def check(profile: Profile, problems: Problems) -> None:
    words, known = catalogue(profile.dictionary), figures(profile)
    tables = (("tables", each, check_table(each)) for each in profile.tables)
    models = (("models", each, check_model(each, words, known)) for each in profile.models)
    for folder, content, refusals in chain(tables, models):
        for version, refusal in refusals:
            values = refusal.message.values
            place = f"version {version.valid_from}" + (f" › {values['line']}:{values['column']}" if values else "")
            problems.add_refusal(f"{folder}/{content.name}.toml", place, refusal)
    used = _used(profile)
    if used is not None:
        _unused(profile, used, problems)


def _unused(profile: Profile, used: set[tuple[str, str]], problems: Problems) -> None:
    every = [*((TABLE, each.name) for each in profile.tables), *((SCORE, each.name) for each in profile.models)]
    for kind, name in every:
        if (kind, name) not in used:
            problems.add(f"{_FOLDER[kind]}/{name}.toml", "-", "profiles-stated-unused", name=name)


def _used(profile: Profile) -> set[tuple[str, str]] | None:
    """Return what rules refer to; None where a rule cannot be read, which might have."""
    try:
        return set(_referred(profile))
    except Refused:
        return None


def _referred(profile: Profile) -> Iterator[tuple[str, str]]:
    for programme in profile.programmes:
        for version in programme.versions:
            for each in compiled(profile, programme, version).stated:
                if each.kind != PROGRAMME:
                    yield each.kind, each.name
