"""Who uses what: the programmes whose rules read a field."""

from collections import defaultdict
from dataclasses import replace

from amparo.kernel.errors import Refused
from amparo.profiles.cases import compiled
from amparo.profiles.types import Profile
from amparo.programmes.catalogue import dictionary_field
from amparo.registry.dictionary import Vocabulary


def programmes_reading(profile: Profile) -> dict[tuple[str, str], tuple[str, ...]] | None:
    """Return (grain, field) of the dictionary → codes of programmes that read it.

    None where some rule is refused: what it would read is not known, so nothing can be called unused.
    """
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for programme in profile.programmes:
        for version in programme.versions:
            try:
                rule = compiled(profile, programme, version)
            except Refused:
                return None  # `checking.programmes` says what is wrong with it
            for read in rule.reads:
                if field := dictionary_field(read):
                    found[field][programme.code] = None
    return {field: tuple(codes) for field, codes in found.items()}


def with_every_vocabulary(profile: Profile) -> Profile:
    """Return the profile as if each vocabulary that a field names were there: one that is not is said once, not per rule."""
    words = profile.dictionary
    known = {each.name for each in words.vocabularies}
    lost = dict.fromkeys(each.vocabulary for each in words.fields if each.vocabulary not in known)
    added = tuple(Vocabulary(name, ()) for name in lost if name is not None)
    return replace(profile, dictionary=replace(words, vocabularies=(*words.vocabularies, *added), _by_key={}))
