"""What every request passes before and after its operation: counted, measured, answered in one form, kept out of caches."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from amparo.interop import bodies, limiting, problems, signing
from amparo.interop.declaring import Declared
from amparo.kernel.errors import NotFound, NotServed, Refused

View = Callable[..., HttpResponse]


def door(view: View, known: dict[str, Declared]) -> View:
    """Return the view behind the door; `known`: method → the operation declared for it. Any other method is refused.

    A route for which nothing was declared is as if it were not there.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = _answer(request, view, known, *args, **kwargs)
        try:
            signing.sign(request, response)
        except NotServed as refused:
            response = problems.answer(request, refused)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    answered.declared = known
    return answered


def _answer(request: HttpRequest, view: View, known: dict[str, Declared], *args, **kwargs) -> HttpResponse:
    try:
        limiting.count_address(request)
        if not known:
            raise NotFound("interop-nothing-here")
        if request.method not in known:
            return problems.not_allowed(request, sorted(known))
        bodies.read(request, takes=known[request.method].takes)
        return view(request, *args, **kwargs)
    except Refused as refused:
        return problems.answer(request, refused)
    except problems.FAULTS as fault:
        return problems.of_fault(request, fault)
