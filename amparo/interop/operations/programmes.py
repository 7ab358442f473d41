"""The programmes that an agreement is about, and their terms. Nobody's record is in them."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Path

from amparo.interop.declaring import Asks, operation
from amparo.interop.schemas import Code, Programmes
from amparo.kernel import clock
from amparo.payments import queries as payments
from amparo.payments.cycles import cycle_on
from amparo.profiles.country import country
from amparo.profiles.languages import DEFAULT, has_words, say
from amparo.programmes.queries.terms import ProgrammeStated, RuleStated, programmes_stated
from amparo.registry.queries import dictionary
from amparo.trust.covering import Direction
from amparo.trust.machines.asking import agreement_of
from amparo.trust.modes import is_on
from amparo.trust.types.modes import Part


@operation(
    "GET",
    "v1/agreements/{code}/programmes",
    asks=Asks.MACHINE,
    answers={200: Programmes},
    summary="The programmes of an agreement",
)
def programmes(request: HttpRequest, code: Path[Code]) -> dict[str, Any]:
    """The programme that it is about, or those of which your systems deliver under it: units, rules and cycles. None: it is about no programme.

    Told also where nothing can be asked under the agreement today. Codes are those of the other operations.
    """
    row = agreement_of(request.auth, code, on=clock.today())
    language = getattr(request, "language", DEFAULT)
    paying = {each.programme: each for each in payments.all_terms().values()} if is_on(Part.OPERATIONS) else {}
    found = programmes_stated(_about(row))
    return {"programmes": [_told(each, paying.get(each.code), language) for each in found]}


def _about(row: Any) -> set[str]:
    """Return codes: the agreement's own programme, else those that the systems which deliver under it tell of."""
    if row.programme or row.direction != Direction.IN:
        return {row.programme} - {""}
    feeds = (each for each in country(settings.PROFILE).feeds if each.agreement == row.code)
    return {scheme for each in feeds for scheme in each.schemes}


def _told(stated: ProgrammeStated, pays: Any, language: str) -> dict[str, Any]:
    name = f"programme-{stated.code}"
    return {
        "code": stated.code,
        "name": say(name, language) if has_words(name) else stated.code,
        "unit": stated.unit.value,
        "area": stated.enrolment.area,
        "places": stated.enrolment.places,
        "enrolled_by": stated.enrolment.enrolled_by.value,
        "rules": [_rule(each, language) for each in stated.rules],
        "payment": _payment(pays) if pays else None,
    }


def _rule(rule: RuleStated, language: str) -> dict[str, Any]:
    return asdict(rule) | {"law": say(rule.law, language) if has_words(rule.law) else rule.law}


def _payment(pays: Any) -> dict[str, Any]:
    words, today = dictionary(), clock.today()
    return {
        "currency": words.currency,
        "decimals": words.decimals,
        "every_months": pays.every_months,
        "pays_after_days": pays.pays_after_days,
        "rail": pays.rail.value,
        "cycle": asdict(cycle_on(pays, today)) if today >= pays.first else None,
    }
