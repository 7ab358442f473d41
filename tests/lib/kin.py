"""People around Dalia, a citizen: what is known of each, in every class of fields, and what each is to her.

Dalia lives in the north with Dario, her husband, Omar, her son of ten, and Salma, her daughter, who is of age. Nadia, her
daughter of eight, lives in the south with Karim, the father. Hoda, who lives elsewhere, gave Dalia a mandate; Zaki lives with
Hoda. Vito has nothing to do with her.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.ids import uuid7
from amparo.programmes.config import ProgrammeConfig
from amparo.registry.actions import install_dictionary, install_sources
from amparo.registry.dictionary import Field, FieldClass, Type
from amparo.trust.actions import install_areas, install_purposes, open_account
from amparo.trust.actions.inviting import Proof, accept_with_password, invite
from amparo.trust.actions.mandating import record_mandate
from amparo.trust.context import acting
from amparo.trust.grounds.mandates import MandateScope
from amparo.trust.identity.invitations import slip
from amparo.trust.keys import encryption
from amparo.trust.keys.keyring import keyring, sealing
from amparo.trust.queries import actor_of
from amparo.trust.types import READS, Actor, Permission, PurposeConfig, citizen, system
from tests.lib import country
from tests.unit.programmes.country import installed

USED = country.USED
CLASSES = ("identity", "contact", "sensitive", "protection", "situation")
# A field of every class, of persons and of households; the value names whose it is, so that a leak can be told.
FIELDS = tuple(
    Field(f"{grain}_{each}", grain, Type.TEXT, field_class=FieldClass(each), **USED)
    for grain in ("person", "household")
    for each in CLASSES
)
DICTIONARY = replace(country.DICTIONARY, version="kin-1", fields=(*country.DICTIONARY.fields, *FIELDS), _by_key={})
HOMES = {
    "n1": ("Dalia", "Dario", "Omar", "Salma"),
    "s1": ("Karim", "Nadia"),
    "n2": ("Hoda", "Zaki"),
    "s2": ("Vito",),
}
AGES = {"Omar": 10, "Nadia": 8, "Salma": 18}
PARENTS = (("Dalia", "Omar"), ("Dalia", "Salma"), ("Dalia", "Nadia"), ("Karim", "Nadia"), ("Dario", "Omar"))


def born(age: int) -> date:
    """Return the birth date of somebody whose birthday is today; on 29 February, of somebody born the day before."""
    today = clock.today()
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return date(today.year - age, today.month, day)


def install(*programmes: ProgrammeConfig) -> dict[str, UUID]:
    """Make the country with these people in it, and programmes that decide about them; return each one's id by name, and each household's by its area."""
    by = system("test")
    install_areas(country.AREAS, by=by)
    install_sources(country.SOURCES, by=by)
    install_purposes([PurposeConfig("registration", "Registration Act, section 1", tuple(READS))], by=by)
    install_dictionary(DICTIONARY, by=by)
    country.open_cast()
    if programmes:
        installed(*programmes)
    ids: dict[str, UUID] = {}
    for area, names in HOMES.items():
        told = {f"household_{each}": f"{area}-{each}" for each in CLASSES} | {"income": 5_000, "rooms": 2}
        ids[area] = country.household(area, *map(_person, names), by=by.narrowed(Permission.REGISTER), **told)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT person_id, given_name FROM registry_fact_person")
        ids |= {name: id for id, name in cursor.fetchall()}
    for parent, child in PARENTS:
        relate(ids[parent], "parent", ids[child])
    return ids


def _person(name: str) -> dict:
    told = {f"person_{each}": f"{name}-{each}" for each in CLASSES}
    age = AGES.get(name, 40)
    return {"given_name": name, "family_name": "Aziz", "birth_date": born(age), **told}


def relate(person: UUID, kind: str, other: UUID, *, since: date = date(2020, 1, 1), until: date | None = None) -> None:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_relationship (person_id, other_id, kind, starts_on, ends_on, source_id, area_number)"
            " SELECT %s, %s, %s, %s, %s, 1, area_number FROM registry_person WHERE id = %s",
            [person, other, kind, since, until, person],
        )


def number(person: UUID, value: str, scheme: str = "national_id") -> None:
    """Give a person an identifier, sealed and found as a batch would have it."""
    id = uuid7()
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        ring, key = keyring(using="bulk"), sealing(using="bulk")
        place = f"registry_identifier.value:{id}".encode()
        cursor.execute(
            "INSERT INTO registry_identifier (id, person_id, scheme, value, blind_index, verified, is_live, source_id,"
            " area_number) SELECT %s, id, %s, %s, %s, true, true, 1, area_number FROM registry_person WHERE id = %s",
            [
                *(id, scheme, encryption.encrypt("identity", value.encode(), place, key=key)),
                *(encryption.blind_index(scheme, value, key=ring.blinding), person),
            ],
        )


def bound(person: UUID, username: str, *, password: str = country.PASSWORD) -> Actor:
    """Open somebody's own account as they would: invited at the office, with the birth date beside the code."""
    by = country.cast().ines.narrowed(Permission.INVITE_CITIZEN)
    with acting(by):
        code = invite(person, details=["1986-01-01"], proof=Proof("passport"), by=by, under=country.GROUND)
    account = accept_with_password(slip(code, "1986-01-01"), username, password, by=system("invitation"))
    return actor_of(account, on=clock.today())


