"""The areas a reader answers for: where pages begin, and what lies outside."""

from django.db.models import Model

from amparo.kernel.errors import NotFound, NotPermitted
from amparo.trust.queries import area, areas_above, areas_below, areas_numbered, root_areas
from amparo.trust.types import Actor, Permission


def entrances(by: Actor) -> list[Model]:
    """Return the largest areas in reach: the country, or those of one's roles."""
    if _is_in_every_area(by):
        return list(root_areas())
    return list(areas_numbered(first for first, _ in by.scope.ranges).values())


def place_in_reach(by: Actor, code: str) -> Model:
    """Return an area, or without a code the first one in reach. What lies outside does not exist."""
    if code:
        place = area(code)
        if _covers(by, place):
            return place
        raise NotFound("trust-area-unknown", area=code)
    if found := entrances(by):
        return found[0]
    raise NotPermitted("trust-no-area")


def above_in_reach(by: Actor, place: Model) -> list[Model]:
    """Return the areas in reach that contain this one, the largest first, this one left out."""
    return [each for each in areas_above(place) if _covers(by, each) and each.number != place.number]


def _is_in_every_area(by: Actor) -> bool:
    """A programme's people live in any area: which of them is for the rows to say, not for the tree."""
    return by.scope.is_of_nation or by.scope.is_of_programmes


def _covers(by: Actor, place: Model) -> bool:
    return _is_in_every_area(by) or by.scope.covers(place.number)


def around(by: Actor, place: Model) -> list[Model]:
    """Return where one can go from an area: up, here and one step down."""
    return [*above_in_reach(by, place), place, *areas_below(place)]


def sees_rows(actor: Actor, place: Model, permission: Permission) -> bool:
    """Whether somebody reads the records behind the counts of an area, by an office that reaches it: then no count is withheld.

    Another office elsewhere does not make up for it. Whoever runs programmes reads theirs wherever it lies.
    """
    if not actor.has(permission):
        return False
    scope = actor.narrowed(permission).scope
    return scope.is_of_programmes or scope.covers(place.number)
