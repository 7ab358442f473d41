"""What an application in a transition is about: which scheme, whose it would be, and from which day.

Nulls   an outcome that is unknown is never a no: it says what is missing. Of a scheme that another institution runs nothing is
        known here but its name
Errors  Refused for what cannot be applied for here, and where nobody would be the unit it is decided about
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from amparo.cases import models
from amparo.cases.types import Case
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import queries as programmes
from amparo.programmes import ranking
from amparo.programmes.config import Unit
from amparo.registry import queries as registry
from amparo.trust.types import Actor


@dataclass(frozen=True)
class Application:
    """For which programme and unit, from which day on, and as whose word the answers are recorded."""

    programme: str
    unit_id: UUID
    household_id: UUID
    on: date
    source: str


def application(of: models.Case | Case, programme: str, *, by: Actor) -> Application:
    """Return what an application in a case would be, on the day of the event or today where that has passed."""
    stated = models.Transition.objects.filter(code=of.transition).first()
    if stated is None or programme not in stated.next:
        raise Refused("cases-application-not-next", programme=programme)
    on = max(of.event_on or clock.today(), clock.today())
    unit = dict(programmes.programmes_on(on)).get(programme)
    if unit is None:
        raise Refused("cases-application-elsewhere", programme=programme)
    person = of.linked.person if isinstance(of, Case) else of.person_id
    household = _home(of, person, by)
    return Application(programme, _unit(unit, person, household), household, on, stated.source)


def _home(of: models.Case | Case, person: UUID | None, by: Actor) -> UUID:
    """Return where somebody lives today, whatever the case says."""
    if person is not None:
        return registry.household_of(person, by=by)
    household = of.linked.household if isinstance(of, Case) else of.household_id
    if household is None:
        raise Refused("cases-application-nobody")
    return household


def _unit(unit: Unit, person: UUID | None, household: UUID) -> UUID:
    if unit is Unit.HOUSEHOLD:
        return household
    if person is None:
        raise Refused("cases-application-nobody")
    groups = registry.groups_at(household, [person]) if unit.is_group else []
    return next((each.id for each in groups if each.kind == unit.value), person)


def is_ranked_later(missing: tuple[str, ...]) -> bool:
    """Whether nothing is missing but the place among others, which a run gives."""
    return bool(missing) and set(missing) <= {ranking.RANK, ranking.AREA}
