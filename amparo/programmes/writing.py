"""Writes versions of rules, figures, tables and models: replaced where they differ, never overwritten. Its callers record.

Errors  RuleRefused for the first rule that is none; nothing is written before every one was checked
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connections

from amparo.kernel import clock
from amparo.programmes import catalogue, contents, models
from amparo.programmes.borrowing import Named, named
from amparo.programmes.config import ParameterConfig, ProgrammeConfig, RuleVersion
from amparo.programmes.local import expect_own
from amparo.programmes.rulebook import compiled, compiled_condition, compiled_keys, terms, version_hash
from amparo.programmes.standing import PARAMETER, RULE, Key, Standing
from amparo.registry.queries import dictionary

WRITING_LOCK = 7266_03

Hashes = Mapping[tuple[str, date], str]


def checked(stated: Standing, *, using: str) -> Hashes:
    """Return the hash of every version of every rule.

    Raises RuleRefused for the first that is none, and Refused for one that borrows from an area (`local`).
    """
    figures, words = stated.figures, dictionary(using=using)
    hashes = {}
    for programme in stated.programmes:
        refers = set[Named]()
        for condition in programme.conditions:
            refers |= named(compiled_condition(condition, words, figures))
        for version in programme.versions:
            rule = compiled(programme, version, words, figures)
            keys = compiled_keys(programme.unit, version, words, figures)
            refers |= named(rule, keys, version)
            hashes[programme.code, version.starts_on] = version_hash(rule, keys, terms(version))
        expect_own(stated, programme.code, refers, using=using)
    return hashes


def write(stated: Standing, hashes: Hashes, drafts: Mapping[Key, Any], *, using: str) -> int:
    """Replace what differs from what is stated, and nothing else; return how many rows changed."""
    # Two who install or publish at once would each write what the other has not seen.
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITING_LOCK])
    changed = contents.install(catalogue.contents(stated.tables, stated.models, ()), drafts, using=using)
    changed += sum(_install_values(each, drafts, using) for each in stated.parameters)
    gone = models.ParameterValue.objects.using(using).filter(replaced_at=None)
    changed += gone.exclude(parameter_id__in=stated.names(PARAMETER)).update(replaced_at=clock.now())
    return changed + sum(_install_versions(each, hashes, drafts, using) for each in stated.programmes)


def _install_values(parameter: ParameterConfig, drafts: Mapping[Key, Any], using: str) -> int:
    rows = models.ParameterValue.objects.using(using).filter(parameter_id=parameter.name, replaced_at=None)
    held = {each.starts_on: (each.value, each.law) for each in rows}
    wanted = {each.starts_on: (_plain(each.value), each.law) for each in parameter.values}
    return _replace(rows, held, wanted) + _add(
        (
            models.ParameterValue(
                parameter_id=parameter.name,
                starts_on=day,
                value=value,
                law=law,
                installed_at=clock.now(),
                draft_id=drafts.get((PARAMETER, parameter.name, day)),
            )
            for day, (value, law) in wanted.items()
            if held.get(day) != (value, law)
        ),
        using,
    )


def _install_versions(programme: ProgrammeConfig, hashes: Hashes, drafts: Mapping[Key, Any], using: str) -> int:
    row = models.Programme.objects.using(using).get(code=programme.code)
    rows = row.rule_versions.filter(replaced_at=None)
    held = {each.starts_on: (each.hash, each.ends_on, each.law) for each in rows}
    wanted = {
        each.starts_on: (hashes[programme.code, each.starts_on], each.ends_on, each.law) for each in programme.versions
    }
    return _replace(rows, held, wanted) + _add(
        (
            _version(row, each, wanted[each.starts_on][0], drafts.get((RULE, programme.code, each.starts_on)))
            for each in programme.versions
            if held.get(each.starts_on) != wanted[each.starts_on]
        ),
        using,
    )


def _version(programme: models.Programme, version: RuleVersion, hash: str, draft: Any) -> models.RuleVersion:
    return models.RuleVersion(
        programme=programme,
        rule=version.rule,
        amount=version.amount,
        terms=terms(version),
        hash=hash,
        law=version.law,
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        installed_at=clock.now(),
        draft_id=draft,
    )


def _replace(rows, held: dict[date, Any], wanted: dict[date, Any]) -> int:
    """End those that are no longer stated in the same words."""
    gone = [day for day, stated in held.items() if wanted.get(day) != stated]
    return rows.filter(starts_on__in=gone).update(replaced_at=clock.now())


def _add(rows, using: str) -> int:
    added = list(rows)
    for each in added:
        each.save(using=using, force_insert=True)
    return len(added)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
