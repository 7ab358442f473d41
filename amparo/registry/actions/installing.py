"""Writes what a profile states: sources, fields, precedence, boundaries and what is stated of areas."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.registry import facts, queries
from amparo.registry.dictionary import Dictionary
from amparo.registry.models import (
    AreaAttribute,
    Boundary,
    FieldDefinition,
    Precedence,
    Setting,
    Source,
)
from amparo.registry.types import AttributeConfig, SourceConfig
from amparo.trust.log.recording import record
from amparo.trust.queries import area_numbers
from amparo.trust.types import Actor, Event


@transaction.atomic(using="owner")
@transaction.atomic(using="owner")
def install_sources(sources: Sequence[SourceConfig], *, by: Actor) -> None:
    """Write the profile's sources, where they differ from what is held."""
    held = set(Source.objects.using("owner").values_list("code", "kind", "rank"))
    if {(each.code, str(each.kind), each.rank) for each in sources} <= held:
        return
    Source.objects.using("owner").bulk_create(
        [Source(code=each.code, kind=each.kind, rank=each.rank) for each in sources],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["kind", "rank"],
    )
    record(Event.SOURCES_INSTALLED, by=by, using="owner", sources=len(sources))


@transaction.atomic(using="owner")
def install_dictionary(dictionary: Dictionary, *, by: Actor) -> None:
    """Make the fact tables fit the dictionary, and keep it where the database's statements read it.

    Does nothing where this version is installed. Raises Refused where a field changed its type, or where its values are from
    now on to be sealed, or no more, and some were taken in already.
    """
    held = Setting.objects.using("owner").filter(name="dictionary").first()
    if held and held.value["version"] == dictionary.version:
        return
    if held:
        before = queries.dictionary(using="owner")
        facts.expect_as_sealed(dictionary, {(each.grain, each.name): each.is_sealed for each in before.fields})
    facts.install_tables(dictionary)
    FieldDefinition.objects.using("owner").all().delete()
    Precedence.objects.using("owner").all().delete()
    FieldDefinition.objects.using("owner").bulk_create(
        FieldDefinition(
            grain=each.grain,
            name=each.name,
            definition=facts.definition(each),
            position=position,
            valid_days=each.valid_days,
        )
        for position, each in enumerate(dictionary.fields)
    )
    _install_precedence(dictionary)
    stated = {
        "version": dictionary.version,
        "currency": dictionary.currency,
        "decimals": dictionary.decimals,
        "vocabularies": {each.name: list(each.codes) for each in dictionary.vocabularies},
        "schemes": [asdict(each) for each in dictionary.schemes],
        "lists": [asdict(each) for each in dictionary.lists],
        "sources": dictionary.sources,
        "groups": dictionary.groups,
        "majority": dictionary.majority,
    }
    Setting.objects.using("owner").update_or_create(name="dictionary", defaults={"value": stated})
    record(Event.DICTIONARY_INSTALLED, by=by, using="owner", version=dictionary.version, fields=len(dictionary.fields))


def _install_precedence(dictionary: Dictionary) -> None:
    ids = queries.sources(using="owner")
    named = [(field, rank, code) for field in dictionary.fields for rank, code in enumerate(field.precedence)]
    for field, _, code in named:
        if code not in ids:
            raise Refused("registry-source-unknown", source=code, field=field.name)
    Precedence.objects.using("owner").bulk_create(
        Precedence(grain=field.grain, field=field.name, source_id=ids[code], rank=rank) for field, rank, code in named
    )


@transaction.atomic(using="owner")
def install_boundaries(geometries: Mapping[str, Any], *, by: Actor) -> None:
    """Write area code → GeoJSON geometry."""
    known = area_numbers()
    if unknown := sorted(set(geometries) - set(known)):
        raise Refused("trust-area-unknown", area=unknown[0])
    Boundary.objects.using("owner").bulk_create(
        [Boundary(area_id=known[code][0], geometry=geometry) for code, geometry in geometries.items()],
        update_conflicts=True,
        unique_fields=["area_id"],
        update_fields=["geometry"],
    )
    record(Event.BOUNDARIES_INSTALLED, by=by, using="owner", areas=len(geometries))


@transaction.atomic(using="owner")
def install_attributes(attributes: Sequence[AttributeConfig], *, by: Actor) -> int:
    """Write what is stated of areas; return how many rows changed. A value that is gone or differs is ended, not overwritten."""
    known, words = area_numbers(), queries.dictionary(using="owner")
    if unknown := sorted({each.area for each in attributes} - set(known)):
        raise Refused("trust-area-unknown", area=unknown[0])
    wanted = {
        (known[each.area][0], each.field, each.starts_on): (words["area", each.field].stored(each.value), each.source)
        for each in attributes
    }
    rows = AreaAttribute.objects.using("owner").filter(replaced_at=None)
    held = {(each.area_id, each.field, each.starts_on): each for each in rows}
    gone = [each.id for at, each in held.items() if wanted.get(at) != (each.value, each.source)]
    added = [at for at in wanted if at not in held or held[at].id in gone]
    rows.filter(id__in=gone).update(replaced_at=clock.now())
    AreaAttribute.objects.using("owner").bulk_create(
        AreaAttribute(
            area_id=area,
            field=field,
            starts_on=day,
            value=wanted[area, field, day][0],
            source=wanted[area, field, day][1],
            installed_at=clock.now(),
        )
        for area, field, day in added
    )
    if changed := len(gone) + len(added):
        record(Event.ATTRIBUTES_INSTALLED, by=by, using="owner", rows=changed)
    return len(gone) + len(added)


@transaction.atomic(using="owner")
def note_profile(code: str, digest: str, *, by: Actor) -> None:
    """Note which country, in which state of its folder, is installed whole (`queries.installed_profile`)."""
    if queries.installed_profile(using="owner") == (code, digest):
        return
    Setting.objects.using("owner").update_or_create(name="profile", defaults={"value": [code, digest]})
    record(Event.PROFILE_INSTALLED, by=by, using="owner", code=code, digest=digest)
