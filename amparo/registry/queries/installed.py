"""What is installed: the dictionary, the profile, sources and boundaries. Nobody is in these."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from django.db import connections

from amparo.kernel.errors import NotFound, Refused
from amparo.registry.dictionary import Dictionary, Field, ListDefinition, Type, Vocabulary
from amparo.registry.models import Boundary, FieldDefinition, Setting, Source
from amparo.registry.schemes import scheme_of
from amparo.trust.types import FieldClass


def dictionary(*, using: str = "default") -> Dictionary:
    """Return the installed dictionary; read once per process and version."""
    with connections[using].cursor() as cursor:  # of every request: its version alone, which is short
        cursor.execute("SELECT value->>'version' FROM registry_setting WHERE name = 'dictionary'")
        found = cursor.fetchone()
    if found is None:
        raise NotFound("registry-no-dictionary")
    return _dictionary(found[0], using)


@cache
def _dictionary(version: str, using: str) -> Dictionary:
    stated = Setting.objects.using(using).get(name="dictionary").value
    definitions = FieldDefinition.objects.using(using).order_by("position").values_list("definition", flat=True)
    return Dictionary(
        fields=tuple(_field(each) for each in definitions),
        vocabularies=tuple(Vocabulary(name, tuple(codes)) for name, codes in stated["vocabularies"].items()),
        currency=stated["currency"],
        decimals=stated["decimals"],
        version=version,
        schemes=tuple(scheme_of(each) for each in stated.get("schemes", ())),
        lists=tuple(
            ListDefinition(**(each | {"complete_in": tuple(each["complete_in"])})) for each in stated.get("lists", ())
        ),
        sources=tuple(stated.get("sources", ())),
        groups=tuple(stated.get("groups", ())),
        majority=stated.get("majority"),
    )


def _field(stored: dict[str, Any]) -> Field:
    kind = Type(stored["type"])
    limits = {
        name: date.fromisoformat(stored[name]) if kind is Type.DATE else stored[name]
        for name in ("minimum", "maximum")
        if name in stored
    }
    named = {"type": kind, "field_class": FieldClass(stored["field_class"])}
    lists = {name: tuple(stored.get(name, ())) for name in ("precedence", "used_by")}
    return Field(**(stored | named | limits | lists))


def installed_profile(*, using: str = "default") -> tuple[str, str] | None:
    """Return the code of the country and the digest of its folder that is installed whole; None where none is."""
    held = Setting.objects.using(using).filter(name="profile").values_list("value", flat=True).first()
    return held and tuple(held)


def sources(*, using: str = "default") -> dict[str, int]:
    """Return source code → id."""
    return dict(Source.objects.using(using).values_list("code", "id"))


def own_word() -> str:
    """Return the source as whose word it counts what people say of themselves: the first of its kind in the country.

    What they say of their own accord, or else what they tell an enumerator. Raises Refused where the country names neither.
    """
    rows = dict(Source.objects.order_by("-rank", "-code").values_list("kind", "code"))
    found = rows.get("declared") or rows.get("survey")
    if found is None:
        raise Refused("registry-no-own-word")
    return found


def boundaries(area_ids: Iterable[int]) -> dict[int, Any]:
    """Return area id → GeoJSON geometry, for the areas that have one."""
    return dict(Boundary.objects.filter(area_id__in=list(area_ids)).values_list("area_id", "geometry"))
