"""Reads the table `[enrolment]` of a programme: places, order, who enrols, its area, and its grounds and reasons."""

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
    SuspensionGround,
)


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
