"""Everything held about somebody as one file, to take along: JSON with the fields by their own names."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from amparo.kernel import clock
from amparo.profiles.languages import say
from amparo.programmes.queries import OwnBenefit, own_benefits, own_collectors, own_enrolments
from amparo.programmes.queries.own import own_decisions
from amparo.programmes.types import Enrolment
from amparo.registry.own import OwnRecord, own_record, seen_by_name
from amparo.registry.types import Fact, ItemRecord
from amparo.trust.grounds.consents import receipts
from amparo.trust.log.tracker import MOST, find_usage, note_taking
from amparo.trust.types import OWN_RIGHT, Actor
from amparo.web.citizen.opening import mine


@mine()
@require_safe
def copy(request: HttpRequest) -> HttpResponse:
    """The record, its decisions, consents and who used it. Money is in minor units, as the registry keeps it."""
    by = request.by
    record = own_record(by=by)
    told = {
        "taken_at": clock.now(),
        "person": {"number": record.person.number, "facts": _facts(record.person.facts), "items": _items(record.items)},
        "identifiers": [{"scheme": each.scheme, "ends_in": each.ending} for each in record.identifiers],
        "household": _home(record),
        "decisions": [_decision(each) for each in own_decisions(by=by)],
        "enrolments": [_enrolment(each) for each in own_enrolments(by=by)],
        "collectors": _collectors(by),
        "benefits_told": [_benefit(each) for each in own_benefits(by=by)],
        "consents": [_consent(each.row) for each in receipts(by.concerning, by=by, under=OWN_RIGHT, on=clock.today())],
        "usage": find_usage(by=by, say=lambda words: say(words, request.language), limit=MOST),
    }
    note_taking(by)
    made = json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    name = f'attachment; filename="my-data-{clock.today().isoformat()}.json"'
    return HttpResponse(made, content_type="application/json", headers={"Content-Disposition": name})


def _facts(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {
        name: {
            "value": each.value,
            "source": each.source,
            "observed_on": each.observed_on,
            "valid_until": each.valid_until,
            "conflict": each.conflict,
        }
        for name, each in facts.items()
    }


def _items(items: Any) -> list[dict[str, Any]]:
    found: list[ItemRecord] = list(items)
    return [{"kind": each.kind, "facts": _facts(each.facts)} for each in found]


def _home(record: OwnRecord) -> dict[str, Any] | None:
    home = record.home
    if home is None:
        return None
    members = [{"number": each.number, "facts": _facts(each.facts)} for each in home.members]
    return {"number": home.number, "facts": _facts(home.facts), "items": _items(home.items), "members": members}


def _enrolment(each: Enrolment) -> dict[str, Any]:
    return {
        "id": each.id,
        "programme": each.programme,
        "about": each.unit,
        "state": each.state.value,
        "starts_on": each.starts_on,
        "ends_on": each.ends_on,
        "amount": each.amount,
    }


def _collectors(by: Actor) -> list[dict[str, Any]]:
    """Return who collects of which enrolment; of whom they see nothing, neither number nor name."""
    told = own_collectors(by=by)
    seen = seen_by_name([each.who for each in told if each.who], by=by)
    return [
        {
            "enrolment": each.enrolment,
            "as_alternate": each.is_alternate,
            "is_yourself": each.who == by.person,
            "person": seen[each.who].number if each.who in seen else None,
            "institution": each.institution,
            "since": each.since,
            "until": each.until,
            "proof": each.proof,
        }
        for each in told
    ]


def _benefit(each: OwnBenefit) -> dict[str, Any]:
    """Return what another programme told; how much and how is null where it was not told, or is the household's."""
    return {
        "programme": each.scheme,
        "told_by": each.feed,
        "told_on": each.told_on,
        "about": "person" if each.is_own else "household",
        "state": each.status.value,
        "since": each.since,
        "month": each.period,
        "kind": each.kind.value,
        "amount": each.amount_minor,
        "currency": each.currency,
        "decimals": each.decimals,
        "payment": each.payment.value if each.payment else None,
        "received": each.receiver.value if each.receiver else None,
    }


def _decision(each: Any) -> dict[str, Any]:
    return {
        "id": each.id,
        "programme": each.programme,
        "about": each.unit,
        "outcome": each.outcome,
        "amount": each.amount,
        "on": each.on,
        "state": each.state.value,
        "missing": list(each.missing),
    }


def _consent(row: Any) -> dict[str, Any]:
    return {
        "agreement": row.agreement,
        "words": row.text.words,
        "kind": row.kind,
        "given_on": row.given_on,
        "until": row.until,
        "withdrawn_on": row.withdrawn_on,
    }
