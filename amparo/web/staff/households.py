"""A household: who lives in it, what is known, who said so and when."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.cases.queries import told_of
from amparo.kernel import clock
from amparo.kernel.dates import Month
from amparo.kernel.messages import Message, message
from amparo.kernel.money import Money
from amparo.programmes.config import Unit
from amparo.programmes.queries import (
    benefits_of_household,
    breaches_of_household,
    conditions_of_household,
    decisions_of_household,
    enrolments_of_household,
    programmes_told,
)
from amparo.programmes.types import Benefit, Decision
from amparo.registry import belonging as registry
from amparo.registry import queries
from amparo.registry.dictionary import Dictionary
from amparo.registry.types import HouseholdRecord, Observed, PersonRecord
from amparo.trust.queries import area_of_number
from amparo.trust.types import Actor, Permission
from amparo.web import belonging, grouping, presenting
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.reach import above_in_reach


class DayForm(forms.Form):
    """The day of which the record is asked."""

    as_of = day_field("web-household-as-of-ask", hint="web-household-as-of-hint", wrong="web-day-wrong", required=False)

    def clean_as_of(self) -> date | None:
        day = self.cleaned_data["as_of"]
        if day and day > clock.today():
            raise forms.ValidationError("web-day-ahead")
        return day


@page(Permission.READ_HOUSEHOLD, personal=True)
@require_safe
def household(request: HttpRequest, id: UUID) -> HttpResponse:
    """The household as it is known now, or as it was known at the end of the day in `as_of`."""
    form = DayForm(request.GET)
    day = form.cleaned_data["as_of"] if form.is_valid() else None
    record = queries.household(id, by=request.by, under=request.under, as_of=_end_of(day))
    words = queries.dictionary()
    on = day or clock.today()
    facts = presenting.known(record.facts, "household", words, on=on)
    made = [] if day else _decisions(request, record, words)
    context = (
        _whereabouts(record, request.by)
        | _belonging(request, record, words, day)
        | {
            "as_of": day,
            "form": form,
            "facts": facts,
            "unknown": presenting.unknown(record.facts, "household", words, record.classes),
            "withheld": presenting.withheld(words, record.classes),
            "members": [_member(each, words, on) for each in record.members],
            "conflicts": presenting.total(facts, "conflict"),
            "stale": presenting.total(facts, "is_stale"),
            "decisions": made,
            **({} if day else _received(request, record, words)),
            "grievances": [] if day else _grievances(request, record, words),
            "undecided": [] if day else _undecided(request, record, words, made),
        }
    )
    return render(request, "web/household.html", context, status=400 if form.errors else 200)


def _decisions(request: HttpRequest, record: HouseholdRecord, words: Dictionary) -> list[dict]:
    """Return what stands about the household and its members, for whoever may read decisions."""
    if not request.actor.has(Permission.READ_DECISION):
        return []
    names = _names(record, words)
    groups = {each.id: grouping.named(each.kind, [names[id] for id in each.persons]) for each in record.groups}
    made = decisions_of_household(record.id, by=request.by, under=request.under)
    return [
        {"decision": each, "amount": presenting.money(each.amount, words), "whom": _whom(each, names | groups)}
        for each in made
        if each.is_standing
    ]


def _received(request: HttpRequest, record: HouseholdRecord, words: Dictionary) -> dict[str, list[dict]]:
    """Return what the household and its members take part in and receive, for whoever may read decisions.

    Benefits stand there where another programme tells of one: otherwise enrolments say the same.
    """
    if not request.actor.has(Permission.READ_DECISION):
        return {}
    asked = {"by": request.by, "under": request.under}
    enrolled = enrolments_of_household(record.id, **asked)
    benefits = benefits_of_household(record.id, **asked, enrolled=enrolled)
    return {
        "enrolments": [{"enrolment": each, "amount": presenting.money(each.amount, words)} for each in enrolled],
        "benefits": _told_of(benefits, _names(record, words)) if any(each.feed for each in benefits) else [],
        "breaches": breaches_of_household(record.id, by=request.by),
        "conditions": _conditions(request, record, words),
    }


def _conditions(request: HttpRequest, record: HouseholdRecord, words: Dictionary) -> list[dict[str, Any]]:
    """Return what was told of who met a programme's conditions, month by month."""
    names = _names(record, words)
    told = conditions_of_household(record.id, by=request.by, under=request.under, on=clock.today())
    return [{"told": each, "whom": names.get(each.person_id), "month": Month(each.period)} for each in told]


def _grievances(request: HttpRequest, record: HouseholdRecord, words: Dictionary) -> list[tuple]:
    """Return what other programmes tell of grievances of whoever lives there, with whose each is, for whoever reads cases."""
    if not request.actor.has(Permission.READ_CASE):
        return []
    names = _names(record, words)
    told = told_of(list(names), by=request.actor, under=request.under)
    return [(each, names.get(each.person_id)) for each in told]


def _told_of(benefits: list[Benefit], names: dict[UUID, Message | str]) -> list[dict[str, Any]]:
    return [
        {
            "benefit": each,
            "amount": _amount(each),
            "whom": names.get(each.person_id),
            "month": Month(each.period) if each.period else None,
        }
        for each in benefits
    ]


def _amount(told: Benefit) -> Money | None:
    return None if told.amount_minor is None else Money(told.amount_minor, told.currency, told.decimals)


