"""What is asked of the identifiers of somebody: never their values but to be compared."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connections

from amparo.registry.models import Identifier, Person
from amparo.registry.queries.installed import dictionary
from amparo.registry.queries.records import facts_of
from amparo.registry.schemes import is_sound, normalised_identifier
from amparo.registry.types import IdentifierRecord
from amparo.trust.keys import encryption
from amparo.trust.keys.keyring import keyring
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, FieldClass


def identifiers_of(person_id: UUID, *, by: Actor) -> list[IdentifierRecord]:
    """Return a person's identifiers, without their values; none to whoever may not read identities."""
    rows = within(Identifier.objects.filter(person_id=person_id), by).order_by("scheme")
    rows = [each for each in rows if FieldClass.IDENTITY in by.classes_at(each.area_number)]
    return [IdentifierRecord(each.scheme, each.verified, each.contested, _is_sound(each)) for each in rows]


def _is_sound(row: Identifier) -> bool:
    """Whether an identifier has the length and check digits of its scheme; one without a scheme is not judged."""
    scheme = dictionary().scheme(row.scheme)
    if scheme is None:
        return True
    return is_sound(scheme, normalised_identifier(_opened(row)))


def _opened(row: Identifier) -> str:
    return encryption.decrypt("identity", row.value, f"registry_identifier.value:{row.id}".encode()).decode()


def answers_of(person_id: UUID, *, by: Actor) -> list[str]:
    """Return what a person can be asked to know of themselves: their birth date, and the numbers that are theirs alone.

    To be compared, never shown. Whoever asks must have been let read the household.
    """
    born = dictionary().with_role("person", "birth_date")
    told = facts_of("person", [person_id], classes=[born.field_class]).get(person_id, {}) if born else {}
    known = [told[born.name].value.isoformat()] if born and born.name in told else []
    rows = within(Identifier.objects.filter(person_id=person_id, is_live=True), by).order_by("scheme", "id")
    return [*known, *(normalised_identifier(_opened(each)) for each in rows)]


def numbers_to_ask(person_ids: Sequence[UUID], scheme: str, *, by: Actor) -> dict[UUID, str]:
    """Return person → their number in a scheme, to ask another institution about them by it; never to be shown.

    One that is contested or not sound might be somebody else's: nobody is asked about by it. Whoever asks must have been
    let read the household.
    """
    rows = Identifier.objects.filter(person_id__in=person_ids, scheme=scheme, is_live=True, contested=False)
    return {
        each.person_id: normalised_identifier(_opened(each))
        for each in within(rows, by).order_by("id")
        if _is_sound(each)
    }


def person_with_identifier(scheme: str, value: str, *, by: Actor) -> UUID | None:
    """Return whose live identifier it is, and nothing of them; None where it is nobody's in reach. The look-up is recorded.

    For whoever must name a person and reads nobody's record: an administrator, of the owner of an account.
    """
    keys = keyring().blind_keys
    indexes = [encryption.blind_index(scheme, normalised_identifier(value), key=each) for each in keys]
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT amparo_find_identifier(%s, %s, %s)", [scheme, keys, indexes])
        [found] = cursor.fetchone()
    return _recorded(found, by, f"identifier:{scheme}")


def person_with_number(number: int, *, by: Actor) -> UUID | None:
    """Return the person with this number of ours, and nothing of them; None where there is none in reach. It is recorded."""
    found = within(Person.objects.filter(number=number), by).values_list("id", flat=True).first()
    return _recorded(found, by, "number")


def _recorded(found: UUID | None, by: Actor, by_what: str) -> UUID | None:
    record(Event.PERSON_LOOKED_UP, by=by, about_kind="search", by_what=by_what, found=int(found is not None))
    return found
