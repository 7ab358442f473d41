"""Reads the table `[procedure]` of a programme: approval, review, notice and appeal, with their law."""

from amparo.profiles.places import Place
from amparo.programmes.procedure import APPEAL_DAYS, Procedure


def read_procedure(programme: Place) -> Procedure:
    """Return what the programme states; one that states nothing lets no change for the worse take effect."""
    if not programme.has("procedure"):
        return Procedure()
    place = programme.table("procedure")
    found = Procedure(
        law=place.text("law"),
        needs_approval=place.truth_or("approval", False),
        needs_review=place.truth_or("review", False),
        notice_days=_days(place, "notice_days", None),
        appeal_days=_days(place, "appeal_days", APPEAL_DAYS) or APPEAL_DAYS,
        appeal_suspends=place.truth_or("appeal_suspends", False),
        answer_days=_days(place, "answer_days", None),
    )
    place.nothing_left()
    return found


def _days(place: Place, key: str, default: int | None) -> int | None:
    """Read a number of days: at least one, so that nothing takes effect on the very day people learn of it."""
    days = place.whole_or(key, default)
    if days is not None and not 1 <= days <= 3650:
        place.refuse("profiles-procedure-days", key=key)
    return days
