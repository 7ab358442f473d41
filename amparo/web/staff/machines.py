"""A partner's machines, at one of its agreements: opened, let in by secrets and keys that two people stand for, closed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust.actions import machines as acts
from amparo.trust.actions import peers
from amparo.trust.eyes import is_same_human
from amparo.trust.grounds import agreements as known
from amparo.trust.machines.asking import machines_under, may_add
from amparo.trust.machines.peers import peers_of
from amparo.trust.queries import display_names
from amparo.trust.types import Actor, Permission
from amparo.web import languages, refusals
from amparo.web.access import page
from amparo.web.machine_forms import KeyForm, MachineForm, PeerForm


@page(Permission.READ_AGREEMENT)
@require_safe
def machines(request: HttpRequest, id: UUID) -> HttpResponse:
    """Every machine that was opened for an agreement, and what lets it in."""
    return _shown(request, id)


def _shown(
    request: HttpRequest, id: UUID, wrong: forms.Form | None = None, refusal: Any = None, of: UUID | None = None
) -> HttpResponse:
    by = request.actor.narrowed(Permission.READ_AGREEMENT)
    row = known.agreement(id, by=by)
    found = machines_under(row, by=by)
    spoken = {machine.id: peers_of(machine) for machine in found}
    made = [each for machine in found for each in (*machine.credentials.all(), *spoken[machine.id])]
    names = display_names({each.made_by for each in made})
    context = {
        "agreement": row,
        "machines": [
            (each, _credentials(each, names, request.actor), _peers(each, spoken[each.id], names, request.actor))
            for each in found
        ],
        "form": wrong,
        "refusal": refusal,
        "wrong_of": of,
        "opening": wrong if isinstance(wrong, MachineForm) else MachineForm(None, language=languages.chosen(request)),
        "registering": KeyForm(),
        "naming": PeerForm(None, language=languages.chosen(request)),
        "others": may_add(row, by=by),
    }
    return render(request, "web/machines.html", context, status=400 if wrong or refusal else 200)


def _credentials(machine: Any, names: dict[UUID, str], reader: Actor) -> list[dict[str, Any]]:
    """Return what a machine is let in by, the newest first: how it stands, who made it, whether the reader did."""
    rows = sorted(machine.credentials.all(), key=lambda each: each.made_at, reverse=True)
    return [
        {
            "row": each,
            "state": _state(each, machine),
            "maker": names.get(each.made_by),
            "is_own": is_same_human(reader, each.made_by),
        }
        for each in rows
    ]


def _peers(machine: Any, rows: list[Any], names: dict[UUID, str], reader: Actor) -> list[dict[str, Any]]:
    """Return how a machine sends messages, the newest first, as `_credentials` does."""
    return [
        {
            "row": each,
            "state": "ended" if each.ended_at or machine.closed_at else "holds" if each.confirmed_at else "waits",
            "maker": names.get(each.made_by),
            "is_own": is_same_human(reader, each.made_by),
        }
        for each in rows
    ]


def _state(row: Any, machine: Any) -> str:
    if row.ended_at or machine.closed_at:
        return "ended"
    if row.until <= clock.now():
        return "expired"
    return "holds" if row.confirmed_at else "waits"


@page(Permission.OPEN_MACHINE)
@require_POST
def open_one(request: HttpRequest, id: UUID) -> HttpResponse:
    """Open a machine. Nothing lets it in yet."""
    form = MachineForm(request.POST, language=languages.chosen(request))
    if not form.is_valid():
        return _shown(request, id, form)
    try:
        acts.open_machine(id, by=request.by, **form.wanted())
    except Refused as refused:
        return _shown(request, id, form, refusals.in_words(request, refused))
    return redirect("machines", id=id)


@page(Permission.OPEN_MACHINE)
@require_POST
def secret(request: HttpRequest, id: UUID, machine: UUID) -> HttpResponse:
    """Make a secret, and show it this once."""
    row = known.agreement(id, by=request.actor)
    made, drawn = acts.make_secret(machine, by=request.by)
    return render(request, "web/machine_secret.html", {"agreement": row, "credential": made, "secret": drawn})


@page(Permission.OPEN_MACHINE)
@require_POST
def key(request: HttpRequest, id: UUID, machine: UUID) -> HttpResponse:
    """Register the public half of a key that the partner keeps."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _shown(request, id, form, of=machine)
    try:
        acts.register_key(machine, form.cleaned_data["jwk"], by=request.by)
    except Refused as refused:
        return _shown(request, id, form, refusals.in_words(request, refused), of=machine)
    return redirect("machines", id=id)


@page(Permission.OPEN_MACHINE)
@require_POST
def speak(request: HttpRequest, id: UUID, machine: UUID) -> HttpResponse:
    """State how a machine sends messages. It holds once a colleague has confirmed it."""
    form = PeerForm(request.POST, language=languages.chosen(request))
    if not form.is_valid():
        return _shown(request, id, form, of=machine)
    try:
        peers.name_peer(machine, by=request.by, **form.cleaned_data)
    except Refused as refused:
        return _shown(request, id, form, refusals.in_words(request, refused), of=machine)
    return redirect("machines", id=id)


def _step(request: HttpRequest, id: UUID, act: Callable[..., Any], of: UUID) -> HttpResponse:
    act(of, by=request.by)
    return redirect("machines", id=id)


@page(Permission.OPEN_MACHINE)
@require_POST
def confirm(request: HttpRequest, id: UUID, credential: UUID) -> HttpResponse:
    return _step(request, id, acts.confirm_credential, credential)


@page(Permission.SUSPEND_AGREEMENT)
@require_POST
def end(request: HttpRequest, id: UUID, credential: UUID) -> HttpResponse:
    return _step(request, id, acts.end_credential, credential)


@page(Permission.SUSPEND_AGREEMENT)
@require_POST
def close(request: HttpRequest, id: UUID, machine: UUID) -> HttpResponse:
    return _step(request, id, acts.close_machine, machine)


@page(Permission.OPEN_MACHINE)
@require_POST
def confirm_speaking(request: HttpRequest, id: UUID, peer: UUID) -> HttpResponse:
    return _step(request, id, peers.confirm_peer, peer)


@page(Permission.SUSPEND_AGREEMENT)
@require_POST
def end_speaking(request: HttpRequest, id: UUID, peer: UUID) -> HttpResponse:
    return _step(request, id, peers.end_peer, peer)
