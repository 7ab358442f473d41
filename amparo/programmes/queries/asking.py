"""What programmes would decide on the values of a household's virtual file. Nothing is written: some of them may be kept nowhere.

Shape   a file in; for each unit of each programme in force the outcome, amount and what is missing, with why, out
Nulls   a value that a source did not tell is unknown to the rule: never no, never zero, and never another source's in its stead
Errors  a programme whose rule reads what the reader may not is left out
Source  docs/decisions/0043-decided-with-what-was-asked.md
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from amparo.programmes import known, ranking
from amparo.programmes.inforce import InForce
from amparo.programmes.rulebook import Rulebook, rulebook
from amparo.programmes.units import UnitOf, decided
from amparo.programmes.withholding import expect_decisions, withheld
from amparo.registry.relatives import with_lists
from amparo.registry.types import HouseholdRecord
from amparo.sources.filing import as_record
from amparo.sources.types import HouseholdFile, Reason
from amparo.trust.types import Actor, Ground


@dataclass(frozen=True)
class WouldDecide:
    """What a programme would decide about a unit. `because`: source → why it did not tell some of what is missing."""

    programme: str
    unit_id: UUID
    outcome: bool | None
    amount: int | None
    missing: tuple[str, ...] = ()
    because: Mapping[str, Reason] = field(default_factory=dict)


def decided_with(file: HouseholdFile, *, by: Actor, under: Ground, on: date) -> list[WouldDecide]:
    """Return what every programme in force on the day would decide about a household on its file's values."""
    expect_decisions(file.record.classes)
    book = rulebook(on)
    household = with_lists(as_record(file), reads=book.reads, by=by, under=under)
    household = known.placed(household, book.reads, words=book.dictionary, on=on)
    told = [each for each in book.programmes if not withheld(each, household.classes, book.dictionary)]
    return [each for programme in told for each in _units(programme, household, file, book)]


def _units(
    programme: InForce, household: HouseholdRecord, file: HouseholdFile, book: Rulebook
) -> Iterator[WouldDecide]:
    for unit in known.units_of(programme, household):
        found = decided(
            programme,
            unit,
            *known.fresh(household, on=book.on, limits=programme.limits),
            on=book.on,
            parameters=book.parameters,
        )
        if programme.ranking:
            found, *_ = ranking.alone(found, None)
        because = _because(found.missing, programme, unit, household, file)
        yield WouldDecide(programme.code, unit.id, found.outcome, found.amount, tuple(found.missing), because)


def _because(
    missing: tuple[str, ...], programme: InForce, unit: UnitOf, household: HouseholdRecord, file: HouseholdFile
) -> dict[str, Reason]:
    """Return source → why it did not tell one of the fields that are missing, of a member whom the rule asks."""
    names = {each.rpartition(".")[2] for each in missing}
    asked = [each.id for place, each in enumerate(known.in_order(household)) if known.is_read(programme, unit, place)]
    fields = [each for person in asked for each in file.fields[person] if each.value is None and each.name in names]
    return {source: reason for each in fields for source, reason in each.missing.items()}
