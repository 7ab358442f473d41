"""Registering one household: who lives there, what other institutions know of them, and what only they can say (REG-1, REG-3).

What is shown and may be kept nowhere is in the page alone: the form that is sent back says that it was told, by whom, and
not what.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amparo.cases.actions import complete
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.messages import Message, message
from amparo.programmes.queries.own import programmes_reading
from amparo.registry import finding
from amparo.registry import queries as registry
from amparo.registry.actions import register
from amparo.registry.dictionary import Dictionary
from amparo.registry.types import HouseholdRecord
from amparo.sources import queries
from amparo.sources.actions import open_file
from amparo.sources.filing import as_record
from amparo.sources.types import Caching, HouseholdFile
from amparo.trust.covering import Direction
from amparo.trust.grounds.agreements import flows_about
from amparo.trust.queries import area_of_number
from amparo.trust.types import Permission
from amparo.web import presenting, refusals
from amparo.web.access import page
from amparo.web.reach import above_in_reach, place_in_reach
from amparo.web.registration_forms import ROWS, Asked, PeopleForm, Reads, RegistrationForm, asked_of
from amparo.web.staff.sources import line_told, owners, source_named

MORE = "more"


@page(Permission.REGISTER, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Who lives in a home that is to be registered in an area, with the numbers that they show."""
    place, rows = place_in_reach(request.by, code), _rows(request)
    is_sent = request.method == "POST" and request.POST.get("act") != MORE
    form = PeopleForm(request.POST if request.method == "POST" else None, words=registry.dictionary(), rows=rows)
    held: list[tuple[UUID, str]] = []
    refusal = None
    if is_sent and form.is_valid():
        held = _held(request, form)
        try:
            if not form.errors:
                return redirect("household-registration", id=_registered(request, code, form))
        except Refused as refused:
            if isinstance(refused, NotFound):
                raise
            refusal = refusals.in_words(request, refused)
    context = {
        "place": place,
        "above": [*above_in_reach(request.by, place), place],
        "form": form,
        "rows": rows,
        "held": held,
        "is_wrong": is_sent and bool(form.errors or refusal),
        "refusal": refusal,
    }
    return render(request, "web/register.html", context, status=400 if context["is_wrong"] else 200)


def _rows(request: HttpRequest) -> int:
    """Return for how many people the form has room."""
    told = request.POST.get("rows", "")
    rows = int(told) if told.isascii() and told.isdigit() and len(told) < 3 else ROWS
    return rows + (request.POST.get("act") == MORE)


def _held(request: HttpRequest, form: PeopleForm) -> list[tuple[UUID, str]]:
    """Return the homes in reach of whoever is registered already with one of these numbers."""
    found: dict[UUID, str] = {}
    ground = {"by": request.actor.narrowed(Permission.FIND), "under": request.under}
    for row, numbers in zip(form.filled, form.numbers, strict=True):
        for scheme, number in numbers.items():
            for each in finding.find_by_identifier(scheme, number, **ground):
                form.add_error(f"{row}_{scheme}", "web-register-number-held")
                if each.household_id:
                    found[each.household_id] = each.name
    return list(found.items())


def _registered(request: HttpRequest, code: str, form: PeopleForm) -> UUID:
    return register(
        code,
        values={},
        members=form.members,
        numbers=form.numbers,
        source=registry.own_word(),
        by=request.by,
        on=clock.today(),
        under=request.under,
    )


@page(Permission.REGISTER, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: HttpRequest, id: UUID) -> HttpResponse:
    """The form with what is held already; sent, what the household says of itself and disputes is written down."""
    file, foreseen = queries.held_file(id, by=request.by, under=request.under, on=clock.today())
    if request.method != "POST":
        return _shown(request, file, _form(request, file), foreseen)
    form = _form(request, file, sent=request.POST)
    refusal = None
    if form.is_valid():
        try:
            disputes = form.disputes(_head(file.record))
            complete(id, form.told, disputes, by=request.actor, on=clock.today(), under=request.under)
            return redirect("household", id=id)
        except Refused as refused:
            if isinstance(refused, NotFound):
                raise
            refusal = refusals.in_words(request, refused)
    return _shown(request, file, form, foreseen, refusal=refusal)


def _head(record: HouseholdRecord) -> UUID:
    if not record.members:
        raise NotFound("registry-person-unknown")
    return record.members[0].id


