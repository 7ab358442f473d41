"""Takes a staged batch into the registry, whole or not at all.

Shape   one transaction: delivery, households and persons, subjects and links, values of contact, observations, facts,
        memberships, groups, identifiers, relationships, items, names, one audit row, one event
Nulls   a field that was not delivered is not in the observation
Errors  Refused when the source delivered something else since the batch was compared; any error leaves nothing
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import pyarrow as pa
from django.db import IntegrityError, connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.events import announce
from amparo.registry import facts, queries
from amparo.registry.batch.arriving import ARRIVING, New
from amparo.registry.batch.looking import blind_index_under, newest_delivery
from amparo.registry.batch.staging import LINKED, Staged, copied
from amparo.registry.dictionary import POSTGRES_TYPE, Dictionary
from amparo.registry.types import BatchRecorded
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground

_STATEMENTS = {
    name: text.strip()
    for name, _, text in (
        part.partition("\n") for part in (Path(__file__).parent / "recording.sql").read_text().split("-- name: ")[1:]
    )
}
_FOLD_AT_ONCE = 5_000
_MEASURED_FROM = 500  # persons from which a plan made for the tables as they were may be far off: of 400 homes, minutes
_INDEXES_FROM = 5_000  # persons from which building indexes anew is cheaper than keeping them, if the tables hold less


_OBSERVED = {"subject_id": "bigint", "observed_on": "date", "area_number": "bigint", "values": "jsonb"}
_STATED = {"entity_id": "uuid", "observed_on": "date", "area_number": "bigint"}


class Said(Protocol):
    """What the staged subjects of a grain said, as whoever delivers holds it: one row each.

    `columns`   those wanted: `subject_id`, `entity_id`, `observed_on`, `area_number`; `values`, everything said as JSON;
                `f_<field>`, one value. With the type each must have. Of contact the digests of what is staged
    `is_first`  only of those of whom nothing else was ever said
    """

    def __call__(self, grain: str, columns: Mapping[str, str], *, is_first: bool = False) -> pa.RecordBatchReader: ...


@dataclass(frozen=True)
class Counts:
    """What a batch added: new and changed households and persons, and the rest by name."""

    delivery_id: int
    households: int
    persons: int
    details: dict[str, int]


def record_batch(staged: Staged, new: New, said: Said, *, by: Actor, under: Ground, on: date) -> Counts:
    """Record a staged batch, who is new in it and what its subjects said, on a day, on a ground; return what that added.

    `by` must be permitted to deliver; the areas of its rows were held against its scope when they were validated.
    """
    words = queries.dictionary(using="bulk")
    try:
        with transaction.atomic(using="bulk"):
            counts = _record(_Recording(staged, new, said, words, clock.now(), by, under), on)
    except IntegrityError:
        # Somebody registered the same while the batch was being compared: what is new must be computed again.
        raise Refused("registry-batch-stale") from None
    return counts


def _record(recording: "_Recording", on: date) -> Counts:
    _execute("prepare")
    _execute("lock", {"source": recording.staged.source_id})
    if newest_delivery(recording.staged.source_id) != recording.staged.newest:
        raise Refused("registry-batch-stale")
    recording.index = blind_index_under(recording.staged.blinding)
    recording.deliver()
    parked = recording.is_large()
    if parked:
        _execute("park indexes")
    counts = recording.run()
    if parked:
        _execute("restore indexes")
    _execute("shelter")
    if recording.is_grown():
        _execute("analyze")
    record(
        Event.BATCH_RECORDED,
        by=recording.by,
        under=recording.under,
        about_kind="delivery",
        about_id=counts.delivery_id,
        using="bulk",
        on=on.isoformat(),
        **counts.details,
    )
    announce(BatchRecorded(counts.delivery_id, counts.households, counts.persons, counts.details))
    return counts


@dataclass
class _Recording:
    """The steps of one batch, in their order."""

    staged: Staged
    arriving: New
    said: Said
    words: Dictionary
    received_at: datetime
    by: Actor
    under: Ground
    delivery_id: int = 0
    index: str = ""  # the column of the blind indexes

    def deliver(self) -> None:
        """Write the delivery that all observations of the batch name."""
        values = {"purpose": self.under.purpose, "agreement": self.under.agreement or "", "digest": self.staged.digest}
        with connections["bulk"].cursor() as cursor:
            cursor.execute(_STATEMENTS["delivery"], self.values() | values)
            self.delivery_id = cursor.fetchone()[0]

    def run(self) -> Counts:
        """Who there is, then what they said, then what follows from it."""
        counts: Counter[str] = Counter()
        counts["households-new"] = self.new("household", "household") + self.step("households", "household")
        counts["persons-new"] = self.new("person", "person") + self.step("persons", "person")
        counts["moved"] = self.step("moves")
        for grain in self.staged.fields:
            self.subjects(grain, counts)
        self.new("contact")
        self.step("contacts")
        self.step("memberships ended")
        counts["memberships"] = self.new("membership")
        counts["identifiers"] = self.new("identifier")
        counts["identifiers-contested"] = self.step("identifiers contested")
        counts["relationships"] = self.new("relationship") + self.step("relationships")
        self.groups(counts)
        self.new("person_name")
        for grain in self.staged.fields:
            self.facts(grain, counts)
        self.names_folded()
        return Counts(self.delivery_id, counts["household-observations"], counts["person-observations"], dict(counts))

    def new(self, name: str, grain: str = "") -> int:
        """Copy what is new altogether into a table; return how many rows."""
        of = ARRIVING[name]
        same = {each: self.same_of(grain)[each] for each in of.same}
        columns = [self.index if each == "blind_index" else each for each in of.columns]
        reading = _beside(self.arriving(name, of.columns, grain), same)
        return copied(f"registry_{name}", [*columns, *same], reading)

    def subjects(self, grain: str, counts: Counter[str]) -> None:
        kind = grain.split(":")[0]
        if kind == "item":
            self.new("item", grain)
            self.step("items", grain)
        counts[f"{kind}-subjects-new"] += self.new("subject", grain) + self.step("subjects", grain)
        self.step("subjects said", grain)
        self.new("subjectlink", grain)
        self.step("links", grain)

    def groups(self, counts: Counter[str]) -> None:
        """Who is in which family or couple: as was said of whoever was delivered; and nobody where they do not live."""
        self.step("groups held")
        counts["group-memberships-ended"] = self.step("groups of the moved")
        for name in ("groups said", "groups measured", "groups matched"):
            self.step(name)
        counts["groups-new"] = self.step("groups new")
        counts["group-memberships-ended"] += self.step("groups left")
        counts["group-memberships"] = self.step("groups joined")
        counts["groups-ended"] = self.step("groups ended")

    def facts(self, grain: str, counts: Counter[str]) -> None:
        """Observations, and the facts that follow: at once for whoever has no other, else by the fold."""
        counts[f"{grain.split(':')[0]}-observations"] += self.observed(grain)
        self.stated(grain)
        fields = self.words.stored_as_facts(grain)
        for ids in self.to_fold(grain):
            facts.fold(grain, ids, fields=fields, using="bulk", as_of=self.received_at)

    def observed(self, grain: str) -> int:
        """Write one observation for each subject; return how many."""
        same = self.same() | {"delivery_id": pa.scalar(self.delivery_id), "grain": pa.scalar(grain)}
        reading = self.said(grain, _OBSERVED)
        return copied("registry_observation", [*_OBSERVED, *same], _beside(reading, same))

    def stated(self, grain: str) -> None:
        """Write the facts of whoever nothing else was said of: they are what this observation says."""
        delivered = self.staged.fields[grain]
        types = {f"f_{each}": POSTGRES_TYPE[self.words[grain, each].type] for each in delivered}
        reading = self.said(grain, _STATED | types, is_first=True)
        columns = [facts.key(grain), *list(_STATED)[1:], *delivered, *self.same()]
        copied(facts.table(grain), columns, _beside(reading, self.same()))

    def same(self) -> dict[str, pa.Scalar]:
        """Return what every observation of the batch has in common with every fact."""
        return {
            "source_id": pa.scalar(self.staged.source_id, pa.int16()),
            "received_at": pa.scalar(self.received_at, pa.timestamp("us", "UTC")),
        }

    def same_of(self, grain: str) -> dict[str, pa.Scalar]:
        """Return what the rows of what is new have in common."""
        same = self.same()
        return {
            "source_id": same["source_id"],
            "created_at": same["received_at"],
            "starts_at": same["received_at"],
            "made_by": pa.scalar(self.by.id.bytes, pa.binary()),
            "grain": pa.scalar(grain),
            "kind": pa.scalar(grain.removeprefix("item:")),
            "is_live": pa.scalar(True),
            "contested": pa.scalar(False),
        }

    def to_fold(self, grain: str) -> Iterator[list[UUID]]:
        """Entities with more behind them than this one observation, a few thousand at a time."""
        with connections["bulk"].chunked_cursor() as cursor:
            cursor.execute(self.sql("to fold", grain))
            while rows := cursor.fetchmany(_FOLD_AT_ONCE):
                yield [id for (id,) in rows]

    def names_folded(self) -> None:
        """Keep the names of whoever is known where a search finds them, as their facts are now."""
        roles = ("given_name", "family_name")
        fields = [f'f."{each.name}"' for role in roles if (each := self.words.with_role("person", role))]
        if fields and "person" in self.staged.fields:
            self.step("names forgotten", "person")
            self.step("names folded", "person", folded=", ".join(fields))

    def step(self, name: str, grain: str | None = None, **parts: str) -> int:
        """Run one statement over the staged rows; return how many rows it wrote."""
        with connections["bulk"].cursor() as cursor:
            cursor.execute(self.sql(name, grain, **parts), self.values() | {"grain": grain})
            return max(cursor.rowcount, 0)

    def values(self) -> dict[str, Any]:
        return {
            "source": self.staged.source_id,
            "delivery": self.delivery_id,
            "received_at": self.received_at,
            "by": self.by.id,
        }

    def sql(self, name: str, grain: str | None, **parts: str) -> str:
        """Return a statement with the names of its tables and columns; `parts` may name tables in their turn."""
        tables = {each: self.staged.table(each) for each in LINKED}
        tables |= {"staged": self.staged.table(grain or "household")}
        return _STATEMENTS[name].format(
            **tables,
            **{each: text.format(**tables) for each, text in parts.items()},
            kind=(grain or "").removeprefix("item:"),
            index=self.index,
        )

    def is_large(self) -> bool:
        """Whether the batch outweighs what the registry holds, so that indexes are better built once at the end."""
        return self.staged.persons >= _INDEXES_FROM and self.ask("size")

    def is_grown(self) -> bool:
        """Whether the registry grew so much that it must be measured at once; after less, autovacuum does in its time."""
        return self.staged.persons >= _MEASURED_FROM and self.ask("grown")

    def ask(self, name: str) -> bool:
        with connections["bulk"].cursor() as cursor:
            cursor.execute(_STATEMENTS[name], {"persons": self.staged.persons})
            return cursor.fetchone()[0]


def _beside(reading: pa.RecordBatchReader, same: Mapping[str, pa.Scalar]) -> pa.RecordBatchReader:
    """Return the same rows with a further column for each value that all of them have."""
    schema = pa.schema([*reading.schema, *(pa.field(name, value.type) for name, value in same.items())])
    batches = (
        pa.record_batch([*each.columns, *(pa.repeat(value, each.num_rows) for value in same.values())], schema=schema)
        for each in reading
    )
    return pa.RecordBatchReader.from_batches(schema, batches)


def _execute(name: str, values: dict | None = None) -> None:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(_STATEMENTS[name], values)
