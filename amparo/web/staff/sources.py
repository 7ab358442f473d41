"""Other institutions' databases: what each says of a household, asked now, and how each stands."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from amparo.kernel import clock
from amparo.kernel.messages import Message, message
from amparo.programmes.queries import WouldDecide, decided_with
from amparo.registry import queries as registry
from amparo.registry.dictionary import Dictionary, Field
from amparo.registry.types import HouseholdRecord
from amparo.sources import queries
from amparo.sources.actions import open_file
from amparo.sources.types import ConnectionState, Drafting, FileField, FileValue, HouseholdFile
from amparo.trust.grounds.agreements import organisations
from amparo.trust.queries import area_of_number
from amparo.trust.types import Permission
from amparo.web import grouping, presenting
from amparo.web.access import page
from amparo.web.reach import above_in_reach


@page(Permission.ASK_SOURCES, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def household_file(request: HttpRequest, id: UUID) -> HttpResponse:
    """What would be asked of whom; sent, what they answered. It is in no session and on no page but this."""
    if request.method != "POST":
        record, foreseen = queries.foreseen(id, by=request.by, under=request.under, on=clock.today())
        names = owners()
        lines = [{"foreseen": each, "owner": names.get(each.connection.owner)} | _labels(each) for each in foreseen]
        return render(request, "web/household_file.html", _whereabouts(request, record) | {"foreseen": lines})
    file = open_file(id, by=request.by, under=request.under, on=clock.today())
    words = registry.dictionary()
    context = _whereabouts(request, file.record) | {
        "file": file,
        "asked": [source_named(each) for each in file.asked],
        "failed": [{"source": source_named(each), "reasons": why} for each, why in file.failed.items()],
        "not_covered": [{"source": source_named(each), "why": why} for each, why in file.not_covered.items()],
        "people": [_person(each.id, name, file, words) for each, name in _people(file.record, words)],
        "decided": _decided(request, file, words),
    }
    return render(request, "web/household_file.html", context)


def _labels(foreseen: queries.Foreseen) -> dict[str, Any]:
    return {
        "source": source_named(foreseen.connection.source),
        "fields": [presenting.worded(f"field-person-{each}", each) for each in foreseen.fields],
    }


def source_named(code: str) -> Message | str:
    return presenting.worded(f"source-{code}", code)


def owners() -> dict[str, str]:
    return dict(organisations().values_list("code", "name"))


def _whereabouts(request: HttpRequest, record: HouseholdRecord) -> dict[str, Any]:
    place = area_of_number(record.area_number)
    above = [*above_in_reach(request.by, place), place] if place else []
    return {"household": record, "place": place, "above": above}


def _people(record: HouseholdRecord, words: Dictionary) -> list[tuple[Any, Message | str]]:
    return [
        (each, presenting.full_name(each.facts, words) or message("web-person-numbered", number=str(each.number)))
        for each in record.members
    ]


def _person(person: UUID, name: Message | str, file: HouseholdFile, words: Dictionary) -> dict[str, Any]:
    """Return what an institution told of somebody, or would have, and apart from it what only the registry knows."""
    fields: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for each in file.fields[person]:
        fields[_is_told(each)].append(line_told(each, words["person", each.name], words))
    return {"name": name, "asked": fields[True], "others": fields[False]}


def _is_told(each: FileField) -> bool:
    """Whether more is to be said of a field than what the registry holds."""
    is_of_others = each.value is not None and (each.value.is_asked_now or each.value.caching is not None)
    return is_of_others or bool(each.missing) or bool(each.losing)


def line_told(each: FileField | None, field: Field, words: Dictionary) -> dict[str, Any]:
    """Return one field as a page shows it: the value that holds, why others do not, and who did not tell."""
    each = each or FileField(field.name)
    return {
        "label": presenting.worded(field.label_id, field.name),
        "unit": presenting.unit(field),
        "value": each.value and _told(each.value, field, words),
        "missing": [{"source": source_named(source), "why": why.words} for source, why in each.missing.items()],
        "losing": [_told(value, field, words) | {"why": why.words} for value, why in each.losing],
    }


def _told(value: FileValue, field: Field, words: Dictionary) -> dict[str, Any]:
    day = value.observed_on
    return {
        "value": presenting.presentable(value.value, field, words),
        "source": source_named(value.source),
        "day": day,
        "age": day and presenting.ago(day, clock.today()),
        "is_asked_now": value.is_asked_now,
        "caching": value.caching and value.caching.words,
    }


def _decided(request: HttpRequest, file: HouseholdFile, words: Dictionary) -> list[dict[str, Any]]:
    """Return what programmes would decide on these values, for whoever may read decisions."""
    if not request.actor.has(Permission.READ_DECISION):
        return []
    names: dict[UUID, Message | str] = {each.id: name for each, name in _people(file.record, words)}
    groups = {each.id: grouping.named(each.kind, [names[id] for id in each.persons]) for each in file.record.groups}
    found = decided_with(file, by=request.by, under=request.under, on=clock.today())
    return [_would(each, names | groups, words) for each in found]


def _would(each: WouldDecide, names: Mapping[UUID, Message | str], words: Dictionary) -> dict[str, Any]:
    return {
        "would": each,
        "amount": presenting.money(each.amount, words),
        "whom": names.get(each.unit_id),
        "because": [{"source": source_named(source), "why": why.words} for source, why in each.because.items()],
    }


@page(Permission.READ_AGREEMENT)
@require_safe
def all_sources(request: HttpRequest) -> HttpResponse:
    """Every source that is asked, with whose it is, what it tells, on what ground, and when it last answered and failed."""
    names = owners()
    lines = [_standing(each, names) for each in queries.connection_states(by=request.by)]
    return render(request, "web/sources.html", {"sources": lines})


def _standing(each: ConnectionState, names: Mapping[str, str]) -> dict[str, Any]:
    config, now = each.connection, clock.now()
    words = registry.dictionary()
    return {
        "state": each,
        "source": source_named(config.source),
        "owner": names.get(config.owner, config.owner),
        "cost": presenting.money(config.cost, words),
        "fields": [
            {"label": presenting.worded(f"field-person-{one.name}", one.name), "caching": one.caching.words}
            for one in config.attributes
        ],
        "updates": _updates(each) if config.updates else None,
        "drafting": message(f"web-sources-{each.drafting.value}"),
        "is_drafted": each.drafting is Drafting.DRAFTED,
        "is_of_pages": each.drafting is Drafting.LIVE,
        "is_resting": each.resting_until is not None and each.resting_until > now,
        "is_failing": each.failures > 0,
    }


def _updates(each: ConnectionState) -> dict[str, Any]:
    """Return what a source tells by itself: by which road, what came last, and what was refused, by reason; of nobody."""
    config, state = each.connection.updates, each.updates
    assert config is not None
    return {
        "road": config.road.words,
        "what": [kind.happening.words for kind in config.kinds],
        "last": state.last and state.last.words,
        "last_at": state.last_at,
        "taken": state.taken,
        "within": state.within_seconds,
        "refused": [{"why": one.reason.words, "times": one.times, "at": one.last_at} for one in state.refused],
    }
