"""Writing the profile's programmes and figures. What was believed before stays, so that past decisions keep their law."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from amparo.kernel import clock
from amparo.programmes import catalogue, contents, models
from amparo.programmes.config import ParameterConfig, ParameterValue, ProgrammeConfig, RuleVersion
from amparo.programmes.rulebook import compiled, compiled_keys, terms, version_hash
from amparo.registry.queries import dictionary
from amparo.rules.contents import ScoringModel, Table
from amparo.trust.actions import record
from amparo.trust.types import Actor, Event, Permission

OWNER = "owner"


@transaction.atomic(using=OWNER)
def install(
    programmes: Sequence[ProgrammeConfig],
    parameters: Sequence[ParameterConfig],
    *,
    by: Actor,
    tables: Sequence[Table] = (),
    scoring: Sequence[ScoringModel] = (),
) -> int:
    """Write programmes, their rules, figures, tables and models as the profile states them; return how many rows changed.

    Every rule is checked first: one that is refused (RuleRefused) leaves everything as it was. A version or value whose
    text changed is replaced, not overwritten. One whose meaning is the same stays, so that no decision is written anew
    for a space.
    """
    by = by.narrowed(Permission.INSTALL_PROFILE)
    stated = catalogue.contents(tables, scoring, programmes)
    figures, words = catalogue.parameters(parameters, stated), dictionary(using=OWNER)
    hashes = {
        (each.code, version.starts_on): version_hash(
            compiled(each, version, words, figures),
            compiled_keys(each.unit, version, words, figures),
            terms(version),
        )
        for each in programmes
        for version in each.versions
    }
    changed = _install_parameters(parameters) + contents.install(stated)
    changed += sum(_install_programme(each, position, hashes) for position, each in enumerate(programmes))
    changed += _withdraw(programmes)
    if changed:
        record(
            Event.PROGRAMMES_INSTALLED, by=by, using=OWNER, programmes=[each.code for each in programmes], rows=changed
        )
    return changed


def _install_parameters(parameters: Sequence[ParameterConfig]) -> int:
    changed = 0
    for each in parameters:
        stated = {"type": each.type.value, "unit": each.unit, "law": each.law}
        row, is_new = models.Parameter.objects.using(OWNER).get_or_create(name=each.name, defaults=stated)
        if not is_new and any(getattr(row, name) != value for name, value in stated.items()):
            models.Parameter.objects.using(OWNER).filter(name=each.name).update(**stated)
            changed += 1
        changed += is_new + _install_values(row, each.values)
    kept = [each.name for each in parameters]
    gone = models.ParameterValue.objects.using(OWNER).filter(replaced_at=None).exclude(parameter_id__in=kept)
    return changed + gone.update(replaced_at=clock.now())


def _install_values(parameter: models.Parameter, values: Sequence[ParameterValue]) -> int:
    rows = parameter.values.filter(replaced_at=None)
    held = {each.starts_on: (each.value, each.law) for each in rows}
    wanted = {each.starts_on: (_plain(each.value), each.law) for each in values}
    return _replace(rows, held, wanted) + _add(
        models.ParameterValue(parameter=parameter, starts_on=day, value=value, law=law, installed_at=clock.now())
        for day, (value, law) in wanted.items()
        if held.get(day) != (value, law)
    )


def _install_programme(programme: ProgrammeConfig, position: int, hashes: dict[tuple[str, date], str]) -> int:
    stated = {
        "unit": programme.unit.value,
        "position": position,
        "withdrawn_at": None,
        "procedure": programme.procedure.kept(),
    }
    row, is_new = models.Programme.objects.using(OWNER).get_or_create(code=programme.code, defaults=stated)
    if not is_new and any(getattr(row, name) != value for name, value in stated.items()):
        models.Programme.objects.using(OWNER).filter(id=row.id).update(**stated)
        is_new = True
    rows = row.rule_versions.filter(replaced_at=None)
    held = {each.starts_on: (each.hash, each.ends_on, each.law) for each in rows}
    wanted = {
        each.starts_on: (hashes[programme.code, each.starts_on], each.ends_on, each.law) for each in programme.versions
    }
    return (
        is_new
        + _replace(rows, held, wanted)
        + _add(
            _version(row, each, wanted[each.starts_on][0])
            for each in programme.versions
            if held.get(each.starts_on) != wanted[each.starts_on]
        )
    )


def _version(programme: models.Programme, version: RuleVersion, hash: str) -> models.RuleVersion:
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
    )


def _replace(rows, held: dict[date, Any], wanted: dict[date, Any]) -> int:
    """End those that are no longer stated in the same words."""
    gone = [day for day, stated in held.items() if wanted.get(day) != stated]
    return rows.filter(starts_on__in=gone).update(replaced_at=clock.now())


def _add(rows) -> int:
    added = list(rows)
    for each in added:
        each.save(using=OWNER, force_insert=True)
    return len(added)


def _withdraw(programmes: Sequence[ProgrammeConfig]) -> int:
    """Mark programmes that the profile no longer has; their decisions stay."""
    gone = models.Programme.objects.using(OWNER).filter(withdrawn_at=None)
    return gone.exclude(code__in=[each.code for each in programmes]).update(withdrawn_at=clock.now())


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
