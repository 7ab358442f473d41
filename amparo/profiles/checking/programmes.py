"""Checks every version of every rule, and every figure that rules read."""

from collections.abc import Collection

from amparo.cases.types import Kind
from amparo.kernel.errors import Refused
from amparo.profiles.cases import compiled, figures
from amparo.profiles.checking.coverage import parameters_read
from amparo.profiles.checking.performance import used_parameters
from amparo.profiles.checking.places import with_line
from amparo.profiles.checking.rankings import faults
from amparo.profiles.places import Problems
from amparo.profiles.reading.programmes import PARAMETERS
from amparo.profiles.types import Profile
from amparo.programmes.borrowing import Named, areas, borrowed, figures_in, named, tree
from amparo.programmes.catalogue import catalogue
from amparo.programmes.conditions import Condition
from amparo.programmes.config import ProgrammeConfig, RuleVersion
from amparo.programmes.enrolment import Collector, Order, Recertification
from amparo.programmes.inforce import InForce
from amparo.registry.attributes import AREA
from amparo.registry.lists import grain_of
from amparo.rules.check import check as check_rule
from amparo.rules.lower.names import plain
from amparo.rules.model.rule import PERSON_UNIT, ProgrammeRule

# Whom such a case concerns is told of it, and may answer.
VISITED = (Kind.QUALITY, Kind.CORRECTION, Kind.RECERTIFICATION, Kind.REFERRAL)


def check(profile: Profile, problems: Problems) -> None:
    used = used_parameters(profile) | parameters_read(profile)
    _parameters(profile, used, problems)
    broken = False
    for programme in profile.programmes:
        _enrolment(profile, programme, problems)
        refers = set[Named]()
        for condition in programme.conditions:
            read = _condition(profile, programme, condition, problems)
            used |= figures_in(read or ())
            refers |= read or set()
            broken = broken or read is None
        for version in programme.versions:
            read = _version(profile, programme, version, problems)
            used |= figures_in(read or ())
            refers |= read or set()
            broken = broken or read is None
        _borrowed(profile, programme, refers, problems)
    for parameter in profile.parameters:
        if parameter.name not in used and not broken:  # a rule that cannot be read might have used it
            problems.add(PARAMETERS, parameter.name, "profiles-parameter-unused", parameter=parameter.name)


def _parameters(profile: Profile, counted_by: Collection[str], problems: Problems) -> None:
    """Report figures of areas that the country has not, and those by which more than their area is counted."""
    codes = {each.code for each in profile.areas}
    for each in profile.parameters:
        if each.area is not None and each.area not in codes:
            problems.add(PARAMETERS, each.name, "profiles-parameter-area", area=each.area)
        elif each.area is not None and each.name in counted_by:
            problems.add(PARAMETERS, each.name, "profiles-parameter-of-area", parameter=each.name, area=each.area)


def _borrowed(profile: Profile, programme: ProgrammeConfig, refers: Collection[Named], problems: Problems) -> None:
    """Report what a programme refers to that another area decides by itself."""
    parents = {each.code: each.parent for each in profile.areas}
    of = {name: area for name, area in areas(profile.programmes, profile.parameters).items() if area in parents}
    for name in borrowed(of, programme.code, refers, tree(parents)):
        file = f"programmes/{programme.code}.toml"
        problems.add(file, name, "programmes-borrowed-from-area", programme=programme.code, name=name)


def _enrolment(profile: Profile, programme: ProgrammeConfig, problems: Problems) -> None:
    """Report an area that the country has not, an order by rank where nothing ranks, and heads that no field tells of."""
    file, terms = f"programmes/{programme.code}.toml", programme.enrolment
    if terms.area is not None and terms.area not in {each.code for each in profile.areas}:
        problems.add(file, "enrolment › area", "profiles-enrolment-area", area=terms.area)
    if terms.order is Order.RANK and not any(each.ranking for each in programme.versions):
        problems.add(file, "enrolment › order", "profiles-enrolment-unranked", programme=programme.code)
    if terms.collected_by is Collector.HEAD and not {"is_head", "relation_to_head"} & {
        f.role for f in profile.dictionary.fields
    }:
        problems.add(file, "enrolment › collected_by", "profiles-enrolment-headless", programme=programme.code)
    if terms.recertification is not None:
        _recertification(profile, programme, terms.recertification, problems)


