"""Reads the table `[enrolment]` of a programme: places, order, who enrols, its area, its grounds and reasons, and how often
whoever takes part is looked at again."""

from amparo.profiles.places import Place
from amparo.programmes.enrolment import (
    Basis,
    Collector,
    CollectorKind,
    CollectorProof,
    EnrolledBy,
    EnrolmentTerms,
    ExitReason,
    Order,
    Recertification,
    SuspensionGround,
)

MOST_MONTHS, LEAD_DAYS = 120, 90
_LEAST_AHEAD, _MOST_AHEAD = 30, 365
_SHORTEST_MONTH = 28


def read_enrolment(programme: Place) -> EnrolmentTerms:
    """Return what the programme states; one that states nothing suspends nobody and ends nobody's enrolment."""
    if not programme.has("enrolment"):
        return EnrolmentTerms()
    place = programme.table("enrolment")
    found = EnrolmentTerms(
        places=_places(place),
        order=place.one_of("order", Order) if place.has("order") else Order.ARRIVAL,
        enrolled_by=place.one_of("enrolled_by", EnrolledBy) if place.has("enrolled_by") else EnrolledBy.PROGRAMME,
        area=place.text_or("area", None),
        suspensions=tuple(map(_suspension, place.tables("suspension"))),
        exits=tuple(map(_exit, place.tables("exit"))),
        collectors=tuple(map(_collector, place.tables("collector"))),
        collected_by=place.one_of("collected_by", Collector) if place.has("collected_by") else None,
        recertification=_recertification(place.table("recertification")) if place.has("recertification") else None,
    )
    place.nothing_left()
    stated = (("suspension", found.suspensions), ("exit", found.exits), ("collector", found.collectors))
    for key, listed in stated:
        codes = [each.code for each in listed]
        for code in codes:
            if codes.count(code) > 1:
                place.refuse("profiles-enrolment-twice", key=key, code=code)
    return found


def _places(place: Place) -> int | None:
    places = place.whole_or("places", None)
    if places is not None and places < 1:
        place.refuse("profiles-enrolment-places", places=places)
    return places


def _recertification(place: Place) -> Recertification:
    """Return how often: it must open ahead of its day, and after the day before it."""
    found = Recertification(
        every_months=_between(place, "every_months", 1, MOST_MONTHS, "24"),
        days_ahead=_between(place, "days_ahead", _LEAST_AHEAD, _MOST_AHEAD, "90")
        if place.has("days_ahead")
        else LEAD_DAYS,
        category=place.text("category"),
        law=place.text("law"),
        suspension=place.text_or("suspension", "") or "",
    )
    place.nothing_left()
    if found.days_ahead >= found.every_months * _SHORTEST_MONTH:
        place.refuse("profiles-recertification-overlaps", days=found.days_ahead, months=found.every_months)
    return found


def _between(place: Place, key: str, least: int, most: int, example: str) -> int:
    given = place.whole(key)
    if not least <= given <= most:
        place.refuse("profiles-value-wrong", key=key, example=example)
    return given


def _suspension(place: Place) -> SuspensionGround:
    found = SuspensionGround(place.text("code"), place.text("law"))
    place.nothing_left()
    return found


def _collector(place: Place) -> CollectorProof:
    found = CollectorProof(place.text("code"), place.one_of("kind", CollectorKind), place.text("law"))
    place.nothing_left()
    return found


def _exit(place: Place) -> ExitReason:
    basis = place.one_of("basis", Basis) if place.has("basis") else Basis.NOTICE
    found = ExitReason(place.text("code"), place.text("law"), basis)
    place.nothing_left()
    return found
