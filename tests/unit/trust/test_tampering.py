"""Every way of forging the audit log is found, and its first bad record named, by whoever holds key and custodian's file (D1).

AMPARO_TAMPERINGS says how often each kind is tried, each time at another place: 3 here, 100 with
`AMPARO_TAMPERINGS=100 make test TESTS=tests/unit/trust/test_tampering.py`. The forger may do everything in the database,
past every trigger, and knows how seals are made; what they do not have is the key and the custodian's file.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amparo.trust.log import auditing, proof, sealing
from amparo.trust.log.auditing import verified
from amparo.trust.log.log_rows import all_rows, all_seals, reading
from amparo.trust.log.proof import Fault, Seal
from amparo.trust.types import system
from tests.lib import audit_log

TIMES = int(os.environ.get("AMPARO_TAMPERINGS", "3"))
ROWS, IN_A_SEAL = 240, 17
BY = system("test")
TABLES = ("trust_audit", "trust_seal")


@dataclass
class Log:
    """A sealed log as it was, and the forger's way into it."""

    cursor: psycopg.Cursor
    custodian: Path
    seals: list[Seal]
    keys: list[tuple[int, str]]

    def seal_of(self, row: int) -> Seal:
        return next(each for each in self.seals if self.keys[row] <= each.last)

    def fault(self, kind: str, row: int) -> Fault:
        """The fault that names a row by its id."""
        return Fault(kind, self.seal_of(row).number, self.keys[row][1], row - self.first_of(self.seal_of(row)) + 1)

    def first_of(self, seal: Seal) -> int:
        return self.keys.index(seal.first)

    def run(self, statement: str, *values: object) -> None:
        self.cursor.execute(statement, values)

    def change(self, row: int, change: str, *values: object) -> None:
        self.run(f"UPDATE trust_audit SET {change} WHERE place = %s AND id = %s", *values, *self.keys[row])