def _undecided(request: HttpRequest, record: HouseholdRecord, words: Dictionary, made: list[dict]) -> list[dict]:
    """Return the programmes with a rule today that decided nothing yet of the household or some of its members."""
    if not request.actor.has(Permission.READ_DECISION):
        return []
    names = _names(record, words)
    decided = {(each["decision"].programme, each["decision"].unit_id) for each in made}
    units = {Unit.HOUSEHOLD: [(record.id, None)], Unit.PERSON: list(names.items())}
    units |= {kind: grouping.units(record, kind, names) for kind in Unit if kind.is_group}
    open_units = [
        {"programme": code, "units": [each for each in units.get(unit, []) if (code, each[0]) not in decided]}
        for code, unit in programmes_told(clock.today(), record.classes, by=request.by, area_number=record.area_number)
    ]
    return [each for each in open_units if each["units"]]


def _belonging(request: HttpRequest, record: HouseholdRecord, words: Dictionary, day: date | None) -> dict[str, Any]:
    """Return groups, relationships and items of the household and its members, each with its source and age."""
    on, known = day or clock.today(), {"by": request.by, "as_of": _end_of(day)}
    names = _names(record, words)
    held = [("", registry.items(record, **known)), *((names[each.id], each.items) for each in record.members)]
    return {
        "groups": belonging.groups(registry.groups(record, **known), names, words, on=on),
        "ties": belonging.relationships(
            registry.relationships(record, under=request.under, **known), names, words, on=on
        ),
        "are_ties_withheld": registry.are_withheld(request.by),
        "items": [(whose, kind) for whose, items in held for kind in belonging.items(items, words, on=on)],
    }


def _whom(made: Decision, names: dict[UUID, Message | str]) -> Message | str | None:
    """Return the person, family or couple decided about, also one that is none any more; None where it is the household."""
    ended = grouping.named(made.unit, []) if Unit(made.unit).is_group else None
    return names.get(made.unit_id, ended)


def _names(record: HouseholdRecord, words: Dictionary) -> dict[UUID, Message | str]:
    return {
        each.id: presenting.full_name(each.facts, words) or message("web-person-numbered", number=str(each.number))
        for each in record.members
    }


@page(Permission.READ_HOUSEHOLD, personal=True)
@require_safe
def person(request: HttpRequest, id: UUID, person_id: UUID) -> HttpResponse:
    """One member of a household."""
    record = queries.household(id, by=request.by, under=request.under)
    member = record.member(person_id)
    words, on = queries.dictionary(), clock.today()
    context = _whereabouts(record, request.by) | {
        "person": _member(member, words, on),
        "facts": presenting.known(member.facts, "person", words, on=on),
        "unknown": presenting.unknown(member.facts, "person", words, record.classes),
        "withheld": presenting.withheld(words, record.classes, "person", *_kinds(words)),
        "items": belonging.items(member.items, words, on=on),
        "is_protected": queries.is_protected(person_id, by=request.by),
        "may_read_consents": not request.by.scope.is_of_programmes,
        "identifiers": queries.identifiers_of(person_id, by=request.by),
    }
    return render(request, "web/person.html", context)


@page(Permission.READ_HOUSEHOLD, personal=True)
@require_safe
def history(request: HttpRequest, id: UUID) -> HttpResponse:
    """Everything that was ever said of a household and its members, the latest first."""
    record = queries.household(id, by=request.by, under=request.under)
    words = queries.dictionary()
    names = _names(record, words)
    observed = queries.history(id, by=request.by, under=request.under)
    context = _whereabouts(record, request.by) | {
        "withheld": presenting.withheld(words, record.classes),
        "observed": [_told(each, words) | {"whom": names.get(each.entity_id)} for each in observed],
        "residence": [
            {
                "whom": names.get(person_id) or message("web-person-numbered", number=str(number)),
                "since": since,
                "until": until,
            }
            for person_id, number, since, until in queries.residence(id, by=request.by)
        ],
    }
    return render(request, "web/history.html", context)


def _end_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time.max, tzinfo=UTC) if day else None


def _whereabouts(record: HouseholdRecord, by: Actor) -> dict:
    """Return the household with its area and what lies above it, for the way back."""
    place = area_of_number(record.area_number)
    return {
        "household": record,
        "is_below": record.area_number < 0,
        "place": place,
        "above": [*above_in_reach(by, place), place] if place else [],
    }


def _member(record: PersonRecord, words: Dictionary, on: date) -> dict:
    return {
        "id": record.id,
        "number": record.number,
        "name": presenting.full_name(record.facts, words),
        "age": presenting.age(record.facts, words, on=on),
        "sex": presenting.with_role(record.facts, "person", "sex", words),
        "relation": presenting.with_role(record.facts, "person", "relation_to_head", words),
        "erased_on": record.erased_on,
        "is_head": presenting.with_role(record.facts, "person", "is_head", words),
    }


def _kinds(words: Dictionary) -> list[str]:
    """Return the grains of what somebody may hold."""
    return [each for each in words.grains if each.startswith("item:")]


def _told(observed: Observed, words: Dictionary) -> dict:
    """Return one observation with its values ready to be written. What was erased says so, and why."""
    told = [
        (
            presenting.worded(field.label_id, field.name),
            message("web-history-taken-back")
            if observed.values[field.name] is None
            else presenting.presentable(observed.values[field.name], field, words),
        )
        for field in words.of(observed.grain)
        if field.name in observed.values
    ]
    return {
        "values": told,
        "source": presenting.worded(f"source-{observed.source}", observed.source),
        "observed_on": observed.observed_on,
        "received_on": observed.received_at.date(),
        "erased": observed.tombstone,
    }
