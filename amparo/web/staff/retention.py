"""How long what is kept, what is due, who is to be erased, and the certificates: nobody's record is on these pages."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amparo.trust.actions.erasures import confirm_erasure, dismiss_erasure
from amparo.trust.eyes import is_same_human
from amparo.trust.keeping import certificates
from amparo.trust.keeping.erasable import wired
from amparo.trust.keeping.retention import schedules
from amparo.trust.queries import display_names
from amparo.trust.types import Permission
from amparo.web.access import page

SHOWN = 50


@page(Permission.READ_RETENTION)
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """The schedules with what they took and what is due, who waits to be erased, and the newest certificates."""
    waiting = certificates.open_erasures(by=request.by)
    context = {
        "schedules": schedules(),
        "waiting": [(each, names.get(each.proposed_by)) for names in [_names(waiting)] for each in waiting],
        "certificates": certificates.latest(at_most=SHOWN, by=request.by, using="default"),
        "kept": wired().places,
    }
    return render(request, "web/retention.html", context)


def _names(rows: list) -> dict[UUID, str]:
    return display_names({id for each in rows for id in (each.proposed_by, each.confirmed_by) if id})


@page(Permission.READ_RETENTION)
@require_safe
def erasure(request: HttpRequest, id: UUID) -> HttpResponse:
    """One erasure that waits: who proposed it, and on what ground."""
    row = certificates.open_erasure(id, by=request.by)
    names = _names([row])
    context = {
        "erasure": row,
        "proposed_by": names.get(row.proposed_by),
        "confirmed_by": names.get(row.confirmed_by),
        "is_own": is_same_human(request.by, row.proposed_by),
        "kept": wired().places,
    }
    return render(request, "web/erasure.html", context)


@page(Permission.CONFIRM_ERASURE)
@require_POST
def confirm(request: HttpRequest, id: UUID) -> HttpResponse:
    """Confirm that somebody be erased; the worker does it."""
    confirm_erasure(id, by=request.by)
    return redirect("retention")


@page(Permission.CONFIRM_ERASURE)
@require_POST
def dismiss(request: HttpRequest, id: UUID) -> HttpResponse:
    """Say that somebody is not to be erased."""
    dismiss_erasure(id, by=request.by)
    return redirect("retention")


@page(Permission.READ_RETENTION)
@require_safe
def certificate(request: HttpRequest, id: UUID) -> HttpResponse:
    """A certificate, to be read or printed."""
    told = certificates.certificate(id, by=request.by, using="default")
    names = _names([told.row])
    holds = {each.place: each.holds for each in wired().places}
    context = {
        "told": told,
        "emptied": [each | {"holds": holds.get(each["place"])} for each in told.certificate["places"]],
        "proposed_by": names.get(told.row.proposed_by),
        "confirmed_by": names.get(told.row.confirmed_by),
    }
    return render(request, "web/certificate.html", context)
