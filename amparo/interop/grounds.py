"""Under which agreement an operation is asked: found from its address, before the operation begins.

The operation finds it in `request.agreement`, as it stands today, and the partner acting under it in `request.by`. Whether it
holds is asked where something is handed over, in the transaction that does so.
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.http import HttpRequest

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted
from amparo.trust.actions.exchanging import refusals_kept
from amparo.trust.covering import Direction, Request
from amparo.trust.grounds.agreements import exchange_begun_by, ranges_of, terms_of
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


def about_a_programme(request: HttpRequest) -> Any:
    """Return the agreement that something is asked under. Raises NotPermitted, and writes that down, for one that is about no programme."""
    row = request.agreement
    with refusals_kept(row.id, by=request.by):
        if not row.programme:
            raise NotPermitted("interop-agreement-without-programme", agreement=row.code)
    return row


def listed(row: Any, grain: str) -> list[tuple[str, str]]:
    """Return what of a grain an agreement lists."""
    return [(each.grain, each.name) for each in terms_of(row).fields if each.grain == grain]


def asked_of_all(
    row: Any, fields: Collection[tuple[str, str]], *, purpose: str, records: int, identifiers: Collection[str] = ()
) -> Request:
    """Return a request for these fields of everybody whom an agreement reaches; whether it keeps within it is asked later."""
    terms = terms_of(row)
    return Request(
        consumer=row.consumer.code,
        direction=Direction.OUT,
        purpose=purpose,
        fields=tuple(fields),
        areas=ranges_of(terms.areas),
        records=records,
        programme=terms.programme,
        identifiers=tuple(identifiers),
    )
