"""People with identifiers, and files of a programme's system as they come: read by the child, taken in by the action."""

from datetime import date
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.cli.feeding import take_file
from amparo.kernel.ids import uuid7
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.registry.schemes import normalised_identifier
from amparo.trust.keys import encryption
from amparo.trust.keys.keyring import keyring, sealing
from amparo.trust.models import Audit
from tests.lib import country

SCHEME = "national_id"
DAY = date(2026, 4, 10)
BORN = date(1980, 5, 1)
PAID = FeedConfig(
    code="social_fund",
    schemes=("cash_help", "food_help"),
    columns={
        "reference": "no",
        "identifier": "id",
        "given_name": "first",
        "family_name": "last",
        "birth_date": "born",
        "area": "place",
        "scheme": "what",
        "status": "state",
        "kind": "kind",
        "amount": "amount",
        "period": "month",
        "payment": "payment",
        "receiver": "to",
        "since": "since",
    },
    fixed={"identifier_scheme": SCHEME, "currency": "EUR"},
    codes={"status": {"A": "enrolled", "S": "suspended", "X": "exited"}},
    decimals=2,
)
# No more than it must: whose, which programme, where they stand, when, how much.
LEAST = FeedConfig(
    code="least",
    schemes=("cash_help",),
    columns={"identifier": "id", "status": "state", "amount": "amount", "period": "month"},
    fixed={"identifier_scheme": SCHEME, "scheme": "cash_help", "kind": "cash", "currency": "EUR"},
    decimals=2,
)


def person(number: str, *, area: str = "n1", born: date = BORN) -> UUID:
    """Register a home with one person, who holds this identifier; return the person."""
    home = country.household(area, {"birth_date": born})
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.area_number FROM registry_membership m JOIN registry_person p ON p.id = m.person_id"
            " WHERE m.household_id = %s",
            [home],
        )
        id, place = cursor.fetchone()
        identify(cursor, id, place, number)
    return id


def identify(cursor: Any, person_id: UUID, place: int, number: str, scheme: str = SCHEME) -> None:
    ring, id = keyring(using="bulk"), uuid7()
    bound = f"registry_identifier.value:{id}".encode()
    value = encryption.encrypt("identity", number.encode(), bound, key=sealing(using="bulk"))
    blind = encryption.blind_index(scheme, normalised_identifier(number), key=ring.blinding)
    column = "spare_index" if ring.is_spare else "blind_index"
    cursor.execute(
        f"INSERT INTO registry_identifier (id, person_id, scheme, value, {column}, verified, is_live, source_id, area_number)"
        " VALUES (%s, %s, %s, %s, %s, true, true, 1, %s)",
        [id, person_id, scheme, value, blind, place],
    )


def table(drawn: str) -> str:
    """Return a drawn table as CSV."""
    lines = [each for each in dedent(drawn).strip().splitlines() if not set(each) <= set("-+ ")]
    return "\n".join(",".join(cell.strip() for cell in line.split("|")) for line in lines) + "\n"


def taken(text: str, folder: Path, *, feed: FeedConfig = PAID, day: date = DAY) -> dict[str, Any]:
    """Take in a file as the door does; return the receipt."""
    file = folder / "told.csv"
    file.write_text(text, encoding="utf-8")
    return take_file(SimpleNamespace(feeds=(feed,)), file, feed=feed.code, day=day)


def rows(statement: str, *values: Any) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchall()


def reasons(receipt: dict[str, Any]) -> dict[str, int]:
    return {each["reason"]: each["rows"] for each in receipt["reasons"]}


def written_of(event: str) -> list[tuple[str, dict[str, Any]]]:
    """Return whom each row of the audit log of this kind is about, and its details."""
    return list(Audit.objects.using("bulk").filter(event=event).values_list("about_id", "details"))
