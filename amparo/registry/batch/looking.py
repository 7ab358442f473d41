"""What the registry already has of a batch: its source's subjects, and whoever holds its identifiers.

Read set-based as the bulk role, into files that DuckDB reads. Nothing is written: the tables asked with are temporary.
"""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

import pyarrow as pa
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from amparo.kernel.errors import Refused
from amparo.registry.batch.staging import copied
from amparo.registry.sealed import IDENTIFIER
from amparo.trust.keys.keyring import TURN, keyring

_HOUSEHOLD = """
    SELECT s.source_key, s.id, s.last_digest, h.id, h.area_id, abs(h.area_number), NULL::uuid, NULL::date
    FROM asked a JOIN registry_subject s ON (s.source_id, s.grain, s.source_key) = ({source}, 'household', a.key)
    LEFT JOIN registry_subjectlink l ON l.subject_id = s.id AND l.ends_at IS NULL
    LEFT JOIN registry_household h ON h.id = l.entity_id
"""
_PERSON = """
    SELECT s.source_key, s.id, s.last_digest, p.id, p.area_id, abs(p.area_number), m.household_id, m.starts_on
    FROM asked a JOIN registry_subject s ON (s.source_id, s.grain, s.source_key) = ({source}, 'person', a.key)
    LEFT JOIN registry_subjectlink l ON l.subject_id = s.id AND l.ends_at IS NULL
    LEFT JOIN registry_person p ON p.id = l.entity_id
    LEFT JOIN registry_membership m ON m.person_id = p.id AND m.ends_on IS NULL
"""
_ITEM = """
    SELECT s.source_key, s.id, s.last_digest, i.id, NULL::bigint, abs(i.area_number), coalesce(i.person_id, i.household_id),
        NULL::date
    FROM asked a JOIN registry_subject s ON (s.source_id, s.grain, s.source_key) = ({source}, '{grain}', a.key)
    LEFT JOIN registry_subjectlink l ON l.subject_id = s.id AND l.ends_at IS NULL
    LEFT JOIN registry_item i ON i.id = l.entity_id
"""
_IDENTIFIER = """
    SELECT a.scheme, encode(a.blind_index, 'hex'), i.person_id, {birth}, p.area_id, abs(p.area_number), m.household_id,
        m.starts_on
    FROM asked a JOIN registry_identifier i ON i.scheme = a.scheme AND i.{index} = a.blind_index AND i.is_live
    JOIN registry_person p ON p.id = i.person_id
    LEFT JOIN registry_membership m ON m.person_id = i.person_id AND m.ends_on IS NULL
    LEFT JOIN registry_fact_person f ON f.person_id = i.person_id
"""


class Asked(Enum):
    """What a batch asks by, with the columns of the table asked with."""

    KEYS = ("key text",)
    IDENTIFIERS = ("scheme text", "blind_index bytea")

    @property
    def columns(self) -> dict[str, str]:
        """Their names and types."""
        return dict(each.split() for each in self.value)


def look_up(
    asked: Asked,
    reading: pa.RecordBatchReader,
    into: Path,
    *,
    source_id: int,
    grain: str,
    birth: str | None = None,
    blinding: int | None = None,
) -> None:
    """Write what is known as CSV without heading.

    By keys: key, subject, digest, entity, area id, area number, household or holder, member since.
    By identifiers: scheme, blind index in hex, person, birth date, area id, area number, household, member since.
    `blinding` is the master key of the indexes asked by. Raises Refused where another has taken its place.
    """
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        index = blind_index_under(blinding) if blinding else ""
        _ask(cursor, asked.value, reading, _query(asked, source_id, grain, birth, index), into)


def plain_names(reading: pa.RecordBatchReader, into: Path) -> None:
    """Write each name of a reading of one column, `name`, and the words by which a search finds it, as CSV without heading."""
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        _ask(cursor, ["name text"], reading, "SELECT name, amparo_name_words(name) FROM asked", into)


def _ask(cursor: CursorWrapper, columns: Sequence[str], reading: pa.RecordBatchReader, query: str, into: Path) -> None:
    """Write the answers to a query over `asked`, a temporary table of what is read."""
    cursor.execute(f"CREATE TEMPORARY TABLE asked ({', '.join(columns)}) ON COMMIT DROP")
    copied("asked", [each.split()[0] for each in columns], reading)
    cursor.execute("ANALYZE asked")
    with into.open("wb") as file, cursor.cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
        for chunk in copy:
            file.write(chunk)


def _query(asked: Asked, source_id: int, grain: str, birth: str | None, index: str) -> str:
    if asked is Asked.IDENTIFIERS:
        return _IDENTIFIER.format(birth=f'f."{birth}"' if birth else "NULL::date", index=index)
    query = {"household": _HOUSEHOLD, "person": _PERSON}.get(grain, _ITEM)
    return query.format(source=int(source_id), grain=grain.replace("'", ""))


def blind_index_under(key: int) -> str:
    """Return the column that holds the blind indexes under a master key, and keep it so until the transaction ends.

    Raises Refused where another key has taken its place: what was computed with this one would find nobody.
    """
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [TURN])
    ring = keyring(using="bulk")
    if ring.blinding != key:
        raise Refused("registry-batch-stale")
    return IDENTIFIER.blind.of(is_spare=ring.is_spare)


def knows(source_id: int) -> bool:
    """Whether the registry has any record of a source: if not, there is nothing to look up by key."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM registry_subject WHERE source_id = %s)", [source_id])
        return cursor.fetchone()[0]


def newest_delivery(source_id: int) -> int:
    """Return the id of the newest delivery of a source; 0 when there is none."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM registry_delivery WHERE source_id = %s", [source_id])
        return cursor.fetchone()[0]
