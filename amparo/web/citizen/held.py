"""What is held about somebody: each fact with its source, day and age, what it is for, and which programmes read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.cases.queries import categories
from amparo.cases.types import Kind
from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.kernel.messages import Message
from amparo.programmes.queries.own import programmes_reading
from amparo.registry.dictionary import Dictionary
from amparo.registry.own import OwnRecord, own_record
from amparo.registry.queries import dictionary
from amparo.registry.types import Fact
from amparo.web import belonging, presenting
from amparo.web.citizen.opening import mine, named
from amparo.web.citizen.start import whom
from amparo.web.citizen.told import told
from amparo.web.presenting import FactRow, worded


@dataclass(frozen=True)
class Held:
    """One fact, why it is kept, and the programmes whose rule reads it today. `about`: what a dispute of it names it by."""

    fact: FactRow
    about: str
    purpose: Message | str
    programmes: Sequence[Message | str]


@mine()
@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """What is known of the person."""
    record, words = own_record(by=request.by), dictionary()
    context = _told(request, record, words) | _person(record, words) | {"told": told(request)}
    return render(request, "web/mine_held.html", context)


@mine()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is known of the household, and who lives in it."""
    record, words = own_record(by=request.by), dictionary()
    if record.home is None:
        raise NotFound("registry-household-unknown")
    return render(request, "web/mine_home.html", _told(request, record, words) | _home(record, words))


def _told(request: HttpRequest, record: OwnRecord, words: Dictionary) -> dict[str, Any]:
    opened = {"whom": whom(request), "name": named(record.person, words), "number": record.person.number}
    return opened | {"correction": next((each.code for each in categories() if each.kind == Kind.CORRECTION), "")}


def _person(record: OwnRecord, words: Dictionary) -> dict[str, Any]:
    today = clock.today()
    return {
        "held": rows(record.person.facts, "person", words, on=today),
        "items": belonging.items(record.items, words, on=today),
        "identifiers": record.identifiers,
        "has_home": record.home is not None,
    }


def _home(record: OwnRecord, words: Dictionary) -> dict[str, Any]:
    today, home = clock.today(), record.home
    assert home is not None
    return {
        "home": home,
        "held": rows(home.facts, "household", words, on=today),
        "items": belonging.items(home.items, words, on=today),
        "members": [
            {
                "name": named(each, words),
                "relation": presenting.with_role(each.facts, "person", "relation_to_head", words),
                "is_child": each.relation.value == "child",
            }
            for each in home.members
        ],
    }


def rows(facts: Mapping[str, Fact], grain: str, words: Dictionary, *, on: date) -> list[Held]:
    """Return what is known of one person or household, in the dictionary's order."""
    readers = programmes_reading(on)
    return [
        Held(
            presenting.fact_row(facts[field.name], field, words, on=on),
            f"{grain}.{field.name}",
            worded(f"purpose-{field.purpose}", field.purpose),
            [worded(f"programme-{code}", code) for code in readers.get((grain, field.name), ())],
        )
        for field in words.of(grain)
        if field.name in facts
    ]
