"""Programmes that enrol, homes to be enrolled, and the acts of those who do, each within their own gates."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from amparo.programmes import actions, models
from amparo.programmes.enrolment import Basis, EnrolmentTerms, ExitReason, SuspensionGround
from amparo.programmes.procedure import Procedure
from amparo.programmes.types import EnrolmentState
from amparo.trust.context import acting
from amparo.trust.types import Actor, Permission
from tests.lib import country
from tests.lib.country import GROUND
from tests.lib.days import today
from tests.unit.programmes.country import POOR_HOME, run

TERMS = EnrolmentTerms(
    suspensions=(SuspensionGround("unreached", "law-unreached"),),
    exits=(
        ExitReason("abuse", "law-abuse"),
        ExitReason("not-poor", "law-poor", Basis.DECISION),
        ExitReason("own-wish", "law-wish", Basis.FACT),
    ),
)
PROCEDURE = Procedure(law="law-notice", notice_days=10)


def programme(*, needs_review: bool = False, notice_days: int | None = 10, **terms: Any):
    """The grant for poor homes, with these terms of enrolment."""
    return replace(
        POOR_HOME,
        procedure=replace(PROCEDURE, needs_review=needs_review, notice_days=notice_days),
        enrolment=replace(TERMS, **terms),
    )


def homes(**areas: int | tuple[int | None, ...] | None) -> list[UUID]:
    """Register homes with these incomes in minor units, by area: up to 10,000 is poor, None not known. Decide about all."""
    found = []
    for area, incomes in areas.items():
        for each in incomes if isinstance(incomes, tuple) else (incomes,):
            found.append(
                country.household(area, {"birth_date": date(1990, 1, 1)}, **({} if each is None else {"income": each}))
            )
    run(today())
    return found


def acted(
    act: Callable[..., Any], *asked: Any, by: Actor, permission: Permission = Permission.ENROL, **more: Any
) -> Any:
    with acting(by.narrowed(permission)):
        return act(*asked, by=by, under=GROUND, **more)


def enrol(unit: UUID, *, by: Actor, on: date | None = None, **more: Any) -> UUID:
    return acted(actions.enrol, "poor_home", unit, by=by, on=on or today(), **more)


def enrol_many(*, by: Actor, on: date | None = None, **more: Any):
    return acted(actions.enrol_many, "poor_home", by=by, on=on or today(), **more)


def wait(unit: UUID, *, by: Actor, on: date | None = None) -> UUID:
    return acted(actions.wait, "poor_home", unit, by=by, on=on or today())


def state_of(unit: UUID) -> str | None:
    """Where a unit stands now; None where it takes no part."""
    rows = models.Enrolment.objects.using("bulk").filter(unit_id=unit).exclude(state=EnrolmentState.ENDED)
    return rows.values_list("state", flat=True).first()


def steps_of(enrolment: UUID) -> list[tuple[str, str]]:
    rows = models.EnrolmentStep.objects.using("bulk").filter(enrolment_id=enrolment).order_by("id")
    return [(each.state, each.reason) for each in rows]
