"""What programmes are, as whoever runs a system beside them needs to know it: nobody's record is in it.

Shape   one per programme, in the profile's order
Nulls   as `config.RuleVersion` and `enrolment.EnrolmentTerms` have them
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from amparo.programmes.config import Unit
from amparo.programmes.enrolment import EnrolmentTerms, restored
from amparo.programmes.models import Programme, RuleVersion


@dataclass(frozen=True)
class RuleStated:
    """From when to when a rule holds and by which law, a message id. `pays`: whether it gives an amount."""

    starts_on: date
    ends_on: date | None
    law: str
    pays: bool


@dataclass(frozen=True)
class ProgrammeStated:
    """A programme: whom it decides about, how it enrols, and its rules from the first day on."""

    code: str
    unit: Unit
    enrolment: EnrolmentTerms
    rules: tuple[RuleStated, ...]


def programmes_stated(codes: Collection[str]) -> list[ProgrammeStated]:
    """Return those of some programmes that are run here; one that was withdrawn is not."""
    rows = Programme.objects.filter(code__in=list(codes), withdrawn_at=None).order_by("position", "code")
    versions = RuleVersion.objects.filter(programme__in=rows, replaced_at=None).order_by("starts_on")
    return [
        ProgrammeStated(
            each.code,
            Unit(each.unit),
            restored(each.enrolment),
            tuple(
                RuleStated(rule.starts_on, rule.ends_on, rule.law, rule.amount is not None)
                for rule in versions
                if rule.programme_id == each.id
            ),
        )
        for each in rows
    ]
