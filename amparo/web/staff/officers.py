"""Accounts, as an administrator has them: opened, charged with roles, brought back, closed."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.profiles.languages import has_words, say, written
from amparo.programmes.queries import programme_codes
from amparo.registry.queries import number_of, person_with_identifier, person_with_number
from amparo.trust import queries
from amparo.trust.actions import accounts, grant_role, open_account
from amparo.trust.actions.factors import remove_factors
from amparo.trust.actions.humans import bind_accounts, part_account
from amparo.trust.eyes import accounts_of_same, is_same_human
from amparo.trust.identity import factors, provider
from amparo.trust.identity.first_password import first_password
from amparo.trust.types import OF_AREAS, SCOPE_KIND, Actor, Permission, Role, ScopeKind
from amparo.web import country, presenting, refusals
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.staff.account import email_field
from amparo.web.usernames import UsernameField

NUMBER = "number"
MOST = 100  # lines of the list; whoever seeks one of more types a part of the name
OPENS = page(Permission.OPEN_ACCOUNTS)
NAME = RegexValidator(r"^[\w.@+-]+$", "web-officer-name-wrong")


class AccountForm(forms.Form):
    """Who the account is for."""

    display_name = forms.CharField(
        label="web-officer-display-name",
        help_text="web-officer-display-name-hint",
        max_length=200,
        error_messages={
            "required": "web-officer-display-name-missing",
            "max_length": "web-officer-display-name-missing",
        },
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    username = forms.CharField(
        label="web-sign-in-name",
        help_text="web-officer-name-hint",
        max_length=150,
        validators=[NAME],
        error_messages={"required": "web-officer-name-wrong", "max_length": "web-officer-name-wrong"},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    email = email_field()


class SubjectForm(forms.Form):
    """Who somebody is at the identity provider."""

    subject = forms.CharField(
        label="web-officer-subject",
        max_length=255,
        error_messages={"required": "web-officer-subject-missing", "max_length": "web-officer-subject-missing"},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )


class SameForm(forms.Form):
    """Another account of the same person, by the name it signs in with."""

    username = UsernameField("web-officer-bind-name", wrong="web-officer-bind-unknown")


class PersonForm(forms.Form):
    """What is known of the person who owns an account: the number on a card, or the one the registry gave."""

    kind = forms.ChoiceField(
        label="web-officer-person",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "web-find-kind-missing"),
    )
    asked = forms.CharField(
        label="web-officer-person-asked",
        max_length=64,
        error_messages=dict.fromkeys(("required", "max_length"), "web-officer-person-wrong"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, sent: Mapping[str, str] | None, language: str) -> None:
        super().__init__(sent)
        schemes = [each.scheme for each in country.profile().identifiers]
        self.fields["kind"].choices = [
            *(
                (each, say(f"identifier-{each}", language) if has_words(f"identifier-{each}") else each)
                for each in schemes
            ),
            (NUMBER, say("web-officer-person-number", language)),
        ]

    def person(self, by: Actor) -> UUID | None:
        """Return the one person whom this names; None where nobody in reach is registered with it."""
        kind, asked = self.cleaned_data["kind"], self.cleaned_data["asked"]
        if kind != NUMBER:
            return person_with_identifier(kind, asked, by=by)
        return person_with_number(int(asked[:18]), by=by) if asked.isdecimal() else None


class RoleForm(forms.Form):
    """A role, where and how long."""

    role = forms.ChoiceField(
        label="web-officer-role",
        error_messages={"required": "web-officer-role-missing", "invalid_choice": "web-officer-role-missing"},
    )
    area = forms.CharField(
        label="web-officer-area",
        help_text="web-officer-area-hint",
        required=False,
        max_length=64,
        error_messages={"max_length": "web-officer-area-wrong"},
        widget=forms.TextInput(attrs={"list": "areas", "class": "govuk-input--width-20", "dir": "auto"}),
    )
    programme = forms.ChoiceField(
        label="web-officer-programme",
        help_text="web-officer-programme-hint",
        required=False,
        error_messages={"invalid_choice": "web-officer-programme-wrong"},
    )
    on = day_field("web-officer-on", wrong="web-officer-day-wrong")
    until = day_field("web-officer-until", hint="web-officer-until-hint", wrong="web-officer-day-wrong", required=False)

    def __init__(self, sent: Any, language: str) -> None:
        super().__init__(sent, initial={"on": clock.today()})
        self.fields["role"].choices = [(each.value, say(f"trust-role-{each.value}", language)) for each in Role]
        named = [(code, presenting.worded(f"programme-{code}", code)) for code in programme_codes()]
        none = say("web-officer-no-programme", language)
        self.fields["programme"].choices = [("", none), *((code, written(each, language)) for code, each in named)]

    def clean(self) -> dict[str, Any]:
        """Ask for an area where the role is one of areas, and for a programme where it is one's; others have neither."""
        given = super().clean()
        kind = SCOPE_KIND[Role(given["role"])] if given.get("role") else None
        if kind in OF_AREAS and not queries.is_area(given.get("area", "")):
            self.add_error("area", "web-officer-area-wrong")
        if kind is ScopeKind.PROGRAMME and not given.get("programme"):
            self.add_error("programme", "web-officer-programme-wrong")
        return given


