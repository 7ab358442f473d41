"""Where people are paid: recorded many at once, sealed, and held against the registry's names before anything goes there.

Units   a table with a row for each account: the person's number in the registry, or the code of an institution that collects for
        people; scheme, institution, number, holder
Nulls   where the registry knows no name, nothing is verified, and what would go there is held
Errors  Refused whole where a row lacks something or names nobody
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.ids import uuid7
from amparo.payments import models
from amparo.payments.matching import is_same_name
from amparo.payments.sealed import FIELD_CLASS, normalised_number
from amparo.registry.queries import dictionary
from amparo.trust.grounds.agreements import organisations
from amparo.trust.keys.encryption import blind_indexes, encrypt_many
from amparo.trust.keys.keyring import TURN, keyring, sealing
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission

BULK = "bulk"
AT_ONCE = 5_000


@dataclass(frozen=True)
class Given:
    """One account as it was told. `person`: their number in the registry, or the code of an institution that collects."""

    person: int | str
    scheme: str
    institution: str
    number: str
    holder: str


def record_accounts(given: Sequence[Given], *, by: Actor, under: Ground) -> tuple[int, int]:
    """Record accounts, each in place of the one before it; return how many, and how many of them are verified by name."""
    by = by.narrowed(Permission.RECORD_ACCOUNTS)
    if len({each.person for each in given}) < len(given):
        raise Refused("payments-account-twice")
    verified = 0
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [TURN])
        for part in _in_parts(given):
            verified += _recorded(part, by)
        record(Event.ACCOUNTS_RECORDED, by=by, under=under, using=BULK, accounts=len(given), verified=verified)
    return len(given), verified


def _in_parts(given: Sequence[Given]) -> list[tuple[Given, ...]]:
    return [tuple(given[start : start + AT_ONCE]) for start in range(0, len(given), AT_ONCE)]


def _recorded(part: Sequence[Given], by: Actor) -> int:
    known = _names([each.person for each in part])
    for line, each in enumerate(part, 1):
        if each.person not in known or not all((each.scheme, each.institution, each.number, each.holder)):
            raise Refused("payments-account-unsound", line=line)
    now, ids = clock.now(), [uuid7() for _ in part]
    numbers = _sealed("number", ids, [normalised_number(each.number) for each in part])
    holders = _sealed("holder", ids, [each.holder for each in part])
    found_by = _indexes(part)
    rows = [
        models.Account(
            id=id,
            person_id=known[each.person][0],
            area_number=0,  # the database puts the person's own
            scheme=each.scheme,
            institution=each.institution,
            number=number,
            holder=holder,
            verified_at=now if is_same_name(each.holder, known[each.person][1]) else None,
            recorded_by=by.id,
            recorded_at=now,
            **{column: indexes[place] for column, indexes in found_by.items()},
        )
        for place, (id, each, number, holder) in enumerate(zip(ids, part, numbers, holders, strict=True))
    ]
    people = [row.person_id for row in rows]
    models.Account.objects.using(BULK).filter(person_id__in=people, closed_at=None).update(closed_at=now)
    models.Account.objects.using(BULK).bulk_create(rows)
    return sum(row.verified_at is not None for row in rows)


def _sealed(column: str, ids: Sequence[UUID], values: Sequence[str]) -> list[bytes]:
    places = [f"payments_account.{column}:{id}".encode() for id in ids]
    return encrypt_many(FIELD_CLASS, [each.encode() for each in values], places, key=sealing(len(ids), using=BULK))


def _indexes(part: Sequence[Given]) -> dict[str, list[bytes]]:
    """Return column → what each account is found by there: as the keyring says, and what takes its place meanwhile."""
    ring, schemes = keyring(using=BULK), [each.scheme for each in part]
    columns = {("spare_index" if ring.is_spare else "blind_index"): ring.blinding}
    if ring.filling:
        columns["blind_index" if ring.is_spare else "spare_index"] = ring.filling
    return {
        column: [
            blind_indexes(scheme, [normalised_number(each.number)], key=key)[0]
            for scheme, each in zip(schemes, part, strict=True)
        ]
        for column, key in columns.items()
    }


def _names(whom: Sequence[int | str]) -> dict[int | str, tuple[UUID, str]]:
    """Return number → person and their name, as far as the registry knows both, and code → institution."""
    numbers = [each for each in whom if isinstance(each, int)]
    institutions = {each.code: (each.id, each.name) for each in organisations().exclude(is_own=True).using(BULK)}
    words = dictionary(using=BULK)
    parts = [words.with_role("person", role) for role in ("given_name", "family_name")]
    columns = ", ".join(f'f."{each.name}"' for each in parts if each) or "NULL"
    with connections[BULK].cursor() as cursor:
        cursor.execute(
            f"SELECT p.number, p.id, concat_ws(' ', {columns}) FROM registry_person p"
            " LEFT JOIN registry_fact_person f ON f.person_id = p.id WHERE p.number = ANY (%s)",
            [numbers],
        )
        return institutions | {number: (id, name) for number, id, name in cursor.fetchall()}