@pytest.fixture(scope="module")
def log(server, database, tmp_path_factory):
    """Rows of four months, sealed in many seals, in the module's own database."""
    folder = tmp_path_factory.mktemp("kept")
    with audit_log.own_custodian(folder) as path, audit_log.almighty(server, database) as cursor:
        draw = random.Random(7)
        for _ in range(ROWS // 3):  # transactions of three rows, so that ids and not places alone give the order
            audit_log.write(cursor, draw, 3, months=True)
            cursor.connection.commit()
        sealing.seal(at_most=IN_A_SEAL)
        for table in TABLES:
            cursor.execute(f"CREATE TABLE saved_{table} AS SELECT * FROM {table}")
        cursor.connection.commit()
        with reading(using="bulk") as read:
            seals, keys = list(all_seals(read)), [proof.key_of(each) for each in all_rows(read)]
        yield Log(cursor, path, seals, keys)


@pytest.fixture
def forge(log, server, database):
    """Forge, verify, and put everything back as it was."""
    lines = log.custodian.read_bytes()

    def forged(tamper: Callable[[Log, random.Random], Fault], draw: random.Random) -> tuple[Fault, proof.Proof]:
        expected = tamper(log, draw)
        log.cursor.connection.commit()
        found = verified(by=BY)
        restore(log, lines)
        return expected, found

    yield forged
    restore(log, lines)


def restore(log: Log, lines: bytes) -> None:
    for table in TABLES:
        log.run(f"DELETE FROM {table}")
        log.run(f"INSERT INTO {table} SELECT * FROM saved_{table}")
    log.cursor.connection.commit()
    log.custodian.write_bytes(lines)


def some_row(log: Log, draw: random.Random) -> int:
    return draw.randrange(len(log.keys))


def edit(log: Log, draw: random.Random) -> Fault:
    row = some_row(log, draw)
    log.change(row, "event = 'signed-out'")
    return log.fault("row-altered", row)


def edit_details(log: Log, draw: random.Random) -> Fault:
    row = some_row(log, draw)
    log.change(row, "details = details || '{\"found\": 0}'")
    return log.fault("row-altered", row)


def null(log: Log, draw: random.Random) -> Fault:
    """Where something stood, nothing stands: null and empty are told apart."""
    row = some_row(log, draw)
    log.change(row, "area_number = 0" if draw.random() < 0.5 else "by_id = CASE WHEN by_id IS NULL THEN id END")
    return log.fault("row-altered", row)


def rewrite_the_clock(log: Log, draw: random.Random) -> Fault:
    row = some_row(log, draw)
    log.change(row, draw.choice(["at = at - interval '1 microsecond'", "written_at = written_at + interval '1 day'"]))
    return log.fault("row-altered", row)


def move_to_another_month(log: Log, draw: random.Random) -> Fault:
    """A row leaves its partition for another one."""
    row = some_row(log, draw)
    log.change(row, "at = at + interval '31 days'")
    return log.fault("row-altered", row)


def delete(log: Log, draw: random.Random) -> Fault:
    row = some_row(log, draw)
    log.run("DELETE FROM trust_audit WHERE place = %s AND id = %s", *log.keys[row])
    seal = log.seal_of(row)
    ends = {seal.first: seal.first_id, seal.last: seal.last_id}
    return replace(log.fault("row-missing", row), row=ends.get(log.keys[row], ""))


def insert(log: Log, draw: random.Random) -> Fault:
    row, id = some_row(log, draw), f"ffffffff-{draw.getrandbits(16):04x}-7000-8000-{draw.getrandbits(48):012x}"
    log.run(
        "INSERT INTO trust_audit (place, id, at, event, by_kind) SELECT place, %s, at, 'household-read', 'officer'"
        " FROM trust_audit WHERE place = %s AND id = %s",
        id,
        *log.keys[row],
    )
    return _added(log, (log.keys[row][0], id))


def repeat_an_id(log: Log, draw: random.Random) -> Fault:
    """The same place and id once more, at another time."""
    row = some_row(log, draw)
    log.run(
        "INSERT INTO trust_audit SELECT (jsonb_populate_record(t, jsonb_build_object('at', at + interval '1 second'))).*"
        " FROM trust_audit t WHERE place = %s AND id = %s",
        *log.keys[row],
    )
    return _added(log, log.keys[row])


def _added(log: Log, key: tuple[int, str]) -> Fault:
    """Name a new row where it comes to stand: after its like, or behind the last row of all, in no seal's span."""
    after = sum(each <= key for each in log.keys)
    if after == len(log.keys):
        inside = key <= log.seals[-1].last
        return Fault("row-added", log.seals[-1].number, key[1]) if inside else Fault("unsealed")
    seal = log.seal_of(after)
    return Fault("row-added", seal.number, key[1], after - log.first_of(seal) + 1)


def swap(log: Log, draw: random.Random) -> Fault:
    """Two rows exchange who was concerned."""
    ours = range(len(log.keys) - ROWS, len(log.keys))  # those before may be about the same
    first, second = sorted(draw.sample(ours, 2))
    log.run(
        "UPDATE trust_audit t SET about_id = o.about_id FROM trust_audit o"
        " WHERE (t.id = %s AND o.id = %s) OR (t.id = %s AND o.id = %s)",
        *(log.keys[each][1] for each in (first, second, second, first)),
    )
    return log.fault("row-altered", first)


def reorder(log: Log, draw: random.Random) -> Fault:
    """Two rows exchange their places in the log."""
    first, second = sorted(draw.sample(range(len(log.keys)), 2))
    (one, a), (other, b) = log.keys[first], log.keys[second]
    log.run("UPDATE trust_audit SET place = -1, id = %s WHERE id = %s", uuid4(), a)
    log.run("UPDATE trust_audit SET place = %s, id = %s WHERE id = %s", one, a, b)
    log.run("UPDATE trust_audit SET place = %s, id = %s WHERE place = -1", other, b)
    return log.fault("row-altered", first)


def cut_the_tail(log: Log, draw: random.Random) -> Fault:
    """The newest seals go, with their rows: what is left is a whole log, but for the custodian's file."""
    last = draw.randrange(len(log.seals) - 1)
    return _back_to(log, last)


def restore_an_old_backup(log: Log, draw: random.Random) -> Fault:
    """The database as it was; rows that were not sealed yet are in it, and some that came later."""
    last = draw.randrange(len(log.seals) - 1)
    fault = _back_to(log, last)
    audit_log.write(log.cursor, draw, 2)
    return fault


def _back_to(log: Log, last: int) -> Fault:
    log.run("DELETE FROM trust_seal WHERE number > %s", log.seals[last].number)
    log.run("DELETE FROM trust_audit WHERE (place, id) > (%s, %s::uuid)", *log.seals[last].last)
    return Fault("seal-lost", log.seals[last + 1].number, log.seals[last + 1].first_id)


def fork(log: Log, draw: random.Random) -> Fault:
    """The log goes on from an old state, with the right key: two histories, each of them signed."""
    last, copies = draw.randrange(len(log.seals) - 1), log.custodian.read_bytes()
    _back_to(log, last)
    audit_log.write(log.cursor, draw, 3)
    log.cursor.connection.commit()
    log.custodian.write_bytes(b"".join(copies.splitlines(keepends=True)[: last + 1]))
    sealing.seal()
    log.custodian.write_bytes(copies)
    return Fault("custodian-differs", log.seals[last + 1].number)


def remove_a_batch(log: Log, draw: random.Random) -> Fault:
    """A seal goes with all its rows."""
    seal = draw.choice(log.seals[:-1])
    _delete_rows(log, seal)
    log.run("DELETE FROM trust_seal WHERE number = %s", seal.number)
    return Fault("seal-missing", seal.number)


def empty_a_batch(log: Log, draw: random.Random) -> Fault:
    """All rows of a seal go, and the seal stays."""
    seal = draw.choice(log.seals)
    _delete_rows(log, seal)
    return Fault("row-missing", seal.number, seal.first_id, 1)


def _delete_rows(log: Log, seal: Seal) -> None:
    log.run(
        "DELETE FROM trust_audit WHERE (place, id) >= (%s, %s::uuid) AND (place, id) <= (%s, %s::uuid)",
        *seal.first,
        *seal.last,
    )


def take_a_month_away(log: Log, draw: random.Random) -> Fault:
    """A whole partition is emptied."""
    log.run("SELECT tableoid::regclass::text, place, id::text FROM trust_audit ORDER BY place, id")
    months = log.cursor.fetchall()
    gone = draw.choice(sorted({each[0] for each in months}))
    log.run(f"DELETE FROM ONLY {gone}")
    row = next(i for i, each in enumerate(months) if each[0] == gone)
    seal = log.seal_of(row)
    ends = {seal.first: seal.first_id, seal.last: seal.last_id}
    return replace(log.fault("row-missing", row), row=ends.get(log.keys[row], ""))


def swap_two_months(log: Log, draw: random.Random) -> Fault:
    """Two partitions exchange their rows, each moved into the other's time."""
    log.run("SELECT place, id::text, date_trunc('month', at) FROM trust_audit ORDER BY place, id")
    rows = log.cursor.fetchall()
    months = draw.sample(sorted({each[2] for each in rows}), 2)
    log.run(
        "UPDATE trust_audit SET at = CASE date_trunc('month', at) WHEN %s::timestamptz THEN at + (%s::timestamptz - %s)"
        " ELSE at + (%s::timestamptz - %s) END WHERE date_trunc('month', at) IN (%s, %s)",
        *(months[0], months[1], months[0], months[0], months[1], *months),
    )
    return log.fault("row-altered", next(i for i, each in enumerate(rows) if each[2] in months))


def seal_again_with_another_key(log: Log, draw: random.Random) -> Fault:
    """A row is changed and all seals from there on made again, correct in everything but the key."""
    row, mine = some_row(log, draw), Ed25519PrivateKey.generate()
    log.change(row, "event = 'signed-out'")
    log.cursor.connection.commit()
    claimed = draw.choice([log.seals[0].key, proof.key_id(mine.public_key())])
    with reading(using="bulk") as read:
        lines = list(all_rows(read))
    number, before = log.seal_of(row).number, None
    for seal in log.seals:
        if seal.number >= number:
            start = log.first_of(seal)
            leaves = [proof.leaf(each) for each in lines[start : start + seal.count]]
            previous = before.hash if before else proof.NOTHING
            seal = replace(seal, root=proof.root(leaves).hex(), previous=previous, key=claimed)
            seal = replace(seal, signature=mine.sign(seal.statement).hex())
            log.run(
                "UPDATE trust_seal SET root = %s, previous = %s, key = %s, signature = %s, leaves = %s WHERE number = %s",
                *(bytes.fromhex(each) for each in (seal.root, seal.previous)),
                seal.key,
                bytes.fromhex(seal.signature),
                b"".join(leaves),
                seal.number,
            )
        before = seal
    return Fault("seal-altered" if claimed == log.seals[0].key else "key-unknown", number)


SPOILED = (
    ("count", "count + 1"),
    ("sealed_at", "sealed_at + interval '1 second'"),
    ("first_at", "first_at - interval '1 second'"),
    ("last_at", "last_at + interval '1 second'"),
    ("root", "sha256(root)"),
    ("previous", "sha256(previous)"),
    ("last_id", "'ffffffff-ffff-7fff-8fff-ffffffffffff'"),
    ("first_place", "first_place - 1"),
    ("form", "form + 1"),
    ("signature", "sha512(signature)"),
)


def edit_a_seal(log: Log, draw: random.Random) -> Fault:
    seal, (column, value) = draw.choice(log.seals), draw.choice(SPOILED)
    log.run(f"UPDATE trust_seal SET {column} = {value} WHERE number = %s", seal.number)
    return Fault("chain-broken" if column == "previous" else "seal-altered", seal.number)


def edit_a_row_and_its_hash(log: Log, draw: random.Random) -> Fault:
    """The hashes by which a row could be named are forged with it: then the seal is named."""
    row = some_row(log, draw)
    log.change(row, "event = 'signed-out'")
    log.run("UPDATE trust_seal SET leaves = sha256(leaves) || leaves WHERE number = %s", log.seal_of(row).number)
    return Fault("rows-differ", log.seal_of(row).number)


def edit_the_custodians_file(log: Log, draw: random.Random) -> Fault:
    lines = log.custodian.read_text().splitlines()
    at = draw.randrange(len(lines))
    said = json.loads(lines[at]) | {"root": "00" * 32}
    lines[at] = json.dumps(said)
    log.custodian.write_text("\n".join(lines) + "\n")
    return Fault("custodian-altered", at + 1)


def go_back_in_the_custodians_file(log: Log, draw: random.Random) -> Fault:
    lines = log.custodian.read_text().splitlines()
    again = draw.randrange(len(lines) - 1)
    log.custodian.write_text("\n".join([*lines, lines[again]]) + "\n")
    return Fault("custodian-forked", again + 1)


def remove_a_custodians_line(log: Log, draw: random.Random) -> Fault:
    lines = log.custodian.read_text().splitlines()
    gone = draw.randrange(1, len(lines) - 1)
    log.custodian.write_text("\n".join(lines[:gone] + lines[gone + 1 :]) + "\n")
    return Fault("custodian-lacks", gone + 1)


KINDS = (
    *(edit, edit_details, null, rewrite_the_clock, move_to_another_month, delete, insert, repeat_an_id, swap, reorder),
    *(cut_the_tail, restore_an_old_backup, fork, remove_a_batch, empty_a_batch, take_a_month_away, swap_two_months),
    *(seal_again_with_another_key, edit_a_seal, edit_a_row_and_its_hash),
    *(edit_the_custodians_file, go_back_in_the_custodians_file, remove_a_custodians_line),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_forgery_is_found_and_the_first_bad_record_named(forge, kind):
    draw = random.Random(kind.__name__)
    for _ in range(TIMES):
        expected, found = forge(kind, draw)
        if expected.kind == "unsealed":  # a row behind all seals is no forgery of what was sealed
            assert (found.wrong, found.unsealed) == (0, 1)
            continue
        assert found.wrong > 0
        named = [each for each in found.faults if each.kind != "custodian-lacks" or kind is remove_a_custodians_line]
        assert named[0] == expected, found.faults[:3]


def test_a_log_that_nobody_touched_passes_whatever_the_size_of_the_pieces_it_is_read_in(log, monkeypatch):
    from amparo.trust.log import log_rows

    for size in (1, 7, 1_000):
        monkeypatch.setattr(log_rows, "ROWS_AT_ONCE", size)
        monkeypatch.setattr(log_rows, "SEALS_AT_ONCE", size)
        found = verified(by=BY)
        assert (found.wrong, found.faults, found.rows) == (0, [], len(log.keys))
        assert found.seals == found.custodian_seals == len(log.seals)


def test_a_forged_row_between_two_pieces_is_found_as_well(forge, monkeypatch):
    from amparo.trust.log import log_rows

    for size in (1, 2, 3):
        monkeypatch.setattr(log_rows, "ROWS_AT_ONCE", size)
        expected, found = forge(repeat_an_id, random.Random(size))
        assert found.faults[0] == expected


def test_a_custodians_file_that_begins_later_says_nothing_of_what_was_before(log, forge):
    lines = log.custodian.read_bytes().splitlines(keepends=True)
    log.custodian.write_bytes(b"".join(lines[4:]))
    assert verified(by=BY).wrong == 0


def test_without_the_custodians_file_or_the_public_key_nothing_passes(log, tmp_path, forge):
    from amparo.kernel.errors import Refused

    with pytest.raises(Refused, match="trust-custodian-missing"):
        verified(by=BY, copies=tmp_path / "nowhere")
    (tmp_path / "empty.pub").write_text("")
    found = verified(by=BY, keys=tmp_path / "empty.pub")
    assert {"key-unknown"} <= {each.kind for each in found.faults}


def test_a_row_that_waits_too_long_for_its_seal_is_a_fault(log, forge):
    log.run(
        "INSERT INTO trust_audit (id, at, event, by_kind, written_at)"
        " VALUES (gen_random_uuid(), now(), 'denied', 'officer', now() - interval '97 hours')"
    )
    log.cursor.connection.commit()
    assert [each.kind for each in verified(by=BY).faults] == ["row-unsealed"]


def test_the_verifier_runs_alone_on_what_was_exported(log, forge, tmp_path):
    """Its one file, in a Python that is told of nothing but it, in another folder."""
    auditing.export(tmp_path / "out", by=BY)
    program = tmp_path / "proof.py"
    program.write_text(Path(proof.__file__).read_text())

    def run() -> tuple[int, dict]:
        files = [tmp_path / "out" / each for each in ("rows.tsv", "seals.jsonl", "audit.pub")]
        line = [sys.executable, "-P", program, *files, log.custodian]
        done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, check=False)
        return done.returncode, json.loads(done.stdout)

    status, found = run()
    assert (status, found["wrong"], found["rows"], found["seals"]) == (0, 0, len(log.keys), len(log.seals))
    lines = (tmp_path / "out" / "rows.tsv").read_bytes().splitlines(keepends=True)
    lines[40] = lines[40].replace(b"officer", b"nobody!")
    (tmp_path / "out" / "rows.tsv").write_bytes(b"".join(lines))
    status, found = run()
    assert status == 1
    expected = log.fault("row-altered", 40)
    assert found["faults"] == [
        {"kind": expected.kind, "seal": expected.seal, "row": expected.row, "position": expected.position}
    ]


def test_the_verifier_knows_nothing_of_amparo():
    source = Path(proof.__file__).read_text()
    assert "amparo." not in source.split('"""', 2)[2]
    assert "django" not in source
