"""A witness of the audit log that does not trust it: PostgreSQL's own log of every statement, read beside it (C5).

Which tables are personal, and which functions look into them, is asked of the database itself: those whose rows it guards, and
those whose text names one. A statement that names one of these is an opening. It is answered for by a row of the audit log that
carries the number of the same transaction: whoever reads in one transaction and records in another is found.

Three things are answered for otherwise, each by a row that must be there:

- a look-up that is refused, for the record lies outside one's areas: its transaction is undone, and the next one of the same
  session writes the refusal (`REFUSED`);
- a snapshot, copied on connections of its own that import the transaction of whoever holds it open, and recorded when whole;
- a run, which reads what stands in pieces and is recorded once, when it is whole (`IN_PIECES`).
"""

import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

SETTINGS = {"log_destination": "'jsonlog'", "log_statement": "'all'"}
LOGINS = ("amparo_app", "amparo_bulk", "amparo_eraser")
PERSONAL = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relforcerowsecurity
        AND c.relname NOT LIKE 'trust\\_alert%'
"""
LOOKING = """
    SELECT DISTINCT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public' AND p.prorettype <> 'trigger'::regtype AND p.prosrc ~ %s
"""
# Counts of decisions by area: nobody's record.
COUNTS = (
    *("programmes_tally", "programmes_gap", "programmes_exclusion"),
    *("programmes_followingcount", "programmes_measuredarea"),
    *("programmes_groupexclusion", "programmes_groupcoverage", "programmes_overlap"),
)
# A statement of a longer work, and the event that must follow it.
IN_PIECES = (
    (r"^COPY \( SELECT d\.id, d\.decided_at, d\.programme_id, d\.unit_id, ", "determination-run"),
    (r"^SELECT unit_id::text, household_id::text FROM programmes_decision WHERE run_id IS NULL ", "determination-run"),
    (r'^SELECT "programmes_decision"\."id" AS "id" FROM "programmes_decision" ORDER BY 1', "decisions-recomputed"),
)
# What names a personal table and opens nobody's record: a pattern of the statement, and why.
OPENS_NOBODY = (
    (r"^SELECT \(SELECT count\(\*\) FROM registry_household WHERE ended_on IS NULL AND ", "how many live in an area"),
    (r"^SELECT 1 AS \"?a\"? FROM ", "whether there is such a row at all"),
    (r"^(LOCK TABLE|ANALYZE|VACUUM|TRUNCATE|CREATE INDEX|ALTER TABLE|DROP TABLE)", "nothing is read"),
)


@dataclass
class Transaction:
    """What the server logged of one transaction: its number once it wrote, and the statements that name a personal table."""

    login: str
    session: str
    number: int = 0
    openings: list[str] = field(default_factory=list)
    imports: str = ""
    is_undone: bool = False
    ended: str = ""


@dataclass(frozen=True)
class Finding:
    """Openings without a row, and rows of readings without an opening."""

    opened: int
    rows: int
    unaudited: list[tuple[str, str]]
    orphans: list[tuple[str, str]]


@contextmanager
def watching(here, database: str) -> Iterator["Witness"]:
    """Have the server log every statement while the block runs; yields who reads that log."""
    with psycopg.connect(here.server.conninfo(dbname=database), autocommit=True) as superuser:
        for name, value in SETTINGS.items():
            superuser.execute(f"ALTER SYSTEM SET {name} = {value}")
        superuser.execute("SELECT pg_reload_conf()")
        time.sleep(0.3)  # each backend reads its settings between two statements
        try:
            yield Witness(here.data_dir / "postgres" / "log", database, superuser)
        finally:
            for name in SETTINGS:
                superuser.execute(f"ALTER SYSTEM RESET {name}")
            superuser.execute("SELECT pg_reload_conf()")


class Witness:
    """Reads the statement log of one database from the moment it was made."""

    def __init__(self, folder: Path, database: str, superuser: psycopg.Connection) -> None:
        self.folder, self.database, self.superuser = folder, database, superuser
        self.sizes = {file: file.stat().st_size for file in folder.glob("*.json")}
        (self.begun,) = superuser.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        self.names = self._names()

    def _names(self) -> re.Pattern[str]:
        tables = [name for (name,) in self.superuser.execute(PERSONAL).fetchall() if name not in COUNTS]
        assert len(tables) > 10, "no personal tables were found"
        words = rf"\m({'|'.join(tables)})\M"
        looking = [name for (name,) in self.superuser.execute(LOOKING, [words]).fetchall()]
        return re.compile(rf"\b({'|'.join(re.escape(each) for each in (*tables, *looking))})\b")

    def finding(self) -> Finding:
        """Hold the statement log and the audit log against each other, and say where they differ."""
        transactions = self._transactions()
        rows = self.superuser.execute(
            "SELECT place, event, count(*) FROM trust_audit WHERE place >= %s GROUP BY 1, 2", [self.begun]
        ).fetchall()
        recorded, numbers = (
            {place for place, *_ in rows},
            {each.number for each in transactions.values() if each.openings},
        )
        answered = self._copies(transactions) | self._refused(transactions)
        unaudited = [
            (each.login, statement)
            for key, each in transactions.items()
            if each.number not in recorded and key not in answered
            for statement in each.openings
            if not self._is_piece(statement, each)
        ]
        orphans = [(str(place), event) for place, event, _ in rows if event in READINGS and place not in numbers]
        opened = sum(len(each.openings) for each in transactions.values())
        return Finding(opened, sum(count for *_, count in rows), unaudited, orphans)

    def _transactions(self) -> dict[str, Transaction]:
        found: dict[str, Transaction] = {}
        for line in self._lines():
            if line.get("dbname") != self.database or line.get("user") not in LOGINS or not line.get("vxid"):
                continue
            statement = " ".join(line.get("message", "").partition(": ")[2].split())
            if statement == "DEALLOCATE ALL":  # the driver's own, after what was undone
                continue
            one = found.setdefault(line["vxid"], Transaction(line["user"], line["session_id"]))
            one.number, one.ended = line.get("txid") or one.number, line["timestamp"]
            if imported := re.search(r"SET TRANSACTION SNAPSHOT '(\w+)-(\w+)-", statement):
                one.imports = f"{int(imported[1], 16)}/{int(imported[2], 16)}"
            one.is_undone |= statement == "ROLLBACK"
            if self._is_opening(statement):
                one.openings.append(statement)
        return found

    def _is_opening(self, statement: str) -> bool:
        if any(re.search(pattern, statement) for pattern, _ in OPENS_NOBODY):
            return False
        return bool(self.names.search(statement))

    def _lines(self) -> Iterator[dict]:
        for file in sorted(self.folder.glob("*.json")):
            with file.open() as lines:
                lines.seek(self.sizes.get(file, 0))
                for line in lines:
                    if line.endswith("\n"):
                        yield json.loads(line)

    def _refused(self, transactions: dict[str, Transaction]) -> set[str]:
        """Return the undone transactions after which the same session wrote a refusal."""
        denied = "SELECT place FROM trust_audit WHERE place >= %s AND event IN ('denied', 'exchange-refused')"
        places = {place for (place,) in self.superuser.execute(denied, [self.begun]).fetchall()}
        undone: dict[str, str] = {}
        found = set()
        for key, each in transactions.items():  # in the order in which they began
            if (before := undone.pop(each.session, None)) and each.number in places:
                found.add(before)
            if each.is_undone:
                undone[each.session] = key
        return found

    def _is_piece(self, statement: str, one: Transaction) -> bool:
        """Whether a statement is of a longer work whose record follows it."""
        events = [event for pattern, event in IN_PIECES if re.search(pattern, statement)]
        asked = "SELECT count(*) FROM trust_audit WHERE event = ANY (%s) AND written_at >= %s::timestamptz - interval '1 second'"
        return bool(events) and self.superuser.execute(asked, [events, one.ended]).fetchone() != (0,)

    def _copies(self, transactions: dict[str, Transaction]) -> set[str]:
        """Return the transactions that copied a snapshot, where a snapshot was recorded for each that was held open."""
        held = defaultdict(set)
        for key, each in transactions.items():
            if each.imports:
                held[each.imports].add(key)
        (taken,) = self.superuser.execute(
            "SELECT count(*) FROM trust_audit WHERE place >= %s AND event IN ('snapshot-taken', 'draft-measured')",
            [self.begun],
        ).fetchone()
        return {key for keys in list(held.values())[:taken] for key in keys}


# Events that say somebody's record was read: each must stand in a transaction in which the server saw one opened.
READINGS = {
    *("household-read", "person-read", "decision-read", "decisions-listed", "decisions-exported", "notice-read"),
    *("consents-read", "households-found", "records-exchanged", "quarantine-read", "decisions-recomputed"),
}
