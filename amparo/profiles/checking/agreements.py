"""Holds agreements against the organisations, purposes, areas, programmes, identifiers and fields they name."""

from collections.abc import Iterator

from amparo.kernel.errors import Refused
from amparo.profiles.lendable import unfit, unfounded
from amparo.profiles.places import Problems
from amparo.profiles.reading.agreements import FILE
from amparo.profiles.types import Profile
from amparo.trust.covering import Terms


def check(profile: Profile, problems: Problems) -> None:
    own = [each for each in profile.organisations if each.is_own]
    if profile.organisations and len(own) != 1:
        problems.add(FILE, "organisation", "profiles-organisation-own", count=len(own))
    for code, terms in profile.agreements:
        for refusal in _faults(profile, terms):
            problems.add_refusal(FILE, f"agreement › {code}", refusal)


def _faults(profile: Profile, terms: Terms) -> Iterator[Refused]:
    named = (
        ("provider", [terms.provider], [each.code for each in profile.organisations]),
        ("consumer", [terms.consumer], [each.code for each in profile.organisations]),
        ("purpose", [terms.purpose], [each.code for each in profile.purposes]),
        ("programme", [terms.programme] if terms.programme else [], [each.code for each in profile.programmes]),
        ("identifiers", terms.identifiers, [each.scheme for each in profile.identifiers]),
    )
    for key, given, known in named:
        for each in given:
            if each not in known:
                yield Refused("profiles-value-unknown", key=key, value=each, known=known)
    own = {each.code for each in profile.organisations if each.is_own}
    if (terms.provider in own) == (terms.consumer in own):
        yield Refused("trust-agreement-parties")
    if not terms.areas or not set(terms.areas) <= {each.code for each in profile.areas}:
        yield Refused("trust-agreement-areas")
    if not terms.fields or len({(each.grain, each.name) for each in terms.fields}) != len(terms.fields):
        yield Refused("trust-agreement-fields")
    if terms.ends_on < terms.starts_on:
        yield Refused("trust-agreement-days")
    if min(terms.volume, terms.retention_days + 1, 1 if terms.exchanges is None else terms.exchanges) < 1:
        yield Refused("trust-agreement-numbers")
    yield from filter(None, (unfit(each, profile.dictionary) for each in terms.fields))
    yield from unfounded(terms)
