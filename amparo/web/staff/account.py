"""One's own account: what one may do, the password, where one is warned, and signing out everywhere."""

from typing import Any

from django import forms
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust import queries
from amparo.trust.actions import accounts
from amparo.trust.identity import known_browsers
from amparo.web import refusals
from amparo.web.access import own, own_anew
from amparo.web.back import back


def password_field(label: str, *, missing: str, hint: str = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, strip=False, error_messages={"required": missing})


class PasswordForm(forms.Form):
    """The password one has, and the one to come, twice."""

    old = password_field("web-password-old", missing="web-sign-in-password-missing")
    new = password_field("web-password-new", missing="web-password-new-missing", hint="web-password-new-hint")
    again = password_field("web-password-again", missing="web-password-again-wrong")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("new") and given.get("again") and given["new"] != given["again"]:
            self.add_error("again", "web-password-again-wrong")
        return given


def email_field() -> forms.EmailField:
    return forms.EmailField(
        label="web-email",
        help_text="web-email-hint",
        required=False,
        max_length=254,
        error_messages=dict.fromkeys(("invalid", "max_length"), "web-email-wrong"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )


class EmailForm(forms.Form):
    """Where one is warned."""

    email = email_field()


@own
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What the account is charged with, and what may be changed about it."""
    mine, today = request.user.id, clock.today()
    lent = [each for each in queries.delegations_of(mine, on=today) if each.to_id == mine]
    return render(request, "web/account.html", {"roles": queries.roles_of(mine, on=today), "lent": lent})


@own
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; every other session ends."""
    form, refusal = PasswordForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            changed = accounts.change_password(request.user.id, given["old"], given["new"], by=request.by)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            update_session_auth_hash(request, changed)
            return known_browsers.remember(request, redirect(back(request)), changed)
    context = {"form": form, "refusal": refusal, "next": back(request)}
    return render(request, "web/password.html", context, status=400 if form.errors or refusal else 200)


@own_anew
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest) -> HttpResponse:
    """Say where one is warned of what happens to one's account, or that one is to be warned nowhere."""
    form = EmailForm(request.POST if request.method == "POST" else None, initial={"email": request.user.email})
    if form.is_valid():
        accounts.change_email(request.user.id, form.cleaned_data["email"], by=request.by)
        return redirect("account")
    return render(request, "web/email.html", {"form": form}, status=400 if form.errors else 200)


@own
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    accounts.end_sessions(request.user.id, by=request.by)
    logout(request)
    return redirect("account_login")
