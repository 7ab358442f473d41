"""Under which agreement an operation is asked: found from its address, before the operation begins.

The operation finds it in `request.agreement`, as it stands today, and the partner acting under it in `request.by`. Whether it
holds is asked where something is handed over, in the transaction that does so.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest

from amparo.kernel import clock
from amparo.trust.grounds.agreements import exchange_begun_by
from amparo.trust.machines.asking import agreement_of

# From the request and what its address names, to the code of the agreement.
Named = Callable[[HttpRequest, dict[str, Any]], str]


def by_code(request: HttpRequest, named: dict[str, Any]) -> str:
    return named["code"]


def by_exchange(request: HttpRequest, named: dict[str, Any]) -> str:
    """Return the agreement under which an exchange was begun, and keep the exchange in `request.exchange`."""
    request.exchange = exchange_begun_by(request.auth.organisation, named["exchange"])
    return request.exchange.agreement.code


def under(named: Named, view: Callable) -> Callable:
    """Return the view within its ground. Raises NotFound for an agreement that the machine was not opened for."""

    @wraps(view)
    def grounded(request: HttpRequest, **kwargs: Any) -> Any:
        request.agreement = agreement_of(request.auth, named(request, kwargs), on=clock.today())
        request.by = request.auth.acting_under(request.agreement.id)
        return view(request, **kwargs)

    return grounded