@page(Permission.ASK_SOURCES, personal=True)
@require_POST
def ask(request: HttpRequest, id: UUID) -> HttpResponse:
    """The same form, with what every source answers that may be asked: each value with its source and day."""
    request.actor.narrowed(Permission.REGISTER)
    file = open_file(id, by=request.by, under=request.under, on=clock.today())
    return _shown(request, file, _form(request, file))


def _form(request: HttpRequest, file: HouseholdFile, sent: QueryDict | None = None) -> RegistrationForm:
    words, today = registry.dictionary(), clock.today()
    fields = set(programmes_reading(today))
    fields |= {("person", each.name) for config in queries.connections() for each in config.attributes}
    reads = Reads(fields, registry.own_word(), None if sent is None else _stood(sent, words))
    return RegistrationForm(sent, asked_of(file, words, reads, on=today), words=words, language=request.language)


def _stood(sent: QueryDict, words: Dictionary) -> dict[str, str]:
    """Return key → source of what stood on the page that is sent back: whose word it was, and never what."""
    named = (each.partition(":") for each in sent.getlist("shown"))
    return {key: source for key, _, source in named if source in words.sources}


def _shown(
    request: HttpRequest,
    file: HouseholdFile,
    form: RegistrationForm,
    foreseen: Sequence[queries.Foreseen] = (),
    *,
    refusal: dict[str, str] | None = None,
) -> HttpResponse:
    words, record = registry.dictionary(), file.record
    place = area_of_number(record.area_number)
    lines = [_line(each, form, words) for each in form.asked]
    context = {
        "household": record,
        "place": place,
        "above": [*above_in_reach(request.by, place), place] if place else [],
        "form": form,
        "refusal": refusal,
        "parts": _parts(as_record(file), lines, words),
        "filled": sum(each["is_filled"] for each in lines),
        "fields": len(lines),
        "failed": [{"source": source_named(each), "reasons": why} for each, why in file.failed.items()],
        "not_covered": [{"source": source_named(each), "why": why} for each, why in file.not_covered.items()],
        "asking": _asking(record, foreseen, words),
    }
    return render(request, "web/registration.html", context, status=400 if form.errors or refusal else 200)


def _asking(record: HouseholdRecord, foreseen: Sequence[queries.Foreseen], words: Dictionary) -> list[dict[str, Any]]:
    """Return what each source would be asked and on which ground, and of whom their consent is needed."""
    flows = {each.code: each for each in flows_about(record.area_number, on=clock.today(), direction=Direction.IN)}
    names = owners()
    return [
        {
            "foreseen": each,
            "owner": names.get(each.connection.owner),
            "source": source_named(each.connection.source),
            "fields": [presenting.worded(f"field-person-{one}", one) for one in each.fields],
            "flow": flows.get(each.connection.agreement),
            "people": _people(record, words),
        }
        for each in foreseen
        if each.fields
    ]


def _people(record: HouseholdRecord, words: Dictionary) -> list[tuple[UUID, Message | str]]:
    return [
        (each.id, presenting.full_name(each.facts, words) or message("web-person-numbered", number=str(each.number)))
        for each in record.members
    ]


def _parts(record: HouseholdRecord, lines: list[dict[str, Any]], words: Dictionary) -> list[dict[str, Any]]:
    """Return the form by whom it is about, the home first: what is known, and what is asked."""
    found = []
    for id, name in [(record.id, message("web-registration-home")), *_people(record, words)]:
        own = [each for each in lines if each["entity"] == id]
        known, open_ = ([each for each in own if each["is_filled"] is filled] for filled in (True, False))
        if own:
            found.append({"name": name, "known": known, "open": open_})
    return found


def _line(each: Asked, form: RegistrationForm, words: Dictionary) -> dict[str, Any]:
    """Return one field as the page shows it, with the inputs in which it is answered or disputed."""
    why = f"{each.key}_why"
    return line_told(each.known, each.field, words) | {
        "key": each.key,
        "entity": each.entity,
        "is_filled": bool(each.source),
        "is_uncached": bool(each.value and each.value.caching is Caching.NONE),
        "told_by": source_named(each.told_by) if each.told_by else "",
        "shown": f"{each.key}:{each.source}" if each.source else "",
        "answer": form[each.key],
        "why": form[why] if why in form.fields else None,
        "is_wrong": any(one in form.errors for one in (each.key, why)),
    }
