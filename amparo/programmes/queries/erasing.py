"""What is left of a decision whose facts were erased: outcome, amount, rule and day, and that it was so."""

from datetime import date, datetime
from typing import Any

from amparo.programmes import known, models
from amparo.programmes.explanation import Erased, Explanation
from amparo.programmes.inforce import InForce
from amparo.programmes.procedure import restored
from amparo.programmes.types import Decision
from amparo.registry import queries as registry
from amparo.registry.types import HouseholdRecord
from amparo.trust.types import Actor


def is_emptied(made: Decision) -> bool:
    """Whether the eraser took the facts that a single household's decision kept."""
    return made.facts is not None and "tombstone" in made.facts


def erasure(
    made: Decision, programme: InForce, household: HouseholdRecord, *, known_at: datetime, by: Actor
) -> Erased | None:
    """Return day and ground of the erasure of anything the decision could rest on; None where all of it is left."""
    if is_emptied(made):
        stone = made.facts["tombstone"]
        return Erased(date.fromisoformat(stone["on"]), stone["ground"])
    unit = next((each for each in known.units_of(programme, household) if each.id == made.unit_id), None)
    persons = enumerate(known.in_order(household))
    # Of a unit that is none any more it cannot be told whom it asked, so everybody counts.
    people = [each.id for place, each in persons if unit is None or known.is_read(programme, unit, place)]
    found = registry.erasure_of([household.id, made.unit_id, *people], as_of=known_at, by=by)
    return Erased(*found) if found else None


def stated(programme: InForce) -> dict[str, Any]:
    """Return what the programme states around its rule, as every explanation names it."""
    row = models.RuleVersion.objects.select_related("programme").get(id=programme.rule_version)
    return {"rule_since": row.starts_on, "procedure": restored(row.programme.procedure)}


def explanation(made: Decision, programme: InForce, household: HouseholdRecord, erased: Erased | None) -> Explanation:
    """Return what still can be said: no fact, no step, and not that the rule would answer otherwise now."""
    return Explanation(
        decision=made,
        programme=programme.code,
        unit=programme.unit,
        unit_id=made.unit_id,
        household_id=household.id,
        number=household.number,
        on=made.on,
        law=programme.law,
        rule=programme.rule.outcome.text,
        outcome=made.outcome,
        amount=made.amount,
        missing=made.missing,
        trace=None,
        amount_trace=None,
        inputs=(),
        figures={},
        members=tuple((each.id, each.number) for each in known.in_order(household)),
        recomputes=False,
        **stated(programme),
        erased=erased,
    )
