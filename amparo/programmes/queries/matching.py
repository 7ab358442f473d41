"""The review list: whom a beneficiary of another programme may be, side by side, for whoever answers for that person.

Shape   one row per pair, the likeliest first, a page at a time
Nulls   what is not told, or not known here, is empty; whose identifier alone is told has no name on the one side
Errors  NotPermitted where the reader may not read names and birth dates: whoever may not read them does not compare by them
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from amparo.kernel.errors import NotPermitted
from amparo.programmes.sealed import BENEFICIARY_CLASS
from amparo.programmes.types import Likeness, Match, MatchState, Unmatched
from amparo.registry.queries import dictionary
from amparo.trust.keys.encryption import decrypt
from amparo.trust.log.recording import record
from amparo.trust.scope import where
from amparo.trust.types import Actor, Event, Ground, Permission

_ROLES = ("given_name", "family_name", "birth_date")
# A pair says something as long as nothing else found who the beneficiary is.
STANDS = """CASE pair.state WHEN 'same' THEN held.found = 'decided' AND held.person_id = pair.person_id
    ELSE held.found = 'review' END"""
_MATCHES = f"""
    SELECT pair.id, pair.state, held.feed, held.reference, held.id, held.told, pair.person_id, home.household_id, p.number,
        {{name}}, {{born}}, pair.area_number, pair.likeness, pair.birth, pair.place, pair.is_identified, pair.score,
        pair.proposed_on, pair.decided_by, pair.decided_at
    FROM programmes_match pair JOIN programmes_beneficiary held ON held.id = pair.beneficiary_id AND {STANDS}
    JOIN registry_person p ON p.id = pair.person_id
    LEFT JOIN registry_membership home ON home.person_id = p.id AND home.ends_on IS NULL
    LEFT JOIN registry_fact_person f ON f.person_id = p.id
    WHERE pair.state = %s AND {{condition}} AND (%s::int IS NULL OR (pair.score, pair.id) < (%s, %s::uuid))
    ORDER BY pair.score DESC, pair.id DESC LIMIT %s
"""
_COUNTS = f"""
    SELECT pair.state, count(*) FROM programmes_match pair
    JOIN programmes_beneficiary held ON held.id = pair.beneficiary_id AND {STANDS}
    WHERE {{condition}} GROUP BY pair.state
"""
_UNMATCHED = """
    SELECT held.feed, count(*) FILTER (WHERE held.found = 'review'), count(*) FILTER (WHERE held.found = 'programme')
    FROM programmes_beneficiary held WHERE held.found IN ('review', 'programme') AND NOT EXISTS (
        SELECT FROM programmes_match pair WHERE pair.beneficiary_id = held.id AND pair.state IN ('proposed', 'later'))
    GROUP BY held.feed ORDER BY held.feed
"""
MATCHES_AT_ONCE = 20


def matches(
    state: MatchState,
    *,
    by: Actor,
    under: Ground,
    after: tuple[int, UUID] | None = None,
    at_most: int = MATCHES_AT_ONCE,
) -> list[Match]:
    """Return a page of the pairs in a state, the likeliest first. Each person who is shown is on the record."""
    expect_comparable(by)
    condition, scope = where(by, of="programmes_match", row="pair")
    score, last = after or (None, None)
    with connection.cursor() as cursor:
        statement = _MATCHES.format(condition=condition, **_columns())
        cursor.execute(statement, [state.value, *scope, score, score, last, at_most])
        found = [_match(*row) for row in cursor.fetchall()]
    _record_read(found, state, by, under)
    return found


def match_counts(*, by: Actor) -> dict[MatchState, int]:
    """Return how many pairs stand in each state, of those in reach."""
    condition, scope = where(by, of="programmes_match", row="pair")
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(condition=condition), scope)
        return dict.fromkeys(MatchState, 0) | {MatchState(state): count for state, count in cursor.fetchall()}


def unmatched(*, by: Actor) -> list[Unmatched]:
    """Return of each system how many are proposed for nobody. Only the nation is told: they lie in nobody's area."""
    if not by.scope.is_of_nation:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_UNMATCHED)
        return [Unmatched(*row) for row in cursor.fetchall()]


def expect_comparable(by: Actor) -> None:
    """Raise NotPermitted where `by` may not read what the pairs are compared by."""
    words = dictionary()
    needed = {field.field_class for role in _ROLES if (field := words.with_role("person", role))}
    if not by.classes.issuperset(needed):
        raise NotPermitted("programmes-match-withheld")


def _columns() -> dict[str, str]:
    words = dictionary()
    names = [f'f."{each.name}"' for role in _ROLES[:2] if (each := words.with_role("person", role))]
    born = words.with_role("person", "birth_date")
    return {
        "name": f"concat_ws(' ', {', '.join(names)})" if names else "''",
        "born": f'f."{born.name}"' if born else "NULL::date",
    }


def _match(id, state, feed, reference, held_id, told, person_id, home, number, name, born, area_number, *why) -> Match:
    likeness, birth, place, is_identified, score, proposed_on, decided_by, decided_at = why
    said = _told(held_id, told)
    return Match(
        id=id,
        state=MatchState(state),
        feed=feed,
        reference=reference,
        told_name=" ".join(filter(None, (said.get("given_name"), said.get("family_name")))),
        told_birth_date=date.fromisoformat(said["birth_date"]) if said.get("birth_date") else None,
        told_area=said.get("area") or "",
        person_id=person_id,
        household_id=home,
        number=number,
        name=name,
        birth_date=born,
        area_number=area_number,
        likeness=likeness,
        birth=Likeness(birth),
        area=Likeness(place),
        is_identified=is_identified,
        score=score,
        proposed_on=proposed_on,
        decided_by=decided_by,
        decided_at=decided_at,
    )


def _told(held_id: UUID, sealed: Any) -> dict[str, str]:
    if sealed is None:
        return {}
    return json.loads(decrypt(BENEFICIARY_CLASS, bytes(sealed), f"programmes_beneficiary.told:{held_id}".encode()))


def _record_read(found: Sequence[Match], state: MatchState, by: Actor, under: Ground) -> None:
    by = by.narrowed(Permission.REGISTER)
    record(Event.MATCHES_LISTED, by=by, under=under, about_kind="matches", about_id=state.value, found=len(found))
    for each in found:
        about = {"about_kind": "person", "about_id": each.person_id, "area_number": each.area_number}
        record(Event.PERSON_READ, by=by, under=under, seen="match", **about)