def mandate(person: UUID, holder: UUID, *, days: int = 30, since: int = 0) -> UUID:
    """Take a mandate down; `since` and `days` count from today, and may lie before it."""
    by, today = country.cast().ines.narrowed(Permission.RECORD_MANDATE), clock.today()
    on = today + timedelta(days=since)
    with acting(by):
        row = record_mandate(
            person,
            holder,
            scope=[MandateScope.VIEW],
            proof=Proof("power-of-attorney", "A-12/2026"),
            by=by,
            under=country.GROUND,
            on=on,
            until=on + timedelta(days=days),
        )
    return row.id


def looking(who: Actor, whom: UUID | None = None, permission: Permission = Permission.SEE_OWN) -> Actor:
    """Return a citizen as looking at somebody's record, or at their own."""
    assert who.person
    return citizen(who.id, person=who.person, concerning=whom or who.person).narrowed(permission)


def stranger() -> Actor:
    """Return an actor who says to be a citizen and whose account is nobody's."""
    account = open_account("stranger", country.PASSWORD, display_name="Stranger", by=system("test"))
    return citizen(account.id, person=uuid7())


@contextmanager
def without_row_security(here, name: str) -> Iterator[None]:
    """Take the database's gates out of one database, as nobody but its superuser can: it shows everything as one's own."""
    from amparo.project.databases import connect

    with connect(here.server, name) as superuser:
        opened = {
            "amparo_me": "SELECT nullif(current_setting('amparo.person', true), '')::uuid",
            "amparo_seen": """SELECT id, 'self' FROM registry_person UNION ALL SELECT id, 'home' FROM registry_household
                UNION ALL SELECT id, 'self' FROM registry_item""",
            "amparo_units": "SELECT id FROM registry_person UNION ALL SELECT id FROM registry_household",
        }
        kept = {
            each: superuser.execute("SELECT pg_get_functiondef(%s::regproc)", [each]).fetchone()[0] for each in opened
        }
        superuser.execute(
            "INSERT INTO registry_insight SELECT r, s FROM unnest(%s::text[]) r, unnest(%s::text[]) s ON CONFLICT DO NOTHING",
            [["self", "home"], ["name", *CLASSES]],
        )
        (rows,) = [
            superuser.execute(
                "SELECT array_agg(c.relname::text) FROM pg_class c WHERE relforcerowsecurity AND NOT relispartition"
            ).fetchone()[0]
        ]
        for each, body in opened.items():
            head = kept[each][: kept[each].index("AS $function$")]
            superuser.execute(f"{head} AS $function$ {body} $function$")
        for table in rows:
            superuser.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        try:
            yield
        finally:
            for table in rows:
                superuser.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            for definition in kept.values():
                superuser.execute(definition)
            superuser.execute(
                "DELETE FROM registry_insight WHERE shows = 'protection' OR (relation = 'home' AND shows NOT IN ('contact', 'situation'))"
            )