@OPENS
@require_safe
def officers(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("asked", "").strip()[:100]
    found = list(queries.accounts(asked=asked)[: MOST + 1])
    context = {"accounts": found[:MOST], "asked": asked, "has_more": len(found) > MOST, "most": MOST}
    return render(request, "web/officers.html", context)


@OPENS
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_one(request: HttpRequest) -> HttpResponse:
    """Open an account, and show the password to hand over this once."""
    form, refusal = AccountForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        password = first_password()
        try:
            made = open_account(password=password, by=request.by, is_first=True, **form.cleaned_data)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            return render(request, "web/officer_password.html", {"account": made, "password": password})
    context = {"form": form, "refusal": refusal}
    return render(request, "web/officer_open.html", context, status=400 if form.errors or refusal else 200)


@OPENS
@require_safe
def officer(request: HttpRequest, id: UUID) -> HttpResponse:
    return _shown(request, id, RoleForm(None, request.language))


def _shown(
    request: HttpRequest,
    id: UUID,
    granting: RoleForm,
    refusal: dict[str, str] | None = None,
    sent: SubjectForm | SameForm | PersonForm | None = None,
) -> HttpResponse:
    """Return the page of an account with its forms, and what is wrong with the one that was sent."""
    account = queries.account_with_id(id)
    roles = queries.roles_of(id, on=clock.today())
    names = queries.display_names(each.granted_by for each in roles if each.granted_by)
    tops = list(queries.root_areas())
    context = {
        "account": account,
        "roles": [(each, names.get(each.granted_by), is_same_human(request.by, each.granted_by, id)) for each in roles],
        "factors": factors.factors_of(account),
        "is_own": is_same_human(request.by, id),
        "granting": granting,
        "linking": sent if isinstance(sent, SubjectForm) else SubjectForm(),
        "binding": sent if isinstance(sent, SameForm) else SameForm(),
        "knowing": sent if isinstance(sent, PersonForm) else PersonForm(None, request.language),
        "known_as": number_of(account.person_id, by=request.by) if account.person_id else None,
        "form": sent if sent is not None else granting,
        "refusal": refusal,
        "same": accounts_of_same(id)[1:],
        "lent": queries.delegations_of(id, on=clock.today()),
        "identities": queries.identities_of(id),
        "issuer": settings.OIDC["issuer"] if provider.is_configured() else "",
        "areas": [*tops, *(each for top in tops for each in queries.areas_below(top))],
    }
    return render(request, "web/officer.html", context, status=400 if context["form"].errors or refusal else 200)


@OPENS
@require_http_methods(["GET", "HEAD", "POST"])
def known_as(request: HttpRequest, id: UUID) -> HttpResponse:
    """Say whom the registry knows the account's owner as, so that what they read of their own is watched."""
    form = PersonForm(request.POST or None, request.language)
    if request.POST.get("act") == "forget":
        accounts.bind_person(id, None, by=request.by)
        return redirect("officer", id=id)
    if form.is_valid() and (person := form.person(request.by)) is None:
        form.add_error("asked", "web-officer-person-wrong")
    if not form.is_valid():
        return _shown(request, id, RoleForm(None, request.language), sent=form if form.is_bound else None)
    accounts.bind_person(id, person, by=request.by)
    return redirect("officer", id=id)


@OPENS
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, id: UUID) -> HttpResponse:
    """Link the account to who its owner is at the identity provider."""
    if not provider.is_configured():
        raise Http404
    form, refusal = SubjectForm(request.POST or None), None
    if form.is_valid():
        try:
            issuer = settings.OIDC["issuer"]
            accounts.link_identity(id, issuer, form.cleaned_data["subject"], by=request.by)
            return redirect("officer", id=id)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
    return _shown(request, id, RoleForm(None, request.language), refusal, sent=form)


