"""Takes a staged batch into the registry, whole or not at all.

Shape   one transaction: delivery, households and persons, subjects and links, observations, facts, memberships,
        identifiers, relationships, items, names, one audit row, one event
Nulls   a field that was not delivered is not in the observation
Errors  Refused when the source delivered something else since the batch was compared; any error leaves nothing
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.events import announce
from amparo.registry import facts, queries
from amparo.registry.batch.looking import newest_delivery
from amparo.registry.batch.staging import Staged
from amparo.registry.dictionary import Dictionary
from amparo.registry.types import BatchRecorded
from amparo.trust.actions import record
from amparo.trust.types import Actor, Event, Ground

_STATEMENTS = {
    name: text.strip()
    for name, _, text in (
        part.partition("\n") for part in (Path(__file__).parent / "recording.sql").read_text().split("-- name: ")[1:]
    )
}
_FOLD_AT_ONCE = 5_000
_INDEXES_FROM = 50_000  # rows from which building indexes anew is cheaper than keeping them, if the tables hold less


@dataclass(frozen=True)
class Counts:
    """What a batch added: new and changed households and persons, and the rest by name."""

    delivery_id: int
    households: int
    persons: int
    details: dict[str, int]


def record_batch(staged: Staged, *, by: Actor, under: Ground, on: date) -> Counts:
    """Record a staged batch on a day, on a ground, and say what it added.

    `by` must be permitted to deliver; the areas of its rows were held against its scope when they were validated.
    """
    words = queries.dictionary(using="bulk")
    received_at = clock.now()
    with transaction.atomic(using="bulk"):
        _execute("prepare")
        _execute("lock", {"source": staged.source_id})
        if newest_delivery(staged.source_id) != staged.newest:
            raise Refused("registry-batch-stale")
        delivery_id = _delivery(staged, received_at, by, under)
        recording = _Recording(staged, words, delivery_id, received_at, by)
        parked = recording.is_large()
        if parked:
            _execute("park indexes")
        counts = recording.run()
        if parked:
            _execute("restore indexes")
        record(
            Event.BATCH_RECORDED,
            by=by,
            under=under,
            about_kind="delivery",
            about_id=delivery_id,
            using="bulk",
            on=on.isoformat(),
            **counts.details,
        )
        announce(BatchRecorded(delivery_id, counts.households, counts.persons, counts.details))
    _execute("analyze")
    return counts


def _delivery(staged: Staged, received_at: datetime, by: Actor, under: Ground) -> int:
    values = {
        "source": staged.source_id,
        "received_at": received_at,
        "by": by.id,
        "purpose": under.purpose,
        "agreement": under.agreement or "",
        "digest": staged.digest,
    }
    with connections["bulk"].cursor() as cursor:
        cursor.execute(_STATEMENTS["delivery"], values)
        return cursor.fetchone()[0]


@dataclass(frozen=True)
class _Recording:
    """The steps of one batch, in their order."""

    staged: Staged
    words: Dictionary
    delivery_id: int
    received_at: datetime
    by: Actor

    def run(self) -> Counts:
        details: dict[str, int] = {}
        details["households-new"] = self.step("households", "household")
        details["persons-new"] = self.step("persons", "person")
        details["moved"] = self.step("moves")
        for grain in self.staged.fields:
            added = self.grain(grain)
            for what, count in added.items():
                details[f"{grain.split(':')[0]}-{what}"] = details.get(f"{grain.split(':')[0]}-{what}", 0) + count
        self.step("memberships ended")
        details["memberships"] = self.step("memberships")
        details["identifiers"] = self.step("identifiers")
        details["identifiers-contested"] = self.step("identifiers contested")
        details["relationships"] = self.step("relationships")
        self.names()
        return Counts(
            self.delivery_id,
            details.get("household-observations", 0),
            details.get("person-observations", 0),
            details,
        )

    def grain(self, grain: str) -> dict[str, int]:
        """Subjects, links, observations and facts of one grain."""
        if grain.startswith("item:"):
            self.step("items", grain)
        subjects = self.step("subjects", grain)
        self.step("subjects said", grain)
        self.step("links", grain)
        observations = self.step("observations", grain)
        self.step("facts", grain)
        for ids in self.to_fold(grain):
            fields = [each.name for each in self.words.of(grain)]
            facts.fold(grain, ids, fields=fields, using="bulk", as_of=self.received_at)
        return {"subjects-new": subjects, "observations": observations}

    def to_fold(self, grain: str) -> Iterator[list[UUID]]:
        """Entities with more behind them than this one observation, a few thousand at a time."""
        with connections["bulk"].cursor() as cursor:
            cursor.execute(self.sql("to fold", grain), {})
            ids = [id for (id,) in cursor.fetchall()]
        for start in range(0, len(ids), _FOLD_AT_ONCE):
            yield ids[start : start + _FOLD_AT_ONCE]

    def names(self) -> None:
        """Keep names where a search finds them: those of whoever this batch speaks of."""
        roles = ("given_name", "family_name")
        fields = [each.name for role in roles if (each := self.words.with_role("person", role))]
        if not fields or "person" not in self.staged.fields:
            return
        delivered = self.staged.fields["person"]
        parts = {
            "first_names": "".join(
                f', s."f_{each}" AS n{n}' if each in delivered else f", NULL AS n{n}" for n, each in enumerate(fields)
            ),
            "folded_names": "".join(f', f."{each}"' for each in fields),
            "names": ", ".join(f"s.n{n}" for n, _ in enumerate(fields)),
            # Each distinct name is made plain once: the function costs more than the join.
            "distinct": " UNION ".join(f"SELECT n{n} AS name FROM spoken" for n, _ in enumerate(fields)),
            "joins": " ".join(f"LEFT JOIN plain p{n} ON p{n}.name = s.n{n}" for n, _ in enumerate(fields)),
            "words": "concat_ws(' ', " + ", ".join(f"nullif(p{n}.words, '')" for n, _ in enumerate(fields)) + ")",
        }
        with connections["bulk"].cursor() as cursor:
            cursor.execute(self.sql("names forgotten", "person"), {})
            cursor.execute(self.sql("names", "person", **parts), {})

    def step(self, name: str, grain: str | None = None) -> int:
        """Run one statement over the staged rows; return how many rows it wrote."""
        values = {
            "source": self.staged.source_id,
            "delivery": self.delivery_id,
            "received_at": self.received_at,
            "by": self.by.id,
            "grain": grain,
        }
        with connections["bulk"].cursor() as cursor:
            cursor.execute(self.sql(name, grain), values)
            return max(cursor.rowcount, 0)

    def sql(self, name: str, grain: str | None, **parts: str) -> str:
        fields = self.staged.fields.get(grain or "", ())
        own = {each: self.staged.table(each) for each in ("identifier", "relationship", "membership", "placed")}
        kind = (grain or "").removeprefix("item:")
        return (
            _STATEMENTS[name].format(
                staged=self.staged.table(grain or "household"),
                facts=facts.table(grain) if grain else "",
                key=facts.key(grain) if grain else "",
                kind=kind,
                columns_of_facts="".join(f', "{each}"' for each in fields),
                fields="".join(f', s."f_{each}"' for each in fields),
                **own,
            )
            if not parts
            else _STATEMENTS[name].format(staged=self.staged.table("person"), **parts)
        )

    def is_large(self) -> bool:
        """Whether the batch outweighs what the registry holds, so that indexes are better built once at the end."""
        with connections["bulk"].cursor() as cursor:
            cursor.execute(self.sql("size", "person"), {"from": _INDEXES_FROM})
            return cursor.fetchone()[0]


def _execute(name: str, values: dict | None = None) -> None:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(_STATEMENTS[name], values)
