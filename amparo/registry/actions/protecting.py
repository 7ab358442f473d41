"""Takes people in danger out of everybody else's sight, lets them back, and records what protects them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel.errors import Refused
from amparo.registry import queries
from amparo.registry.actions.registering import observe
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, FieldClass, Ground, Permission


@transaction.atomic
def protect(person_id: UUID, *, by: Actor, on: date, under: Ground) -> None:
    """Mark somebody as in danger from a day on: their home lies outside every area from now on, with all that is known.

    Raises NotFound outside the actor's areas, and Refused for somebody who is protected already.
    """
    by = by.narrowed(Permission.PROTECT)
    queries.person(person_id, by=by)
    if queries.is_protected(person_id, by=by):
        raise Refused("registry-protected-already")
    _call("amparo_protect(%s, %s, %s)", [person_id, on, by.id])
    record(Event.PERSON_PROTECTED, by=by, under=under, about_kind="person", about_id=person_id)


@transaction.atomic
def end_protection(person_id: UUID, *, by: Actor, under: Ground) -> None:
    """Let somebody back: their home lies in its area again, unless somebody else there is protected.

    Raises NotFound outside the actor's areas, and Refused for somebody who is not protected.
    """
    by = by.narrowed(Permission.PROTECT)
    queries.person(person_id, by=by)
    if not queries.is_protected(person_id, by=by):
        raise Refused("registry-not-protected")
    _call("amparo_end_protection(%s, %s)", [person_id, by.id])
    record(Event.PROTECTION_ENDED, by=by, under=under, about_kind="person", about_id=person_id)


@transaction.atomic
def tell_protection(
    household_id: UUID, about: UUID, values: Mapping[str, Any], *, source: str, by: Actor, on: date, under: Ground
) -> None:
    """Record what protects a home, or somebody who lives in it, as a source told it on a day; None takes a field back.

    Raises NotFound outside the actor's areas, Refused for a field that protects nobody.
    """
    by = by.narrowed(Permission.PROTECT)
    grain, words = ("household" if about == household_id else "person"), queries.dictionary()
    for name in values:
        if words[grain, name].field_class is not FieldClass.PROTECTION:
            raise Refused("registry-field-protects-nobody", field=name)
    said = {"values": values} if grain == "household" else {"values": {}, "members": {about: values}}
    observe(household_id, **said, source=source, by=by, on=on, under=under)


def _call(function: str, values: list[object]) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT {function}", values)
