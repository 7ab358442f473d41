"""Payments: lists and their sums, what is held in them, approval, files out and files back, and who was not paid."""

import zipfile
from collections.abc import Iterable
from itertools import chain
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.money import Money
from amparo.payments import actions, queries, tasks
from amparo.payments.config import GROUND
from amparo.payments.cycles import cycle_named, cycle_on
from amparo.payments.rails import WRITES
from amparo.payments.types import IMPOSSIBLE, ListState, PaymentList, PaymentReturn, PaymentState, RailKind, ReturnState
from amparo.registry.queries import dictionary
from amparo.trust.eyes import is_same_human
from amparo.trust.queries import area_of_number, display_names
from amparo.trust.stage import expect_live
from amparo.trust.types import Permission
from amparo.web import languages, presenting
from amparo.web.access import page
from amparo.web.paper import cash_list
from amparo.web.reach import around, place_in_reach

# Of a file made in one go, so that its name is no part of what it holds.
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)


class ListForm(forms.Form):
    """Which programme pays which cycle."""

    programme = forms.ChoiceField(
        label="web-payments-programme",
        error_messages={
            "required": "web-payments-programme-missing",
            "invalid_choice": "web-payments-programme-missing",
        },
    )
    cycle = forms.CharField(
        label="web-payments-cycle",
        help_text="web-payments-cycle-hint",
        max_length=7,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off"}),
        error_messages={"required": "web-payments-cycle-missing", "max_length": "web-payments-cycle-missing"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [(each.programme, each.programme) for each in queries.all_terms().values()]


class ReturnForm(forms.Form):
    file = forms.FileField(
        label="web-payments-return-file",
        help_text="web-payments-return-hint",
        error_messages={"required": "web-payments-return-missing", "empty": "web-payments-return-missing"},
    )


@page(Permission.READ_PAYMENTS)
@require_safe
def payments(request: HttpRequest) -> HttpResponse:
    """The lists, and what each programme may still spend."""
    return _lists(request, ListForm())


def _lists(request: HttpRequest, form: ListForm, status: int = 200) -> HttpResponse:
    listed = queries.payment_lists()
    terms, today = queries.all_terms().values(), clock.today()
    words = dictionary()
    paying = [
        (
            each.programme,
            cycle_on(each, max(today, each.first)).name,
            presenting.money(queries.available_minor(each.programme), words),
        )
        for each in terms
    ]
    context = {
        "listed": [(each, _money(each, each.amount_minor)) for each in listed],
        "paying": paying,
        "form": form,
    }
    return render(request, "web/payments.html", context, status=status)


@page(Permission.PREPARE_PAYMENTS)
@require_POST
def prepare(request: HttpRequest) -> HttpResponse:
    """Have the worker make a list. What can be said at once is said at once: no such cycle, or it has its list."""
    form = ListForm(request.POST)
    if not form.is_valid():
        return _lists(request, form, status=400)
    programme, cycle = form.cleaned_data["programme"], form.cleaned_data["cycle"]
    _, terms = queries.terms_of(programme)
    cycle_named(terms, cycle)
    if any((each.programme, each.cycle) == (programme, cycle) for each in queries.payment_lists()):
        raise Refused("payments-list-exists", programme=programme, cycle=cycle)
    if not queries.is_anybody_payable(programme, by=request.by, on=clock.today()):
        raise Refused("payments-nobody-payable", programme=programme, cycle=cycle, day=clock.today())
    tasks.prepare_list.defer(programme=programme, cycle=cycle, by_id=str(request.by.id))
    return redirect("payments")


@page(Permission.READ_PAYMENTS)
@require_safe
def payment_list(request: HttpRequest, id: UUID) -> HttpResponse:
    return render(request, "web/payment_list.html", _told(request, queries.payment_list(id), ReturnForm()))


def _told(request: HttpRequest, made: PaymentList, form: ReturnForm) -> dict[str, Any]:
    approvers = queries.approvers(made.id)
    returns = queries.returns_of(made.id)
    people = [made.made_by, *approvers, *(each.received_by for each in returns), *filter(None, [made.proposed_by])]
    names = display_names(people)
    hands = [made.made_by, made.proposed_by, *approvers]
    paid = sum(payments for payments, _ in made.outcomes.values())
    return {
        "list": made,
        "amount": _money(made, made.amount_minor),
        "made_by": names.get(made.made_by),
        "approvers": [names.get(each) for each in approvers],
        "may_approve": made.state is ListState.PROPOSED and not is_same_human(request.actor, *hands),
        "is_open": made.state is ListState.PREPARED,
        "is_proposed": made.state is ListState.PROPOSED,
        "may_be_sent": made.state in (ListState.APPROVED, ListState.EXPORTED),
        "is_sent": made.state is ListState.EXPORTED,
        "is_in_cash": made.rail == RailKind.AGENTS,
        "has_files": made.rail in WRITES,
        "may_go": made.state is ListState.APPROVED and made.rail == RailKind.G2P,
        "dispatches": [
            (each, _money(made, each.amount_minor), queries.may_go_again(each.state, each.reason))
            for each in queries.dispatches_of(made.id)
        ],
        "outcomes": [
            (PaymentState(state).words, payments, _money(made, minor))
            for state, (payments, minor) in sorted(made.outcomes.items())
        ],
        "waiting": made.payments - paid,
        "files": [
            (part, payments, _money(made, minor), digest)
            for part, payments, minor, digest in queries.list_digests(made.id)
        ],
        "returns": [(each, names.get(each.received_by), _may_override(request, each)) for each in returns],
        "form": form,
    }


def _may_override(request: HttpRequest, returned: PaymentReturn) -> bool:
    return returned.state is ReturnState.REFUSED and not is_same_human(request.actor, returned.received_by)


@page(Permission.PREPARE_PAYMENTS)
@require_POST
def propose(request: HttpRequest, id: UUID) -> HttpResponse:
    """Have the worker propose a list; that it is over the funds is said at once."""
    made = _standing(id, ListState.PREPARED)
    available = queries.available_minor(made.programme)
    if made.amount_minor > available:
        over = _money(made, made.amount_minor - available)
        raise Refused("payments-over-funds", programme=made.programme, over=over)
    tasks.propose_list.defer(list_id=str(id), by_id=str(request.by.id))
    return redirect("payment-list", id=id)


@page(Permission.PREPARE_PAYMENTS)
@require_POST
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:
    _standing(id, ListState.PREPARED, ListState.PROPOSED)
    tasks.withdraw_list.defer(list_id=str(id), by_id=str(request.by.id))
    return redirect("payments")


def _standing(id: UUID, *states: ListState) -> PaymentList:
    made = queries.payment_list(id)
    if made.state not in states:
        raise Refused("payments-list-not-so", state=made.state.words)
    return made


@page(Permission.APPROVE_PAYMENTS)
@require_POST
def approve(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.approve(id, by=request.by, under=GROUND)
    return redirect("payment-list", id=id)


@page(Permission.EXPORT_PAYMENTS)
@require_POST
def send(request: HttpRequest, id: UUID) -> HttpResponse:
    """Have the worker let an approved list go to who pays by itself."""
    made = _standing(id, ListState.APPROVED)
    if made.rail != RailKind.G2P:
        raise Refused("payments-not-by-itself")
    expect_live()
    tasks.send_list.defer(list_id=str(id), by_id=str(request.by.id))
    return redirect("payment-list", id=id)


@page(Permission.EXPORT_PAYMENTS)
@require_POST
def send_again(request: HttpRequest, id: UUID, part: int) -> HttpResponse:
    """Let a part go again that was given up, or that is lost."""
    actions.send_again(id, part, by=request.by, under=GROUND)
    return redirect("payment-list", id=id)


@page(Permission.EXPORT_PAYMENTS)
@require_POST
def files(request: HttpRequest, id: UUID) -> HttpResponse:
    """The files of an approved list: the one there is, or all in an archive."""
    made = actions.export(id, by=request.by, under=GROUND)
    name, content = next(made)
    further = next(made, None)
    if further is not None:
        return _archive(f"{name.rpartition('-')[0]}.zip", chain([(name, content), further], made))
    kind = {"xml": "application/xml", "csv": "text/csv; charset=utf-8"}[name[-3:]]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


@page(Permission.EXPORT_PAYMENTS, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def sheets(request: HttpRequest, id: UUID) -> HttpResponse:
    """The cash list with a sheet to sign: for an area or the whole list, as PDF."""
    made = _standing(id, ListState.APPROVED, ListState.EXPORTED)
    if made.rail != RailKind.AGENTS:
        raise Refused("payments-not-in-cash")
    code = (request.POST if request.method == "POST" else request.GET).get("area", "")
    place = place_in_reach(request.by, code)
    is_whole = place.parent_id is None
    if request.method != "POST":
        context = {"list": made, "place": place, "around": around(request.by, place), "is_whole": is_whole}
        return render(request, "web/payment_sheets.html", context)
    is_by_reference = "by_reference" in request.POST
    area = actions.BY_REFERENCE if is_by_reference else None if is_whole else (place.number, place.last_number)
    printed = actions.print_cash_list(id, by=request.by, under=request.under, area=area)
    content = cash_list.pdf(printed, languages.chosen(request))
    called = f"{made.programme}-{made.cycle}-{made.part}{_part(place, is_whole, is_by_reference)}.pdf"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=called)}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _part(place: Any, is_whole: bool, is_by_reference: bool) -> str:
    """What of a list a file is called by."""
    return "-reference" if is_by_reference else "" if is_whole else f"-{place.code}"


def _archive(called: str, made: Iterable[tuple[str, bytes]]) -> FileResponse:
    """Return files as one, which is written whole before its first byte leaves: all of them, or none."""
    # Without a name on disk: it is gone when the answer is sent, or the process ends.
    file = TemporaryFile(dir=settings.DELIVERY_FOLDER)  # noqa: SIM115 (the answer closes it)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made:
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DAY), content, zipfile.ZIP_DEFLATED)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=called, content_type="application/zip")


