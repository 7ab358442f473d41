"""Signing in at the identity provider that the operator configured."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from amparo.kernel.errors import Refused
from amparo.trust.actions.inviting import accept_with_identity
from amparo.trust.identity import provider
from amparo.trust.identity.id_token import Foreign, Why
from amparo.trust.identity.invitations import Slip
from amparo.trust.identity.signing_in import Backend
from amparo.trust.log.recording import record_denial
from amparo.trust.origin import here
from amparo.trust.types import system
from amparo.web import refusals
from amparo.web.access import public
from amparo.web.back import back

INVITED = "invited"  # the session's key: what somebody has shown of an invitation, while they are away


@public
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Send somebody to the provider. By a link: the content policy lets no form lead to another site."""
    _refuse_unconfigured()
    try:
        return redirect(provider.begin(request.session, back_to=_back_to(request), next=back(request)))
    except Foreign as refused:
        return _refused(request, refused)


@public
@require_safe
def returned(request: HttpRequest) -> HttpResponse:
    """Sign in whom the provider sends back, if they have an account here that was linked to them, or come with a slip."""
    _refuse_unconfigured()
    try:
        known = provider.finish(request.session, request.GET.dict(), back_to=_back_to(request))
        account = _invited(request, known) or provider.account_of(known.issuer, known.subject)
        if not Backend().user_can_authenticate(account):
            raise Foreign(Why.CLOSED)
    except Foreign as refused:
        return _refused(request, refused)
    except Refused as refused:
        return refusals.answer(request, refused)
    record_authentication(request, account, "provider")
    return perform_login(request, Login(user=account, redirect_url=known.next))


def _invited(request: HttpRequest, known: provider.Known) -> Any:
    """Return the account that somebody opens who has shown an invitation before they went to the provider."""
    shown = request.session.pop(INVITED, None)
    if shown is None:
        return None
    return accept_with_identity(Slip(**shown), known.issuer, known.subject, by=system("invitation"))


def _refused(request: HttpRequest, refused: Foreign) -> HttpResponse:
    record_denial(by=None, asked="provider-return", reason=f"provider-{refused.why}")
    return refusals.page(request, refused, status=400)


def _refuse_unconfigured() -> None:
    if not provider.is_configured():
        raise Http404


def _back_to(request: HttpRequest) -> str:
    return f"{here(request)}{reverse('provider-return')}"
