"""Who may open a page: every route is declared with one permission, or as open to all."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.trust.context import acting
from amparo.trust.identity import factors, strength
from amparo.trust.log.recording import record_denial
from amparo.trust.queries import actor_of, purposes_of
from amparo.trust.types import Actor, ActorKind, Ground, Permission
from amparo.web import refusals

View = Callable[..., HttpResponse]


PURPOSE = "purpose"  # the session's key
FOR = "for"  # the session's key: for whom a citizen looks, where not for themselves


def page(permission: Permission, *, personal: bool = False) -> Callable[[View], View]:
    """Declare the permission a view needs, and run it within the gates of whoever asks.

    The view finds who asks, narrowed to this permission, in `request.by`, and in `request.under` for what purpose.
    A page of personal data is not opened before a purpose is chosen. Whatever the view refuses undoes its transaction
    and becomes a page in words; a denial is recorded outside the transaction that it undoes, and so is a record not found.
    """

    def declared(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            whoever = actor(request)
            if whoever is None:
                return to_sign_in(request)
            if request.user.must_change_password:
                return to_password(request)
            if whoever.kind is ActorKind.CITIZEN and request.resolver_match.view_name == "home":
                return redirect("mine")
            try:
                request.under = ground(request, personal=personal)
                request.by = request.actor.narrowed(permission)
                if not strength.suffices(request.user, request.session, permission):
                    return to_confirm(request)
                if personal and request.under is None:
                    return to_purpose(request)
                with acting(request.by):
                    return view(request, *args, **kwargs)
            except Refused as refused:
                # A record that is not there, or not in one's areas: whoever tries many is watched (`trust.watching`).
                if isinstance(refused, NotPermitted) or (personal and isinstance(refused, NotFound)):
                    record_denial(by=whoever, asked=request.resolver_match.view_name, reason=refused.message.id)
                return refusals.answer(request, refused)

        guarded.permission, guarded.is_personal = permission, personal
        return guarded

    return declared


def own(view: View) -> View:
    """Declare a view of somebody's own account: it asks who is signed in, and for no permission.

    The view finds who asks in `request.by`. What it refuses becomes a page in words.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        whoever = actor(request)
        if whoever is None:
            return to_sign_in(request)
        request.by = whoever
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return refusals.answer(request, refused)

    guarded.permission, guarded.is_own = None, True
    return guarded


def own_anew(view: View) -> View:
    """Declare a view that changes how somebody signs in: it demands their factor, or without one their password, anew."""

    @wraps(view)
    def confirmed(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.user.must_change_password:
            return to_password(request)
        if not strength.is_fresh(request.session, factors.proofs_of(request.user)):
            return to_confirm(request)
        return view(request, *args, **kwargs)

    return own(confirmed)


def public(view: View) -> View:
    """Declare a view open to everybody, signed in or not."""

    @wraps(view)
    def opened(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return view(request, *args, **kwargs)

    opened.permission = None
    return opened


def actor(request: HttpRequest) -> Actor | None:
    """Return who asks, with every role held today; None for somebody not signed in."""
    if getattr(request, "user", None) is None or not request.user.is_authenticated:
        return None
    if not hasattr(request, "actor"):
        request.actor = _for_whom(actor_of(request.user, on=clock.today()), request)
    return request.actor


def _for_whom(whoever: Actor, request: HttpRequest) -> Actor:
    """Return a citizen as looking at whose record they chose; whether they may, both gates ask at each page."""
    if whoever.kind is not ActorKind.CITIZEN or not (chosen := request.session.get(FOR)):
        return whoever
    return replace(whoever, concerning=UUID(chosen))


def ground(request: HttpRequest, *, personal: bool = True) -> Ground | None:
    """Return the purpose chosen for this session, or the only one that is open to whoever asks; None where a choice is open.

    One that is over is no choice any more, and another is not put in its place unasked. On a page of personal data they act
    from then on in those of their roles alone that may read for this purpose.
    """
    offered = {each.code: each.roles for each in purposes_of(request.actor, on=clock.today())}
    chosen = request.session.get(PURPOSE) or (next(iter(offered)) if len(offered) == 1 else None)
    if chosen not in offered:
        return None
    if personal:
        request.actor = request.actor.reading_for(offered[chosen])
    return Ground(purpose=chosen)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send somebody not signed in to the sign-in page, and from there back to a page that can be asked for again."""
    return _by_way_of("account_login", request, back=resolve_url("home"))


def to_purpose(request: HttpRequest) -> HttpResponse:
    """Have the purpose chosen first, then come back."""
    return _by_way_of("purpose", request, back=request.path)


def to_password(request: HttpRequest) -> HttpResponse:
    """Have a password that somebody else has seen changed first, then come back."""
    return _by_way_of("account-password", request, back=resolve_url("home"))


def to_confirm(request: HttpRequest) -> HttpResponse:
    """Have a factor given, then come back: to the page asked for, or to the one whose form was sent and is not done."""
    return _by_way_of("account-confirm", request, back=_page_before(request))


def _page_before(request: HttpRequest) -> str:
    before = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(before, allowed_hosts={request.get_host()})
    return urlsplit(before)._replace(scheme="", netloc="").geturl() if is_ours and before else resolve_url("home")


def _by_way_of(name: str, request: HttpRequest, *, back: str) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        back = request.get_full_path()
    address = f"{resolve_url(name)}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", False) else redirect(address)
