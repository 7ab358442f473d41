"""Where a programme reaches: who decides about enrolment in it, and the areas of whose people alone it is.

Nulls   no range means everywhere; the empty range (1, 0) means nowhere
"""

from uuid import UUID

from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes import models
from amparo.programmes.enrolment import EnrolledBy, EnrolmentTerms, restored
from amparo.trust.queries import area
from amparo.trust.scope import within
from amparo.trust.types import Actor, ActorKind, Permission

Range = tuple[int, int]
NOWHERE: Range = (1, 0)


def programme_for(code: str, by: Actor) -> tuple[models.Programme, EnrolmentTerms]:
    """Return a programme that `by` may enrol for, with its terms.

    Raises NotFound for an unknown or withdrawn one, and NotPermitted where only those who run the programme decide.
    """
    row = models.Programme.objects.filter(code=code, withdrawn_at=None).first()
    if row is None:
        raise NotFound("programmes-enrolment-programme-unknown", programme=code)
    terms, scope = restored(row.enrolment), by.narrowed(Permission.ENROL).scope
    decides = by.kind is ActorKind.SYSTEM or scope.is_of_programmes or terms.enrolled_by is EnrolledBy.AREAS
    # Who runs the programme does not see people in danger: those are enrolled by who shelters them.
    if not (decides or scope.shows_protected):
        raise NotPermitted("programmes-enrolled-by-programme", programme=code)
    if not scope.reaches(code):
        raise NotPermitted("programmes-not-yours", programme=code)
    return row, terms


def enrolment_for(id: UUID, by: Actor) -> models.Enrolment:
    """Return an enrolment in reach, locked, for whoever may decide about it. One that another system told is that system's."""
    by = by.narrowed(Permission.ENROL)
    row = within(models.Enrolment.objects.filter(id=id), by).select_for_update().first()
    if row is None:
        raise NotFound("programmes-enrolment-unknown")
    programme_for(row.programme.code, by)
    if row.source != models.OWN:
        raise Refused("programmes-enrolment-told", source=row.source)
    return row


def area_of(terms: EnrolmentTerms, asked: str | None) -> Range | None:
    """Return the range of areas that are both asked for and the programme's. Raises NotFound for an unknown area."""
    ranges = [_range(code) for code in (terms.area, asked) if code is not None]
    if not ranges:
        return None
    first, last = max(each[0] for each in ranges), min(each[1] for each in ranges)
    return (first, last) if first <= last else NOWHERE


def within_area(terms: EnrolmentTerms, first: int, last: int) -> Range:
    """Return the part of a range of areas that is the programme's."""
    if terms.area is None:
        return first, last
    own = _range(terms.area)
    found = max(own[0], first), min(own[1], last)
    return found if found[0] <= found[1] else NOWHERE


def _range(code: str) -> Range:
    place = area(code)
    return place.number, place.last_number
