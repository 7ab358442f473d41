"""Showing that one is who one says: the second step of signing in, a passkey instead of both, and once more later."""

import json
from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.models import Login
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust.actions import accounts
from amparo.trust.actions.factors import use_factor
from amparo.trust.identity import factors, strength
from amparo.trust.identity.factors import Kind
from amparo.trust.identity.signing_in import Backend
from amparo.trust.log.recording import record_denial
from amparo.trust.queries import actor_of
from amparo.web import refusals
from amparo.web.access import own, public
from amparo.web.back import back
from amparo.web.staff.account import password_field


class CodeForm(forms.Form):
    """Six digits of an app, or a recovery code."""

    code = forms.CharField(
        label="web-factor-code",
        help_text="web-factor-code-hint",
        max_length=20,
        error_messages={"required": "web-factor-code-missing", "max_length": "web-factor-code-wrong"},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "govuk-input--width-10"}
        ),
    )


class AgainForm(forms.Form):
    """The password once more."""

    password = password_field("web-sign-in-password", missing="web-sign-in-password-missing")


def answer_of(request: HttpRequest) -> Any:
    """Return what the browser's script put into the form of a passkey. Raises Refused where that is no JSON."""
    try:
        return json.loads(request.POST.get("credential", ""))
    except ValueError:
        raise Refused("trust-passkey-wrong") from None


def given_factor(request: HttpRequest, account: Any) -> tuple[Any, forms.Form]:
    """Return the factor that a form proves, or None, and the form with what is wrong. Raises Refused."""
    if "credential" in request.POST:
        return factors.by_passkey(request, account, answer_of(request)), CodeForm()
    form = CodeForm(request.POST)
    if not form.is_valid():
        return None, form
    used = factors.by_code(account, form.cleaned_data["code"])
    if used is None:
        form.add_error("code", "web-factor-code-wrong")
    return used, form


def _asked(request: HttpRequest, account: Any, form: forms.Form, refusal: dict | None, **more: Any) -> HttpResponse:
    """Return the page that asks for a factor, with what the account can prove one with."""
    kinds = {each.type for each in factors.factors_of(account)}
    has_passkey = Kind.WEBAUTHN in kinds
    context = {
        "form": form,
        "refusal": refusal,
        "question": factors.passkey_question(account) if has_passkey else None,
        "takes_codes": bool(kinds),
        "next": back(request),
    }
    status = 400 if form.errors or refusal else 200
    return render(request, "web/confirm.html", context | more, status=status)


@public
@sensitive_post_parameters()
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step of signing in, where the account has a second factor."""
    stage, refusal = request._login_stage, None
    form = CodeForm()
    if request.method == "POST":
        try:
            used, form = given_factor(request, stage.login.user)
        except Refused as refused:
            used, refusal = None, refusals.in_words(request, refused)
        if used:
            used.user = stage.login.user
            post_authentication(request, used)
            return stage.exit()
        whoever = actor_of(stage.login.user, on=clock.today())
        record_denial(by=whoever, asked="mfa_authenticate", reason="web-factor-code-wrong")
    return _asked(request, stage.login.user, form, refusal, is_sign_in=True)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by a passkey alone: the device has already asked for a PIN, a finger or a face."""
    refusal = None
    if request.method == "POST":
        try:
            return _by_passkey_alone(request)
        except Refused as refused:
            record_denial(by=None, asked="passkey-sign-in", reason=refused.message.id)
            refusal = refusals.in_words(request, refused)
    context = {"question": factors.passkey_question(None), "refusal": refusal, "next": back(request)}
    return render(request, "web/passkey_sign_in.html", context, status=400 if refusal else 200)


def _by_passkey_alone(request: HttpRequest) -> HttpResponse:
    answer = answer_of(request)
    account = factors.account_of_passkey(answer)
    used = factors.by_passkey(request, account, answer)
    if not Backend().user_can_authenticate(account):
        raise Refused("trust-passkey-wrong")
    used.user = account
    return perform_passwordless_login(request, used, Login(user=account, redirect_url=back(request)))


@own
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Give a factor once more, and come back. Whoever has none gives their password, and sets one up."""
    if not factors.factors_of(request.user):
        return _without_factor(request)
    form, refusal = CodeForm(), None
    if request.method == "POST":
        try:
            used, form = given_factor(request, request.user)
        except Refused as refused:
            used, refusal = None, refusals.in_words(request, refused)
        if used:
            use_factor(used, by=request.by)
            strength.prove(request.session, used.type)
            return redirect(back(request))
        record_denial(by=request.by, asked="account-confirm", reason="web-factor-code-wrong")
    return _asked(request, request.user, form, refusal)


def _without_factor(request: HttpRequest) -> HttpResponse:
    to_factors = f"{reverse('factors')}?{urlencode({'next': back(request)})}"
    if strength.is_fresh(request.session, {strength.PASSWORD}):
        return redirect(to_factors)
    form, refusal = AgainForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            accounts.confirm_password(request.user.id, form.cleaned_data["password"], by=request.by)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            strength.prove(request.session, strength.PASSWORD)
            return redirect(to_factors)
    context = {"form": form, "refusal": refusal, "next": back(request), "is_without": True}
    return render(request, "web/confirm.html", context, status=400 if form.errors or refusal else 200)
