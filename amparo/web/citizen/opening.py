"""How a citizen's page is opened: by whoever is its person's own, or acts for them today."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from amparo.kernel.errors import NotFound
from amparo.kernel.messages import Message, message
from amparo.registry.own import Seen, expect_own
from amparo.trust.types import Permission
from amparo.web import presenting
from amparo.web.access import FOR, View, page


def mine(permission: Permission = Permission.SEE_OWN) -> Callable[[View], View]:
    """Declare a page about one person. It finds in `request.relation` by what right the citizen looks.

    Where somebody may act no more for whom they chose, they are back before their own record.
    """

    def declared(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            try:
                request.relation = expect_own(request.by)
            except NotFound:
                request.session.pop(FOR, None)
                return redirect("mine")
            return view(request, *args, **kwargs)

        return page(permission)(opened)

    return declared


def named(seen: Seen, words) -> Message | str:
    """Return somebody's name, or what stands for it where none is known."""
    return presenting.full_name(seen.facts, words) or message("web-person-numbered", number=str(seen.number))
