"""Why a decision says what it says: each clause, each fact with its source and day, and what would change it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from amparo.kernel.errors import NotFound
from amparo.programmes import freshness, known, models, ranking
from amparo.programmes.config import Unit
from amparo.programmes.explanation import Explanation, Input, Ranked
from amparo.programmes.inforce import InForce
from amparo.programmes.queries import erasing
from amparo.programmes.queries.decisions import standing_of, with_facts
from amparo.programmes.queries.erasing import stated
from amparo.programmes.rulebook import Rulebook, figures_as_kept, in_force, rulebook
from amparo.programmes.types import Decision, State
from amparo.programmes.units import UnitOf, decided, record
from amparo.programmes.withholding import Names, expect_told, shown, withheld
from amparo.registry import queries as registry
from amparo.registry.lists import grain_of
from amparo.registry.relatives import with_lists
from amparo.registry.types import Fact, HouseholdRecord
from amparo.rules.lower.names import plain
from amparo.rules.model.rule import Decided, Rule
from amparo.rules.trace import Trace
from amparo.rules.trace import explain as trace
from amparo.rules.trace.step import member_place
from amparo.rules.trace.turns import turn_of
from amparo.trust.types import Actor, Ground


def explain(decision_id: UUID, *, by: Actor, under: Ground) -> Explanation:
    """Explain a decision from the very facts, rule and figures it rested on.

    A single household's decision keeps its facts; those of a run's are read as they were known when its snapshot was
    taken. `recomputes` says whether the rule, asked again, gives the same answer: an erased fact may stand in the way.
    """
    made = with_facts(decision_id, by=by, under=under)
    words = registry.dictionary()
    told = replace(shown(made, by, words), facts=None)
    run = models.Determination.objects.get(id=made.run) if made.run else None
    known_at = run.known_at if run else made.decided_at
    figures = run.parameters if run else made.facts.get("parameters")
    programme = in_force(made.rule_version, figures, on=made.on)
    if made.facts is not None and not erasing.is_emptied(made):
        household = known.restored(made.household_id, made.facts, words)
    else:
        household = registry.household(made.household_id, by=by, under=under, as_of=known_at)
        household = with_lists(household, reads=programme.reads, by=by, under=under, as_of=known_at)
    erased = erasing.erasure(made, programme, household, known_at=known_at, by=by)
    if erased:
        return erasing.explanation(told, programme, household, erased)
    if made.facts is None:
        household = known.placed(household, programme.reads, words=words, on=made.on, as_of=known_at)
    book = Rulebook(made.on, (programme,), figures_as_kept(figures), words)
    if hidden := withheld(programme, by.classes_at(made.area_number), words):
        return _withheld(programme, household, book, made, told, hidden)
    return _explanation(programme, made.unit_id, household, book, made)


def explain_now(programme_code: str, unit_id: UUID, *, by: Actor, under: Ground, on: date) -> Explanation:
    """Explain what stands about a household or person under a programme; where nothing stands, what would be decided."""
    rows = [each for each in standing_of([unit_id], by=by) if each.programme.code == programme_code]
    in_effect = next((each for each in rows if each.state == State.IN_EFFECT), None)
    if in_effect is not None:
        return explain(in_effect.id, by=by, under=under)
    return explain_as_of_today(programme_code, unit_id, by=by, under=under, on=on)


def explain_as_of_today(programme_code: str, unit_id: UUID, *, by: Actor, under: Ground, on: date) -> Explanation:
    """Explain what the rule in force on the day says of what is known now, without writing a decision.

    Raises NotPermitted where the rule reads what `by` may not: its answer would tell it.
    """
    book = rulebook(on)
    programme = book.programme(programme_code)
    if programme is None or not by.scope.reaches(programme_code):
        raise NotFound("programmes-programme-unknown", programme=programme_code, day=on)
    household = registry.household(_household_of(programme, unit_id, by=by), by=by, under=under)
    if not programme.is_for(household.area_number):
        raise NotFound("programmes-for-another-area", programme=programme_code)
    expect_told(programme, household.classes, book.dictionary)
    household = with_lists(household, reads=programme.reads, by=by, under=under)
    household = known.placed(household, programme.reads, words=book.dictionary, on=on)
    return _explanation(programme, unit_id, household, book, None)


def _household_of(programme: InForce, unit_id: UUID, *, by: Actor) -> UUID:
    """Return where a unit lives; somebody in no family or couple is a unit under their own id."""
    if programme.unit is Unit.HOUSEHOLD:
        return unit_id
    if programme.unit.is_group:
        try:
            return registry.group_household(unit_id, by=by)
        except NotFound:
            pass
    return registry.household_of(unit_id, by=by)


def _explanation(
    programme: InForce, unit_id: UUID, household: HouseholdRecord, book: Rulebook, made: Decision | None
) -> Explanation:
    unit = _unit(programme, unit_id, household)
    values = known.fresh(household, on=book.on, limits=programme.limits)
    found = _found(programme, unit, values, book)
    shown, recomputes = _shown(programme, found, made)
    read = record(unit, *values)
    granted = shown.outcome is True and programme.rule.amount is not None
    turns = known.turns(household)
    return Explanation(
        decision=made,
        programme=programme.code,
        unit=programme.unit,
        unit_id=unit_id,
        household_id=household.id,
        number=household.number,
        on=book.on,
        law=programme.law,
        rule=programme.rule.outcome.text,
        outcome=shown.outcome,
        amount=shown.amount,
        missing=shown.missing,
        trace=_traced(programme.rule.outcome, read, book, turns),
        amount_trace=_traced(programme.rule.amount, read, book, turns) if granted else None,
        inputs=_inputs(programme, unit, household, book),
        figures=book.figures(),
        members=tuple((each.id, each.number) for each in known.in_order(household)),
        recomputes=recomputes,
        **stated(programme),
        group=programme.group,
        asked=unit.places and tuple(each for each in turns if each in unit.places),
        ranking=_ranked(programme, read, book, made),
    )


def _withheld(
    programme: InForce, household: HouseholdRecord, book: Rulebook, made: Decision, told: Decision, hidden: Names
) -> Explanation:
    """Return what may be told of a decision whose rule reads what its reader may not: no step, and of the facts the others."""
    unit = _unit(programme, told.unit_id, household)
    values = known.fresh(household, on=book.on, limits=programme.limits)
    _, recomputes = _shown(programme, _found(programme, unit, values, book), made)
    inputs = _inputs(programme, unit, household, book)
    return replace(
        erasing.explanation(told, programme, household, None),
        inputs=tuple(each for each in inputs if (each.grain, each.name) not in hidden),
        figures=book.figures(),
        recomputes=recomputes,
        withheld=hidden,
    )


def _traced(rule: Rule, read: dict[str, Any], book: Rulebook, turns: Sequence[int]) -> Trace:
    return trace(rule, read, on=book.on, parameters=book.parameters).in_turn(turns)


def _unit(programme: InForce, unit_id: UUID, household: HouseholdRecord) -> UnitOf:
    """Return the unit within its household; a family or couple that is none any more has nobody in it."""
    found = next((each for each in known.units_of(programme, household) if each.id == unit_id), None)
    if found is None and not programme.unit.is_group:
        raise NotFound("programmes-person-elsewhere")
    return found or UnitOf(unit_id, places=())


def _found(programme: InForce, unit: UnitOf, values: tuple[Any, Any], book: Rulebook) -> Decided:
    if unit.places == ():
        return Decided(None, None, (programme.unit.value,))
    return decided(programme, unit, *values, on=book.on, parameters=book.parameters)


def _shown(programme: InForce, found: Decided, made: Decision | None) -> tuple[Decided, bool]:
    """Return what to say of the unit, and whether the rule bears out the decision: of a rank, that one was due."""
    if made is None:
        return (ranking.alone(found, None)[0] if programme.ranking else found), True
    kept = Decided(made.outcome, made.amount, tuple(made.missing))
    if programme.ranking:
        return kept, ranking.bears_out(found, made)
    return found, found == kept


def _ranked(programme: InForce, read: dict[str, Any], book: Rulebook, made: Decision | None) -> Ranked | None:
    if programme.ranking is None:
        return None
    traces = [trace(each, read, on=book.on, parameters=book.parameters) for each in programme.keys]
    keys = [(key.rule, key.descending, told) for key, told in zip(programme.ranking.keys, traces, strict=True)]
    rank, places, waiting = (made.rank, made.places, made.waiting) if made else (None, None, None)
    return Ranked(tuple(keys), rank, places, waiting)


def _inputs(programme: InForce, unit: UnitOf, household: HouseholdRecord, book: Rulebook) -> tuple[Input, ...]:
    """Return every fact the rule could read, known or not, the household's first; each once, however it is reached.

    Members stand in the order in which people are told of them.
    """
    members = known.in_order(household)
    read = {index for index in range(len(members)) if known.is_read(programme, unit, index)}
    found: dict[tuple[tuple[str | int, ...], str], Input] = {}
    for path, place, facts in known.holders(household):
        if place[0] == "members" and place[1] not in read:
            continue
        for name in sorted({plain(name) for at, name in programme.reads if at == path and name}):
            grain, member = _whose(path, place)
            found.setdefault((place, name), _input(grain, name, member, facts.get(name), programme, book, place))
    turn = turn_of(known.turns(household))
    return tuple(sorted(found.values(), key=lambda each: turn(each.place)))


def _whose(path: str, place: tuple[str | int, ...]) -> tuple[str, int | None]:
    """Return the grain of a path, and the place of a member."""
    return (path, None) if place in (("household",), ("area",)) else (grain_of(path), member_place(place))


def _input(
    grain: str,
    name: str,
    member: int | None,
    fact: Fact | None,
    programme: InForce,
    book: Rulebook,
    place: tuple[str | int, ...],
) -> Input:
    limit, key = programme.limits.get((grain, name)), (grain, name)
    days = limit.days if limit else None
    if days is None and key in book.dictionary:
        days = book.dictionary[key].valid_days
    if fact is None:
        return Input(grain, name, member, None, False, place, limit_days=days)
    aged = freshness.under(limit, fact)
    counts = freshness.counts(limit, fact, on=book.on)
    return Input(grain, name, member, aged, aged.is_stale(book.on), place, counts, days)