@page(Permission.RECONCILE_PAYMENTS)
@require_POST
def take_back(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take in a file that came back, and have the worker hold it against the list."""
    form = ReturnForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "web/payment_list.html", _told(request, queries.payment_list(id), form), status=400)
    received = actions.receive(id, form.cleaned_data["file"].read(), by=request.by, under=GROUND)
    tasks.settle_return.defer(return_id=str(received.id), by_id=str(request.by.id))
    return redirect("payment-list", id=id)


@page(Permission.RECONCILE_PAYMENTS)
@require_POST
def override(request: HttpRequest, id: UUID, returned: UUID) -> HttpResponse:
    """Have what of a refused file contradicts nothing count: for another person than took it in."""
    found = next((each for each in queries.returns_of(id) if each.id == returned), None)
    if found is None or found.state is not ReturnState.REFUSED:
        raise Refused("payments-return-not-refused")
    if is_same_human(request.by, found.received_by):
        raise Refused("payments-same-hands")
    tasks.override_return.defer(return_id=str(returned), by_id=str(request.by.id))
    return redirect("payment-list", id=id)


@page(Permission.READ_PAYMENTS, personal=True)
@require_safe
def held(request: HttpRequest, id: UUID) -> HttpResponse:
    """What the checks hold in a list: by reference, with the reason and the day, and nobody's name."""
    made = queries.payment_list(id)
    found = [
        (each, None if each.amount_minor is None else _money(made, each.amount_minor), each.check not in IMPOSSIBLE)
        for each in queries.held(id, by=request.by)
    ]
    is_own = is_same_human(request.actor, *queries.list_makers(id))
    return render(request, "web/payment_held.html", {"list": made, "found": found, "is_own": is_own})


@page(Permission.PREPARE_PAYMENTS, personal=True)
@require_POST
def decide(request: HttpRequest, id: UUID, payment: UUID) -> HttpResponse:
    """Say of a held payment whether it is paid, as somebody who did not make the list."""
    answer = request.POST.get("answer")
    if answer not in ("pay", "withhold"):
        raise Refused("payments-held-unanswered")
    actions.decide_held(payment, pays=answer == "pay", by=request.by, under=request.under)
    return redirect("payment-held", id=id)


@page(Permission.READ_PAYMENTS, personal=True)
@require_safe
def unpaid(request: HttpRequest, id: UUID) -> HttpResponse:
    """Whom of a list their money has not reached: by reference and area, for somebody to follow up."""
    made = queries.payment_list(id)
    found = [
        (each, _money(made, each.amount_minor), _money(made, each.paid_minor), area_of_number(each.area_number))
        for each in queries.unpaid(id, by=request.by, under=request.under, on=clock.today())
    ]
    return render(request, "web/payment_unpaid.html", {"list": made, "found": found})


def _money(made: PaymentList, minor: int) -> Money:
    return Money(minor, made.currency, made.decimals)
