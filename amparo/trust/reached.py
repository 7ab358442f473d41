"""Whether a person lies where an actor may act, asked before anything is written.

The row that an action writes is placed by the database, which copies the area from the person and refuses what lies outside
(the second gate). This is the first: with it alone, too, nothing is written.
"""

from uuid import UUID

from django.db import connection

from amparo.kernel.errors import NotFound
from amparo.trust.scope import where
from amparo.trust.types import Actor

PERSONS = "registry_person"


def expect_reached(person: UUID, by: Actor) -> None:
    """Raise NotFound for a person outside the actor's areas, and for one that nobody has."""
    condition, values = where(by, of=PERSONS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT FROM {PERSONS} WHERE id = %s AND {condition}", [person, *values])
        if cursor.rowcount == 0:
            raise NotFound("registry-person-unknown")
