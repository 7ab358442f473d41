"""Holds transitions against the country: their fields, programmes, schemes, categories and source."""

from collections.abc import Iterator

from amparo.cases.config import TransitionConfig, Trigger
from amparo.cases.types import Kind
from amparo.profiles.places import Problems
from amparo.profiles.reading.transitions import FILE
from amparo.profiles.types import Profile
from amparo.programmes.types import FeedKind
from amparo.registry.dictionary import Field, Type
from amparo.trust.types import FieldClass

Named = tuple[str, list[str], tuple[str, ...]]


def check(profile: Profile, problems: Problems) -> None:
    for each in profile.transitions:
        for key, known, named in _names(each, profile):
            for value in named:
                if value not in known:
                    problems.add(FILE, each.code, "profiles-value-unknown", key=key, value=value, known=known)
        if each.trigger is Trigger.FACT:
            _check_fact(each, profile, problems)
        elif each.trigger in (Trigger.AGE, Trigger.BORN) and not profile.dictionary.with_role("person", "birth_date"):
            problems.add(FILE, each.code, "profiles-transition-without-births")


def _names(each: TransitionConfig, profile: Profile) -> Iterator[Named]:
    """Yield what a transition names: the key, what there is, and what it says."""
    programmes = [programme.code for programme in profile.programmes]
    telling = [feed for feed in profile.feeds if feed.kind is FeedKind.BENEFITS]
    schemes = sorted({scheme for feed in telling for scheme in feed.schemes})
    kind = Kind.TRANSITION
    yield "ends", [*programmes, *schemes], each.ends
    yield "next", [*programmes, *schemes], each.next
    yield "told", schemes, each.told
    yield "category", [category.code for category in profile.categories if category.kind is kind], (each.category,)
    yield "source", [source.code for source in profile.sources], (each.source,)


def _check_fact(each: TransitionConfig, profile: Profile, problems: Problems) -> None:
    words = profile.dictionary
    known = [field.name for field in words.of("person") if _may_begin(field)]
    if each.field not in known:
        problems.add(FILE, each.code, "profiles-value-unknown", key="fact", value=each.field, known=known)
        return
    field = words["person", each.field]
    values = ["true", "false"] if field.type is Type.BOOLEAN else list(words.vocabulary(field.vocabulary or "").codes)
    if each.value not in values:
        problems.add(FILE, each.code, "profiles-value-unknown", key="value", value=each.value, known=values)


def _may_begin(field: Field) -> bool:
    """Whether a case may open by a field: yes or no or a code, and nothing that protects somebody."""
    return field.type in (Type.BOOLEAN, Type.CODE) and field.field_class is not FieldClass.PROTECTION
