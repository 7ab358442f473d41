"""The virtual file of a household: every source asked that may be, at once, and all that they say side by side (VIR-1…4, VIR-6).

Shape   a household in; for each field of each member the value that holds with source and day, or why none does, out
Units   seconds for all sources together (`sources.asking.SECONDS`)
Nulls   a source that was asked and did not tell leaves its fields unknown, whatever others say that come after it
Errors  NotFound outside the actor's areas; a source causes none
Source  docs/decisions/0042-the-virtual-file.md

Nothing of an answer is written but what its attribute's caching says: nowhere, sealed until a day, or as an observation.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from amparo.kernel.messages import Message, message
from amparo.registry import queries as registry
from amparo.registry.actions import observe
from amparo.registry.dictionary import Dictionary
from amparo.registry.types import HouseholdRecord
from amparo.sources import asking, keeping, retries, standing
from amparo.sources.filing import Heard, filed
from amparo.sources.planning import Plan, planned
from amparo.sources.queries import connections
from amparo.sources.types import FAULTS, Answer, Caching, ConnectionConfig, HouseholdFile, Question, Reason
from amparo.trust.actions.asking import Allowed, Wanted, begin_asking
from amparo.trust.types import Actor, Ground, Permission


def open_file(household_id: UUID, *, by: Actor, under: Ground, on: date) -> HouseholdFile:
    """Ask every source that purpose, agreement and consent allow about the members of a household, and return the file.

    Each person asked about has an audit row before anything leaves; what may be observed is recorded as the source's word,
    under its agreement, and decisions follow at once. Of somebody in danger nobody is asked anything.
    """
    return ask_about(household_id, connections(), by=by, under=under, on=on)


@transaction.atomic
def ask_about(
    household_id: UUID, of: Sequence[ConnectionConfig], *, by: Actor, under: Ground, on: date
) -> HouseholdFile:
    """Ask these sources about the members of a household; as `open_file`, which asks all."""
    by = by.narrowed(Permission.ASK_SOURCES)
    record = registry.household(household_id, by=by, under=under)
    words = registry.dictionary()
    configs = {each.source: each for each in of}
    plan = planned(record, of, words, by=by, under=under, on=on)
    if record.area_number < 0:
        return filed(record, plan, Heard(), dict.fromkeys(configs, message("sources-nobody-asked")), words, on=on)
    allowed = asking.apart(
        partial(begin_asking, _wanted(plan), area_number=record.area_number, by=by, under=under, on=on)
    )
    heard = _asked(plan, configs, allowed, words, on=on)
    _write(record, configs, allowed, heard, words, by=by, on=on)
    retries.queue(record, configs, heard, under=under)
    not_covered = {source: each for source, each in allowed.items() if isinstance(each, Message)}
    return filed(record, plan, heard, not_covered, words, on=on)


def _wanted(plan: Plan) -> Sequence[Wanted]:
    """Return what is wanted of each source that anything is wanted of."""
    by_source: dict[str, list[UUID]] = defaultdict(list)
    for source, person in plan.questions:
        by_source[source].append(person)
    return [_one(plan, plan.configs[source], persons) for source, persons in by_source.items()]


def _one(plan: Plan, config: ConnectionConfig, persons: Sequence[UUID]) -> Wanted:
    names = {each.name for person in persons for each in plan.questions[config.source, person].attributes}
    return Wanted(
        source=config.source,
        owner=config.owner,
        agreement=config.agreement,
        fields=tuple(("person", each.name) for each in config.attributes if each.name in names),
        scheme=config.key,
        persons=tuple(persons),
    )


def _asked(
    plan: Plan,
    configs: Mapping[str, ConnectionConfig],
    allowed: Mapping[str, Allowed | Message],
    words: Dictionary,
    *,
    on: date,
) -> Heard:
    """Ask what may be asked now, and say of the rest why it was not."""
    open_to = {
        asked: each
        for asked, each in plan.questions.items()
        if isinstance(gate := allowed[asked[0]], Allowed) and asked[1] in gate.persons
    }
    let, held_back = asking.apart(partial(_let, open_to, configs))
    answers = asking.ask_all(let, configs, words=words, on=on)
    asking.apart(partial(_note, answers))
    for asked, reason in held_back.items():
        answers[asked] = Answer(reasons={each.name: reason for each in open_to[asked].attributes})
    for asked in plan.questions.keys() - open_to.keys():
        answers[asked] = Answer(reasons={each.name: Reason.NOT_COVERED for each in plan.questions[asked].attributes})
    return Heard(answers, frozenset(source for source, _ in let))


def _let(
    questions: Mapping[asking.Asked, Question], configs: Mapping[str, ConnectionConfig]
) -> tuple[dict[asking.Asked, Question], dict[asking.Asked, Reason]]:
    """Return the questions that limits and breakers let through, and why the others are held back."""
    let, held_back = {}, {}
    for source in dict.fromkeys(each for each, _ in questions):
        own = [each for each in questions if each[0] == source]
        count, reason = standing.may_ask(configs[source], len(own))
        let |= {each: questions[each] for each in own[:count]}
        held_back |= dict.fromkeys(own[count:], reason)
    return let, held_back


def _note(answers: Mapping[asking.Asked, Answer]) -> None:
    """Keep how each source stands, in one order, so that nobody waits for who waits for them."""
    outcomes: dict[str, list[Reason | None]] = defaultdict(list)
    for (source, _), each in answers.items():
        outcomes[source].append(next((reason for reason in each.reasons.values() if reason in FAULTS), None))
    for source in sorted(outcomes):
        standing.note(source, outcomes[source])


def _write(
    record: HouseholdRecord,
    configs: Mapping[str, ConnectionConfig],
    allowed: Mapping[str, Allowed | Message],
    heard: Heard,
    words: Dictionary,
    *,
    by: Actor,
    on: date,
) -> None:
    """Keep and record what may be, of each source and day together."""
    observed: dict[tuple[str, date], dict[UUID, dict[str, Any]]] = defaultdict(dict)
    for (source, person), answer in heard.answers.items():
        keeping.keep(configs[source], person, answer, words, area_number=record.area_number, on=on)
        names = {each.name for each in configs[source].attributes if each.caching is Caching.OBSERVATION}
        told = {name: value for name, value in answer.values.items() if name in names}
        if told and answer.observed_on:
            observed[source, answer.observed_on][person] = told
    for (source, day), members in observed.items():
        ground = allowed[source]
        assert isinstance(ground, Allowed)
        observe(record.id, values={}, members=members, source=source, by=by, on=day, under=ground.ground)
