"""What an area decides by itself: its local programmes, and the figures that are its own.

A programme is an area's where its enrolment names one, a figure where the profile says so; tables and models are the
nation's. Who writes or publishes for an area touches nothing else, and nothing of an area's decides elsewhere (`borrowing`).

Nulls   without an area a thing is the nation's; of an area that is not there, nobody's but the nation's
Errors  NotPermitted for what lies outside the reach of whoever acts; Refused for a rule that borrows from an area
"""

from collections.abc import Iterable

from amparo.kernel.errors import NotPermitted, Refused
from amparo.programmes.borrowing import Named, areas, borrowed
from amparo.programmes.standing import PARAMETER, RULE, Standing
from amparo.trust.queries import areas_coded
from amparo.trust.types import Actor


def area_of(stated: Standing, kind: str, code: str) -> str | None:
    """Return the code of the area that decides a thing by itself; None: the nation does. Raises NotFound for what there is not."""
    thing = stated.thing(kind, code)
    if kind == RULE:
        return thing.enrolment.area
    return thing.area if kind == PARAMETER else None


def range_of(area: str, *, using: str = "default") -> tuple[int, int] | None:
    """Return the first and last number of an area; None of one that is not there."""
    return next(((each.number, each.last_number) for each in areas_coded([area], using=using)), None)


def is_within_reach(stated: Standing, kind: str, code: str, by: Actor) -> bool:
    """Whether whoever acts may decide a thing: the nation's all, an area's what is decided by an area that lies in it whole."""
    scope = by.scope
    if scope.is_of_nation:
        return True
    area = area_of(stated, kind, code) if scope.is_of_areas and code in stated.names(kind) else None
    place = range_of(area) if area else None
    return place is not None and any(first <= place[0] and place[1] <= last for first, last in scope.ranges)


def expect_within_reach(stated: Standing, kind: str, code: str, by: Actor) -> None:
    """Raise NotPermitted for a thing that whoever acts may not decide."""
    if not is_within_reach(stated, kind, code, by):
        raise NotPermitted("programmes-not-of-your-area")


def expect_own(stated: Standing, programme: str, refers: Iterable[Named], *, using: str) -> None:
    """Raise Refused for a rule that refers to what another area decides, or to any area's where it is the nation's."""

    def lies_in(inner: str, outer: str) -> bool:
        one, other = (range_of(each, using=using) for each in (inner, outer))
        return one is not None and other is not None and other[0] <= one[0] and one[1] <= other[1]

    for name in borrowed(areas(stated.programmes, stated.parameters), programme, refers, lies_in):
        raise Refused("programmes-borrowed-from-area", programme=programme, name=name)
