"""Enrolments: who is potentially eligible and takes no part, who takes part, and one enrolment with its history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import actions, queries
from amparo.programmes.types import Enrolment, EnrolmentState
from amparo.registry import queries as registry
from amparo.registry.dictionary import Dictionary
from amparo.trust.modes import is_on
from amparo.trust.queries import area_of_number, areas_numbered, display_names
from amparo.trust.types import Permission
from amparo.trust.types.modes import Part
from amparo.web import presenting
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.reach import around, place_in_reach
from amparo.web.staff import collecting

ELIGIBLE = "eligible"
STATES = (ELIGIBLE, *(each.value for each in EnrolmentState))
AT_ONCE = 50


def states() -> tuple[str, ...]:
    """Return by what the list may be filtered, the first where nobody asked: who is eligible stands there where enrolling is on."""
    return STATES if is_on(Part.GAPS) else STATES[1:]


class SuspensionForm(forms.Form):
    """Until when; the ground is one of the programme's."""

    until = day_field("web-enrolment-until", hint="web-enrolment-until-hint", wrong="web-day-wrong", required=False)


class EndForm(forms.Form):
    """From which day; the reason is one of the programme's."""

    on = day_field("web-enrolment-end-day", hint="web-enrolment-end-day-hint", wrong="web-day-wrong")


@dataclass(frozen=True)
class Asked:
    """Which people are wanted: of a programme, in an area and all below it, and where they stand."""

    programme: str
    place: Model
    state: str

    @property
    def range(self) -> tuple[int, int]:
        return self.place.number, self.place.last_number

    @property
    def query(self) -> str:
        return urlencode({"programme": self.programme, "area": self.place.code, "state": self.state})


def _asked(request: HttpRequest, given: QueryDict) -> Asked:
    """Read the filter. Refuses what does not exist, or lies outside one's reach."""
    codes = queries.programme_codes(by=request.by)
    if not codes:
        raise Refused("web-decisions-no-programme")
    programme, state = given.get("programme") or codes[0], given.get("state") or states()[0]
    if programme not in codes:
        raise NotFound("web-programme-unknown")
    if state not in states():
        raise Refused("web-decisions-filter-unknown")
    return Asked(programme, place_in_reach(request.by, given.get("area", "")), state)


@page(Permission.LIST_DECISIONS, personal=True)
@require_safe
def enrolments(request: HttpRequest) -> HttpResponse:
    """A page of who is potentially eligible and takes no part, or of who stands in one state."""
    asked, words = _asked(request, request.GET), registry.dictionary()
    listed = _eligible(request, asked) if asked.state == ELIGIBLE else _in_state(request, asked)
    places = areas_numbered(each["number_of_area"] for each in listed)
    context = {
        "asked": asked,
        "programmes": queries.programme_codes(by=request.by),
        "states": states(),
        "around": around(request.by, asked.place),
        "listed": [_line(each, words, places) for each in listed],
        "after": "{}.{}".format(*listed[-1]["place"]) if len(listed) == AT_ONCE else None,
        "is_first": "after" not in request.GET,
        "capacity": queries.places_of(asked.programme),
        "exits_proposed": queries.exits_proposed(asked.programme, *asked.range, by=request.by),
        "may_enrol": _may_enrol(request, asked.programme),
        "enrolled": _whole(request.GET.get("enrolled")),
    }
    return render(request, "web/enrolments.html", context)


def _eligible(request: HttpRequest, asked: Asked) -> list[dict[str, Any]]:
    found = queries.potentially_eligible(
        asked.programme, *asked.range, by=request.by, under=request.under, after=_after(request), at_most=AT_ONCE
    )
    return [
        {
            "decision": each.decision,
            "household": each.decision.household_id,
            "number": each.number,
            "amount": each.decision.amount,
            "number_of_area": each.decision.area_number,
            "on": each.decision.on,
            "place": each.place,
        }
        for each in found
    ]


def _in_state(request: HttpRequest, asked: Asked) -> list[dict[str, Any]]:
    found = queries.enrolments_in(
        asked.programme,
        *asked.range,
        by=request.by,
        under=request.under,
        states=[EnrolmentState(asked.state)],
        after=_after(request),
        at_most=AT_ONCE,
    )
    return [
        {
            "enrolment": each.enrolment,
            "household": each.enrolment.household_id,
            "number": each.number,
            "amount": each.enrolment.amount,
            "number_of_area": each.enrolment.area_number,
            "on": each.enrolment.starts_on,
            "place": each.place,
            "exit_is_proposed": each.exit_is_proposed and each.enrolment.state is not EnrolmentState.ENDED,
        }
        for each in found
    ]


def _line(each: dict[str, Any], words: Dictionary, places: Mapping[int, Any]) -> dict[str, Any]:
    return each | {
        "amount": presenting.money(each["amount"], words),
        "area": places.get(each["number_of_area"]),
    }


def _after(request: HttpRequest) -> tuple[int, UUID] | None:
    """Return where the page before ended; a mark that is none begins at the beginning."""
    number, _, id = request.GET.get("after", "").partition(".")
    try:
        return int(number[:18]), UUID(id)
    except ValueError:
        return None