def _recertification(profile: Profile, programme: ProgrammeConfig, stated: Recertification, problems: Problems) -> None:
    """Report a category or ground that is not there, one whose days are more than lie ahead, and one whose late cases nobody is handed."""
    file, place = f"programmes/{programme.code}.toml", "enrolment › recertification"
    kind = {each.code: each for each in profile.categories if each.kind is Kind.RECERTIFICATION}
    grounds = sorted(each.code for each in programme.enrolment.suspensions)
    for key, value, known in (("category", stated.category, sorted(kind)), ("suspension", stated.suspension, grounds)):
        if value and value not in known:
            problems.add(file, place, "profiles-value-unknown", key=key, value=value, known=known)
    category = kind.get(stated.category)
    if category is None:
        return
    if category.days > stated.days_ahead:
        given = {"category": category.code, "days": category.days, "ahead": stated.days_ahead}
        problems.add(file, place, "profiles-recertification-short", **given)
    if category.escalate_to is None:
        problems.add(file, place, "profiles-recertification-nobody", category=category.code)


def _condition(
    profile: Profile, programme: ProgrammeConfig, condition: Condition, problems: Problems
) -> set[Named] | None:
    """Report what a condition names that is not there; return what its rule refers to, or None where it is none."""
    file, place = f"programmes/{programme.code}.toml", f"condition {condition.code}"
    categories = sorted(each.code for each in profile.categories if each.kind in VISITED)
    grounds = sorted(each.code for each in programme.enrolment.suspensions)
    for key, value, known in (
        ("category", condition.category, categories),
        ("suspension", condition.suspension, grounds),
    ):
        if value and value not in known:
            problems.add(file, place, "profiles-value-unknown", key=key, value=value, known=known)
    try:
        return named(
            ProgrammeRule(check_rule(condition.whom, catalogue(profile.dictionary), figures(profile), PERSON_UNIT))
        )
    except Refused as refusal:
        problems.add_refusal(file, with_line(place, refusal), refusal)
        return None


def _version(
    profile: Profile, programme: ProgrammeConfig, version: RuleVersion, problems: Problems
) -> set[Named] | None:
    """Report what is wrong with one version; return what it refers to, or None where it is no rule."""
    file, place = f"programmes/{programme.code}.toml", f"version {version.starts_on}"
    try:
        rule = compiled(profile, programme, version)
    except Refused as refusal:
        problems.add_refusal(file, with_line(place, refusal), refusal)
        return None
    for id, values in faults(profile, version):
        problems.add(file, place, id, **values)
    for name in _limited_unread(rule):
        problems.add(file, place, "profiles-freshness-unread", field=name)
    late = sorted({each.name for each in rule.stated if each.place_on(version.starts_on) is None})
    for name in late:
        problems.add(file, place, "profiles-stated-late", name=name, day=version.starts_on)
    if late:
        return named(rule.rule, rule.keys, version)
    starts = {each.name: each.values[0].starts_on for each in profile.parameters}
    for name in sorted(rule.on(version.starts_on).parameters):
        if name in starts and starts[name] > version.starts_on:
            problems.add(file, place, "profiles-parameter-late", parameter=name, day=version.starts_on)
    return named(rule.rule, rule.keys, version)


def _limited_unread(rule: InForce) -> list[str]:
    """Return the fields with a limit of the programme's own that its rule does not read, or that are an area's."""
    read = {(grain_of(path), plain(name)) for path, name in rule.reads if path != AREA}
    return [".".join(key) for key in rule.limits if key not in read]
