"""Puts a household's file together: what was heard now, what is held, and what the registry was told, field by field.

Shape   answers, what is held and why some were not asked in; one `FileField` for each field that a source or the registry has
        something to say of, out
Nulls   as `combining` says; a source that was heard now is not quoted with its earlier word
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from amparo.kernel.messages import Message
from amparo.registry.dictionary import Dictionary, Field
from amparo.registry.types import Fact, HouseholdRecord, PersonRecord
from amparo.sources.combining import combined
from amparo.sources.planning import Plan
from amparo.sources.types import NOT_ASKED, Answer, Caching, FileField, FileValue, HouseholdFile, Reason


@dataclass(frozen=True)
class Heard:
    """What the sources said: (source, person) → answer; and who was asked at all."""

    answers: Mapping[tuple[str, UUID], Answer] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()


def filed(
    record: HouseholdRecord,
    plan: Plan,
    heard: Heard,
    not_covered: Mapping[str, Message],
    words: Dictionary,
    *,
    on: date,
) -> HouseholdFile:
    fields = {each.id: _person(each.id, plan, heard, record, words, on) for each in record.members}
    failed: dict[str, list[Reason]] = {}
    for (source, _), answer in heard.answers.items():
        reasons = [each for each in answer.reasons.values() if each not in NOT_ASKED]
        if reasons:
            failed[source] = list(dict.fromkeys([*failed.get(source, ()), *reasons]))
    return HouseholdFile(record, fields, sorted(heard.asked), not_covered, failed)


def _person(
    person: UUID, plan: Plan, heard: Heard, record: HouseholdRecord, words: Dictionary, on: date
) -> list[FileField]:
    found = []
    for each in words.of("person"):
        if each.field_class not in record.classes or each.is_sealed:
            continue
        said, missing = _said(each, person, plan, heard), _missing(each.name, person, plan, heard)
        if said or missing:
            yielding = {
                source
                for source, config in plan.configs.items()
                if any(one.name == each.name and one.yields for one in config.attributes)
            }
            found.append(combined(each, said, missing, yielding=yielding, on=on))
    return found


def _said(of: Field, person: UUID, plan: Plan, heard: Heard) -> list[FileValue]:
    """Return what each source says of a field, once: now, or in what is kept of it, or in what it told the registry."""
    found: dict[str, FileValue] = {}
    for each in plan.said.get(person, {}).get(of.name, ()):
        if not _is_heard_anew(each.source, of.name, person, heard):
            found[each.source] = _as_said(each)
    for (source, whose), values in plan.kept.items():
        if whose == person and of.name in values:
            found[source] = values[of.name]
    for (source, whose), answer in heard.answers.items():
        if whose == person and of.name in answer.values:
            found[source] = FileValue(
                answer.values[of.name],
                source,
                answer.observed_on,
                is_asked_now=True,
                caching=plan.configs[source].attribute(of.name).caching,
                valid_until=answer.observed_on and of.valid_until(answer.observed_on),
            )
    return list(found.values())


def _is_heard_anew(source: str, name: str, person: UUID, heard: Heard) -> bool:
    """Whether a source was asked to say it anew: then its earlier word is not quoted in the new one's stead."""
    answer = heard.answers.get((source, person), Answer())
    return name in answer.values or answer.reasons.get(name, Reason.NOT_COVERED) not in NOT_ASKED


def _as_said(fact: Fact) -> FileValue:
    return FileValue(
        fact.value,
        fact.source,
        fact.observed_on,
        caching=Caching.OBSERVATION,
        valid_until=fact.valid_until,
        is_outlived=fact.conflict,
    )


def _missing(name: str, person: UUID, plan: Plan, heard: Heard) -> dict[str, Reason]:
    missing = {
        source: answer.reasons[name]
        for (source, whose), answer in heard.answers.items()
        if whose == person and name in answer.reasons
    }
    for source, whose in plan.without_key:
        if whose == person and any(each.name == name for each in plan.configs[source].attributes):
            missing[source] = Reason.NO_KEY
    return missing


def as_record(file: HouseholdFile) -> HouseholdRecord:
    """Return the household as rules read it, with the file's values in the place of the registry's; unknown is absent."""
    members = [replace(each, facts=_facts(each, file.fields.get(each.id, ()))) for each in file.record.members]
    return replace(file.record, members=members)


def _facts(member: PersonRecord, fields: Sequence[FileField]) -> dict[str, Fact]:
    found = {name: each for name, each in member.facts.items() if name not in {one.name for one in fields}}
    for each in fields:
        if each.value is not None and each.value.observed_on is not None:
            value = each.value
            found[each.name] = Fact(
                each.name, value.value, value.source, value.observed_on, value.valid_until, bool(each.losing)
            )
    return found