@OPENS
@require_POST
def bind(request: HttpRequest, id: UUID) -> HttpResponse:
    """Say that this account and another are one person's."""
    form, refusal = SameForm(request.POST), None
    if form.is_valid():
        try:
            bind_accounts(id, form.cleaned_data["username"], by=request.by, on=clock.today())
            return redirect("officer", id=id)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
    return _shown(request, id, RoleForm(None, request.language), refusal, sent=form)


@OPENS
@require_POST
def part(request: HttpRequest, id: UUID) -> HttpResponse:
    """Say that this account is another person's than those it was bound to."""
    part_account(id, by=request.by)
    return redirect("officer", id=id)


@OPENS
@require_POST
def unlink(request: HttpRequest, id: UUID) -> HttpResponse:
    accounts.unlink_identities(id, by=request.by)
    return redirect("officer", id=id)


@OPENS
@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: HttpRequest, id: UUID) -> HttpResponse:
    form = RoleForm(request.POST or None, request.language)
    if not form.is_valid():
        return _shown(request, id, form)
    try:
        _granted(request, id, **form.cleaned_data)
    except Refused as refused:
        return _shown(request, id, form, refusals.in_words(request, refused))
    return redirect("officer", id=id)


def _granted(
    request: HttpRequest, id: UUID, *, role: str, area: str, programme: str, on: date, until: date | None
) -> None:
    kind = SCOPE_KIND[Role(role)]
    where = {"area_code": area} if kind in OF_AREAS else {}
    where = {"programme": programme} if kind is ScopeKind.PROGRAMME else where
    grant_role(queries.account_with_id(id).id, Role(role), by=request.by, on=on, until=until, **where)


@OPENS
@require_POST
def confirm(request: HttpRequest, id: UUID, assignment: int) -> HttpResponse:
    accounts.confirm_role(assignment, by=request.by)
    return redirect("officer", id=id)


@OPENS
@require_POST
def end(request: HttpRequest, id: UUID, assignment: int) -> HttpResponse:
    accounts.end_role(assignment, by=request.by, on=clock.today())
    return redirect("officer", id=id)


@OPENS
@never_cache
@require_POST
def password(request: HttpRequest, id: UUID) -> HttpResponse:
    """Give a new password to hand over, and show it this once."""
    given = accounts.give_password(id, by=request.by)
    return render(request, "web/officer_password.html", {"account": queries.account_with_id(id), "password": given})


@OPENS
@require_POST
def lose_factors(request: HttpRequest, id: UUID) -> HttpResponse:
    remove_factors(id, by=request.by)
    return redirect("officer", id=id)


@OPENS
@require_POST
def sign_out(request: HttpRequest, id: UUID) -> HttpResponse:
    accounts.end_sessions(id, by=request.by)
    return redirect("officer", id=id)


@OPENS
@require_POST
def close(request: HttpRequest, id: UUID) -> HttpResponse:
    accounts.close_account(id, by=request.by, on=clock.today())
    return redirect("officer", id=id)
