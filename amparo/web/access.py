"""Who may open a page: every route is declared with one permission, or as open to all."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted, Refused
from amparo.trust.actions import record_denial
from amparo.trust.context import acting
from amparo.trust.queries import actor_of
from amparo.trust.types import Actor, Permission
from amparo.web import refusals

View = Callable[..., HttpResponse]


def page(permission: Permission) -> Callable[[View], View]:
    """Declare the permission a view needs, and run it within the gates of whoever asks.

    The view finds who asks, narrowed to this permission, in `request.by`. Whatever it refuses undoes its transaction
    and becomes a page in words; a denial is recorded outside the transaction that it undoes.
    """

    def declared(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            whoever = actor(request)
            if whoever is None:
                return to_sign_in(request)
            try:
                request.by = whoever.narrowed(permission)
                with acting(request.by):
                    return view(request, *args, **kwargs)
            except NotPermitted as refused:
                record_denial(by=whoever, asked=request.resolver_match.view_name, reason=refused.message.id)
                return refusals.answer(request, refused)
            except Refused as refused:
                return refusals.answer(request, refused)

        guarded.permission = permission
        return guarded

    return declared


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
        request.actor = actor_of(request.user, on=clock.today())
    return request.actor


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send somebody not signed in to the sign-in page, and from there back to a page that can be asked for again."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else resolve_url("home")
    address = f"{resolve_url('account_login')}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", False) else redirect(address)
