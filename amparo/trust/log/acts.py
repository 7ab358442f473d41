"""What may be asked of the audit log, and the statements by which it tells who was concerned by what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from amparo.trust.types import Event

# What a row may be about that is one household or one person: these are found by an id.
ONE = ("household", "person")
LINE = "at, id, event, by_id, by_kind, permission, purpose, about_kind, about_id, area_number, details"


@dataclass(frozen=True)
class Asked:
    """What an auditor looks for; None for anything. `since` counts, `until` does not."""

    about: UUID | None = None
    by: UUID | None = None
    event: Event | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def conditions(self) -> tuple[list[str], list[Any]]:
        """The conditions of all but `about`, as SQL, with their values."""
        given = (("by_id = %s", self.by), ("event = %s", self.event), ("at >= %s", self.since), ("at < %s", self.until))
        found = [(text, value) for text, value in given if value is not None]
        return [text for text, _ in found], [value for _, value in found]


@dataclass(frozen=True)
class Act:
    """One household or person, and one thing that was done with their record, when and by whom.

    `fields` those that were seen, where the log names them; None: the whole record, as pages show it
    """

    kind: str
    id: str
    at: datetime
    event: str
    by_id: UUID | None
    fields: list[str] | None = None


# Acts that open many records with one row: the row holds how many, and not which.
WIDE = (
    *(Event.HOUSEHOLDS_FOUND, Event.DECISIONS_LISTED, Event.DECISIONS_EXPORTED, Event.QUARANTINE_READ),
    *(Event.SNAPSHOT_TAKEN, Event.SNAPSHOT_OPENED, Event.DECISIONS_RECOMPUTED),
)

_FIELDS = """CASE jsonb_typeof(details->'fields') WHEN 'array'
    THEN ARRAY(SELECT jsonb_array_elements_text(details->'fields')) END"""
_NAMED = f"""
    UNION ALL
    SELECT '{{kind}}', one, at, event, by_id, {_FIELDS}
    FROM trust_audit, jsonb_array_elements_text(
        CASE jsonb_typeof(details->'{{kind}}s') WHEN 'array' THEN details->'{{kind}}s' ELSE '[]' END) one
    WHERE details ? '{{kind}}s' AND {{{{conditions}}}}
"""
_ACTS = f"""
    SELECT about_kind AS kind, about_id AS entity, at, event, by_id, {_FIELDS} AS fields FROM trust_audit WHERE about_kind = ANY(%s) AND {{conditions}}
    {"".join(_NAMED.format(kind=each) for each in ONE)}
    ORDER BY 1, 2, 3
"""
_WIDE = f"SELECT {LINE} FROM trust_audit WHERE event = ANY(%s) AND {{conditions}} ORDER BY at, id"


def acts_statement(asked: Asked) -> tuple[str, list[Any]]:
    """Return the query for every act on a household or person, by kind, id and time, with its values."""
    texts, values = asked.conditions
    statement = _ACTS.format(conditions=" AND ".join(texts) or "true")
    return statement, [list(ONE), *values * (1 + len(ONE))]


def wide_statement(asked: Asked) -> tuple[str, list[Any]]:
    """Return the query for the acts that opened many records at once, oldest first, with its values."""
    texts, values = asked.conditions
    return _WIDE.format(conditions=" AND ".join(texts) or "true"), [[*map(str, WIDE)], *values]