def _whole(given: str | None) -> int | None:
    return int(given[:9]) if given and given.isascii() and given.isdigit() else None


def _may_enrol(request: HttpRequest, programme: str) -> bool:
    """Whether the page offers to enrol: by office, and because the programme lets its areas decide or is one's own."""
    return request.actor.has(Permission.ENROL) and queries.may_enrol(programme, by=request.actor)


@page(Permission.ENROL, personal=True)
@require_POST
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol those who were selected, or everybody in the area, and lead to the list with how many they were."""
    asked, act = _asked(request, request.POST), request.POST.get("act")
    if act not in ("selected", "everybody", "wait"):
        raise Refused("web-decisions-filter-unknown")
    told = {"by": request.by, "under": request.under, "on": clock.today()}
    if act == "wait":
        units = _units(request)
        for each in units:
            actions.wait(asked.programme, each, **told)
        return redirect(f"{reverse('enrolments')}?{asked.query}&enrolled={len(units)}")
    units = _units(request) if act == "selected" else None
    found = actions.enrol_many(asked.programme, area=asked.place.code, units=units, **told)
    return redirect(f"{reverse('enrolments')}?{asked.query}&enrolled={found.units}")


def _units(request: HttpRequest) -> list[UUID]:
    """Return whom the page's boxes name; what is no id names nobody, and is refused."""
    try:
        return [UUID(each) for each in request.POST.getlist("units")][:AT_ONCE]
    except ValueError:
        raise Refused("web-decisions-filter-unknown") from None


@page(Permission.READ_DECISION, personal=True)
@require_safe
def enrolment(request: HttpRequest, id: UUID) -> HttpResponse:
    """One enrolment: where it stands, how it came there, and what may be decided about it."""
    return _shown(request, id)


def _shown(request: HttpRequest, id: UUID, wrong: forms.Form | None = None) -> HttpResponse:
    """Return the page of an enrolment with its forms; `wrong` is the one that was sent and lacks something."""
    told = queries.enrolment(id, by=request.actor.narrowed(Permission.READ_DECISION), under=request.under)
    terms = queries.terms_of(told.programme)
    context = {
        "enrolment": told,
        "place": area_of_number(told.area_number),
        "amount": presenting.money(told.amount, registry.dictionary()),
        "notice": told.notice,
        "breaches": queries.breaches_of_enrolment(id, by=request.actor.narrowed(Permission.READ_DECISION)),
        "may_decide": told.source == "own" and _may_enrol(request, told.programme),
        "suspensions": terms.suspensions,
        "exits": terms.exits,
        "form": wrong,
        "suspension": wrong if isinstance(wrong, SuspensionForm) else SuspensionForm(),
        "exit": wrong if isinstance(wrong, EndForm) else EndForm(initial={"on": clock.today()}),
        "collectors": collecting.shown(request, told),
        "proofs": terms.collectors,
        **_history(told),
    }
    return render(request, "web/enrolment.html", context, status=400 if wrong else 200)


def _history(told: Enrolment) -> dict[str, Any]:
    names = display_names([each.by for each in told.steps] + [each.given_by for each in told.notices])
    return {
        "steps": [(each, names.get(each.by)) for each in told.steps],
        "given_by": names.get(told.notice.given_by) if told.notice else None,
    }


@page(Permission.ENROL, personal=True)
@require_POST
def suspend(request: HttpRequest, id: UUID) -> HttpResponse:
    """Give notice today that an enrolment will be suspended."""
    form = SuspensionForm(request.POST)
    if not form.is_valid():
        return _shown(request, id, form)
    until: date | None = form.cleaned_data["until"]
    ground = request.POST.get("ground", "")
    actions.suspend(id, ground, by=request.by, under=request.under, on=clock.today(), until=until)
    return redirect("enrolment", id=id)


@page(Permission.ENROL, personal=True)
@require_POST
def end(request: HttpRequest, id: UUID) -> HttpResponse:
    """Give notice that an enrolment ends, or end it by a fact or a decision in effect."""
    form = EndForm(request.POST)
    if not form.is_valid():
        return _shown(request, id, form)
    reason, on = request.POST.get("reason", ""), form.cleaned_data["on"]
    actions.end(id, reason, by=request.by, under=request.under, on=on)
    return redirect("enrolment", id=id)


@page(Permission.ENROL, personal=True)
@require_POST
def reinstate(request: HttpRequest, id: UUID) -> HttpResponse:
    """End a suspension today."""
    actions.reinstate(id, by=request.by, under=request.under, on=clock.today())
    return redirect("enrolment", id=id)


@page(Permission.REVIEW_DECISION, personal=True)
@require_POST
def confirm(request: HttpRequest, id: UUID) -> HttpResponse:
    """Confirm an open notice, as somebody who did not give it."""
    actions.confirm_notice(id, by=request.by, under=request.under, on=clock.today())
    return redirect("enrolment", id=id)


@page(Permission.ENROL, personal=True)
@require_POST
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take an open notice back."""
    actions.withdraw_notice(id, by=request.by, under=request.under)
    return redirect("enrolment", id=id)
