"""What every request passes before and after its operation: counted, measured, answered in one form, kept out of caches."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from amparo.interop import bodies, limiting, problems, signing
from amparo.interop.declaring import Declared
from amparo.kernel.errors import NotFound, NotServed, Refused
from amparo.trust.modes import expect_on, is_on

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
        served = {method: each for method, each in known.items() if is_on(each.part)}
        if not served:
            expect_on(next(iter(known.values())).part)
        if request.method not in served:
            return problems.not_allowed(request, sorted(served))
        bodies.read(request, takes=served[request.method].takes)
        return view(request, *args, **kwargs)
    except Refused as refused:
        return problems.answer(request, refused)
    except problems.FAULTS as fault:
        return problems.of_fault(request, fault)
