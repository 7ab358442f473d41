"""The agreements that a machine may act under, and what is left of each."""

from typing import Any

from django.http import HttpRequest
from ninja import Path

from amparo.interop.declaring import Asks, operation
from amparo.interop.schemas import Agreement, Agreements, Code
from amparo.kernel import clock
from amparo.trust.covering import FieldTerm, State
from amparo.trust.grounds.agreements import so_far, terms_of
from amparo.trust.machines.asking import agreement_of, agreements_of


@operation("GET", "v1/agreements", asks=Asks.MACHINE, answers={200: Agreements}, summary="My agreements")
def agreements(request: HttpRequest) -> dict[str, Any]:
    """Every agreement that this machine was opened for, also where none of it can be asked today."""
    return {"agreements": [_told(each) for each in agreements_of(request.auth, on=clock.today())]}


@operation("GET", "v1/agreements/{code}", asks=Asks.MACHINE, answers={200: Agreement}, summary="One agreement")
def agreement(request: HttpRequest, code: Path[Code]) -> dict[str, Any]:
    return _told(agreement_of(request.auth, code, on=clock.today()))


def _told(row: Any) -> dict[str, Any]:
    terms, today = terms_of(row), clock.today()
    had = so_far(row, today)
    plain = ("purpose", "legal_basis", "identifiers", "areas", "programme", "needs_consent", "starts_on", "ends_on")
    return {
        "code": row.code,
        "version": row.version,
        "state": _state(row),
        "fields": [_field(each) for each in terms.fields],
        "period": terms.period.value,
        "records_left": max(terms.volume - had.records, 0),
        "exchanges_left": None if terms.exchanges is None else max(terms.exchanges - had.exchanges, 0),
        "retention_days": terms.retention_days,
        **{name: getattr(terms, name) for name in plain},
    }


def _state(row: Any) -> str:
    """Return the state as it is today; what begins later or is over is no state of its own in the table."""
    if row.state != State.IN_FORCE:
        return row.state
    if clock.today() < row.starts_on:
        return "not-begun"
    return "expired" if clock.today() > row.ends_on else row.state


def _field(term: FieldTerm) -> dict[str, Any]:
    limits = [each.isoformat() if hasattr(each, "isoformat") else each for each in term.limits]
    return {
        "field": f"{term.grain}.{term.name}",
        "given": term.given.value,
        "limits": limits,
        "comparison": term.comparison.value if term.comparison else None,
    }
