"""Who used the record: when, which institution and role, what was done, why and on what ground."""

from datetime import UTC
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.kernel import clock, spreadsheets
from amparo.kernel.messages import Message, message
from amparo.profiles.languages import say, written
from amparo.profiles.lendable import WORDS
from amparo.trust.log.tracker import MOST, Action, Asked, How, Use, uses
from amparo.trust.queries import areas_by_id
from amparo.trust.types import OWN_RIGHT, ActorKind
from amparo.web import area_names
from amparo.web.agreed import lent_label
from amparo.web.citizen.opening import mine
from amparo.web.citizen.start import whom
from amparo.web.presenting import worded

AT_ONCE = 25
COLUMNS = ("when", "what", "data", "who", "why", "ground", "note")


@mine()
@require_safe
def looked(request: HttpRequest) -> HttpResponse:
    """A page of acts, the newest first; one's own looks only where they are asked for."""
    with_own = request.GET.get("own") == "1"
    skip = _skip(request)
    found = uses(Asked(with_own=with_own), by=request.by, skip=skip, at_most=AT_ONCE + 1)
    context = {
        "whom": whom(request),
        "lines": lines(found[:AT_ONCE], request.language),
        "with_own": with_own,
        "after": skip + AT_ONCE if len(found) > AT_ONCE else None,
        "is_first": skip == 0,
    }
    return render(request, "web/mine_looked.html", context)


def _skip(request: HttpRequest) -> int:
    """Return how many acts stand before this page; a mark that is none begins at the beginning."""
    mark = request.GET.get("after", "")
    return int(mark) if mark.isascii() and mark.isdigit() and len(mark) < 10 else 0


@mine()
@require_safe
def as_file(request: HttpRequest) -> HttpResponse:
    """The same as CSV: the thousand newest, one's own looks too."""
    found = lines(uses(Asked(), by=request.by, at_most=MOST), request.language)
    name = f'attachment; filename="who-looked-{clock.today().isoformat()}.csv"'
    answer = HttpResponse(content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})
    write = spreadsheets.writer(answer)
    write(say(f"web-mine-looked-{each}", request.language) for each in COLUMNS)
    for each in found:
        write(written(each[name] or "", request.language) for name in COLUMNS)
    return answer


def lines(found: list[Use], language: str) -> list[dict[str, Any]]:
    """Return each act in words, by column."""
    areas = areas_by_id(place for each in found for place in each.places)
    return [_line(each, areas, language) for each in found]


def _line(each: Use, areas: dict[int, Any], language: str) -> dict[str, Any]:
    return {
        "use": each,
        "when": each.at.astimezone(UTC).date() if each.how is How.OTHER else each.at,
        "what": each.words,
        "data": kind_words(each),
        "who": _who(each, areas, language),
        "why": _purpose(each),
        "ground": _ground(each),
        "note": _note(each),
    }


def kind_words(each: Use) -> Message:
    """Return which kind of data it was: fields where a partner was handed some, else by what was done."""
    if each.action is Action.HANDED_OVER and each.fields:
        keys = [name.partition(".") for name in each.fields]
        fields = [_field_words(grain, name) for grain, _, name in keys]
        return message("web-mine-looked-fields", fields=fields)
    return each.kind_words


def _field_words(grain: str, name: str) -> Message | str:
    return lent_label(grain, name) if grain in WORDS else worded(f"field-{grain.replace(':', '-')}-{name}", name)


def _who(each: Use, areas: dict[int, Any], language: str) -> Message | str:
    """Return institution and role, nobody's name: of whom the institution knows, the auditor can tell."""
    own = worded(each.institution_name, each.institution_name) if each.institution_name else message("web-mine-own")
    if each.how is How.OTHER or each.by_kind == ActorKind.PARTNER or each.action is Action.HANDED_OVER:
        return own
    if each.by_kind == ActorKind.CITIZEN:
        return message("web-mine-looked-citizen")
    if each.is_for_letter:
        return message("web-mine-looked-letter", institution=own)
    if each.by_kind == ActorKind.SYSTEM or not each.roles:
        return message("web-mine-looked-system", institution=own)
    role = message(f"trust-role-{each.roles[0].value}")
    places = [area_names.plain(areas[place], language) for place in each.places if place in areas]
    if places:
        return message("web-mine-looked-officer-in", institution=own, role=role, area=places[0])
    return message("web-mine-looked-officer", institution=own, role=role)


def _purpose(each: Use) -> Message | str:
    if each.purpose == OWN_RIGHT.purpose:
        return message("web-mine-looked-own-right")
    return worded(f"purpose-{each.purpose}", each.purpose) if each.purpose else ""


def _ground(each: Use) -> Message | str:
    if each.agreement:
        return message("web-mine-looked-agreement", agreement=worded(f"agreement-{each.agreement}", each.agreement))
    return worded(each.legal_basis, each.legal_basis) if each.legal_basis else ""


def _note(each: Use) -> Message | str:
    """Say of one of many that it was, and of an act that was shown late by whose order."""
    if each.delayed_until:
        return message("web-mine-looked-delayed", authority=each.delayed_by, day=each.delayed_until)
    if each.how is How.POPULATION:
        return message("web-mine-looked-population")
    return message("web-mine-looked-household") if each.how is How.HOUSEHOLD else ""
