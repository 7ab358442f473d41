"""The tables that what is new altogether goes straight into: a new person with their record, their stay, their number.

Nobody can hold a row of it already, so it need not be held against the registry: it is copied, not staged and inserted. Where
somebody registered the same meanwhile, a unique index or key refuses the copy, and the batch is compared again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

_PLACED = {"id": "uuid", "area_id": "bigint", "area_number": "bigint"}


@dataclass(frozen=True)
class Arriving:
    """A table, by its name without `registry_`.

    `columns` what whoever delivers gives, with its types
    `same`    further columns, that all rows of a batch and grain have in common
    """

    columns: Mapping[str, str]
    same: Sequence[str] = ()


ARRIVING = {
    "household": Arriving(_PLACED, ["created_at"]),
    "person": Arriving(_PLACED, ["created_at"]),
    "item": Arriving(
        {"id": "uuid", "person_id": "uuid", "household_id": "uuid", "area_number": "bigint"},
        ["kind"],
    ),
    "subject": Arriving(
        {"id": "bigint", "source_key": "text", "area_number": "bigint", "last_digest": "uuid"},
        ["source_id", "grain"],
    ),
    "subjectlink": Arriving(
        {"subject_id": "bigint", "entity_id": "uuid", "ground": "text", "area_number": "bigint"},
        ["starts_at", "made_by"],
    ),
    "contact": Arriving(
        {
            "id": "uuid",
            "subject_id": "bigint",
            "field": "text",
            "digest": "bytea",
            "value": "bytea",
            "area_number": "bigint",
        }
    ),
    "membership": Arriving({"person_id": "uuid", "household_id": "uuid", "starts_on": "date", "area_number": "bigint"}),
    "identifier": Arriving(  # that nobody else claims
        {
            "id": "uuid",
            "person_id": "uuid",
            "scheme": "text",
            "value": "bytea",
            "blind_index": "bytea",
            "verified": "boolean",
            "area_number": "bigint",
        },
        ["is_live", "contested", "source_id"],
    ),
    "relationship": Arriving(
        {"person_id": "uuid", "other_id": "uuid", "kind": "text", "starts_on": "date", "area_number": "bigint"},
        ["source_id"],
    ),
    "person_name": Arriving({"person_id": "uuid", "words": "text", "area_number": "bigint"}),
}


class New(Protocol):
    """What of a batch is new altogether, as whoever delivers holds it: the rows of a table of `ARRIVING`, of one grain.

    Memberships and identifiers: all that begin, of known persons too. Relationships and names: of new persons. Else: of
    whoever the registry knows neither the record nor whom it is about. Sealed where the table holds what is sealed.
    """

    def __call__(self, table: str, columns: Mapping[str, str], grain: str) -> pa.RecordBatchReader: ...
