"""Looks for the words of everything a profile names, in each of its languages."""

from collections.abc import Iterator
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.pofile import PoFileError, read_po

from amparo.notices.config import Use
from amparo.notices.kinds import parts_of, words_id
from amparo.profiles.places import Problems
from amparo.profiles.types import Profile
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.types import FeedKind


def check(profile: Profile, problems: Problems) -> None:
    if not profile.languages:
        problems.add("profile.toml", "profile › languages", "profiles-languages-none")
    for language in profile.languages:
        file = f"locale/{language}.po"
        if not _is_language(language):
            problems.add("profile.toml", "profile › languages", "profiles-language-unknown", language=language)
        elif not (profile.folder / file).is_file():
            problems.add(file, "-", "profiles-file-missing")
        else:
            _words(profile, language, file, problems)


def _is_language(language: str) -> bool:
    try:
        Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _words(profile: Profile, language: str, file: str, problems: Problems) -> None:
    try:
        said = texts(profile.folder / file, language)
    except PoFileError as error:
        line = str(error.lineno)
        problems.add(file, line, "profiles-file-unreadable", format="gettext", line=line)
        return
    for id in dict.fromkeys(needed(profile)):
        if not said.get(id):
            problems.add(file, id, "profiles-words-missing", id=id, language=language)


def texts(file: Path, language: str) -> dict[str, str]:
    """Return message id → text of a catalogue. Raises PoFileError where a line cannot be read."""
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=language.replace("-", "_"), abort_invalid=True)
    return {str(each.id): str(each.string) for each in catalogue if each.id and each.string}


def needed(profile: Profile) -> Iterator[str]:
    """Yield the id of every label that pages, letters and reports need from the profile."""
    yield from (profile.name, profile.household_definition, f"currency-{profile.currency}")
    yield from (each.definition for each in profile.groups)
    yield from (f"group-{each.kind}" for each in profile.groups)
    yield from (f"item-{each.kind}" for each in profile.items)
    yield from (f"area-level-{each}" for each in profile.levels)
    yield from (f"identifier-{each.scheme}" for each in profile.identifiers)
    yield from (f"source-{each.code}" for each in profile.sources)
    yield from (f"mapping-{each}" for each in profile.mappings)
    yield from (f"use-{each}" for each in profile.uses)
    yield from _of_trust(profile)
    for category in profile.categories:
        yield from (category.label_id, f"{category.label_id}-about")
        yield from (f"case-question-{category.code}-{each}" for each in category.questions)
    yield from (each.label_id for each in profile.transitions)
    yield from _of_programmes(profile)
    for index in profile.indices:
        yield from (index.label_id, index.law)
        yield from (f"performance-{each}" for each in index.codes)
    for feed in profile.feeds:
        yield f"feed-{feed.code}"
        # Of compliance they are the programmes that are run here, which have words of their own.
        yield from (f"scheme-{each}" for each in feed.schemes if _is_elsewhere(profile, feed, each))
        yield from (f"condition-reason-{each}" for each in feed.reasons)
    yield from (each.law for each in profile.overlaps)
    yield from (each.label_id for each in profile.coverage.groups)
    for parameter in profile.parameters:
        yield from (parameter.label_id, parameter.law)
        yield from (each.law for each in parameter.values)
    for kind, stated in (("table", profile.tables), ("score", profile.models)):
        for each in stated:
            yield f"{kind}-{each.name}"
            yield from (version.law for version in each.versions)
    may_be_asked = Use.DETAIL in profile.notices.contact
    for kind in profile.notices.kinds:
        yield from (words_id(kind, part) for part in parts_of(kind, may_be_asked=may_be_asked))
    yield from _of_the_dictionary(profile)


def _is_elsewhere(profile: Profile, feed: FeedConfig, scheme: str) -> bool:
    if feed.kind is FeedKind.GRIEVANCES:
        return scheme not in {each.code for each in profile.programmes}
    return feed.kind is FeedKind.BENEFITS


def _of_trust(profile: Profile) -> Iterator[str]:
    for purpose in profile.purposes:
        yield from (f"purpose-{purpose.code}", purpose.legal_basis)
    yield from (each.law for each in profile.schedules)
    yield from (each.name for each in profile.organisations)
    for code, terms in profile.agreements:
        yield from (f"agreement-{code}", terms.legal_basis)
        yield from [f"consent-{code}"] if terms.needs_consent else []
    yield from filter(None, [profile.breach.law])


def _of_programmes(profile: Profile) -> Iterator[str]:
    for programme in profile.programmes:
        yield from (programme.label_id, f"{programme.label_id}-about")
        yield from (each.law for each in programme.versions)
        yield from filter(None, [programme.procedure.law])
        enrolment = programme.enrolment
        for each in (*enrolment.suspensions, *enrolment.exits, *enrolment.collectors):
            yield from (each.label_id, each.law)
        yield from [enrolment.recertification.law] if enrolment.recertification else []
        for condition in programme.conditions:
            yield from (condition.label_id, condition.law)
            yield from (f"condition-reason-{each}" for each in condition.excused)
    yield from (each.law for each in profile.payments)


def _of_the_dictionary(profile: Profile) -> Iterator[str]:
    units = [each.unit for each in (*profile.dictionary.fields, *profile.parameters) if each.unit]
    yield from (unit_id(each) for each in units)
    yield from (each.label_id for each in profile.dictionary.fields)
    for vocabulary in profile.dictionary.vocabularies:
        yield from (f"code-{vocabulary.name}-{code}" for code in vocabulary.codes)


def unit_id(unit: str) -> str:
    """The message id of a unit's words: "money/month" → `unit-money-per-month`."""
    return "unit-" + unit.replace("/", "-per-")
