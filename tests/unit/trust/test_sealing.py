"""Whatever the order in which writers commit, each row comes to stand in exactly one seal, and none is passed over (D1, D2)."""

import random
import threading
import time

import psycopg
import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.kernel.errors import Refused
from amparo.trust.log import custodian, sealing, signing_key
from amparo.trust.log.auditing import verified
from amparo.trust.log.log_rows import all_rows, all_seals, reading
from amparo.trust.log.proof import key_of
from amparo.trust.types import system
from tests.lib import audit_log

BY = system("test")


@pytest.fixture
def kept(tmp_path, fresh_database):
    with audit_log.own_custodian(tmp_path) as path:
        yield path


def rows(statement, *values, using="owner"):
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def sealed_ids() -> list[str]:
    """Return the id of every row that stands in a seal, once for each seal it stands in."""
    with reading(using="bulk") as cursor:
        places = [(each.first, each.last) for each in all_seals(cursor)]
        keys = [key_of(line) for line in all_rows(cursor)]
    return [id for place, id in keys for first, last in places if first <= (place, id) <= last]


def expect_whole(written: list[str]) -> None:
    """Everything written is sealed once, and the log verifies."""
    found = sealed_ids()
    assert sorted(found) == sorted(set(found))
    assert set(written) <= set(found)
    proof = verified(by=BY)
    assert (proof.faults, proof.unsealed, proof.rows) == ([], 0, len(found))


STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "write", "commit", "undo", "seal"]), st.integers(0, 4)), max_size=40
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, database):
    with audit_log.own_custodian(tmp_path_factory.mktemp("kept")):
        yield


@given(STEPS, st.integers(1, 3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_writers_that_commit_in_any_order_lose_no_row(shared, steps, at_most):
    writers, open_rows, written, draw = (
        [audit_log.login() for _ in range(5)],
        [[] for _ in range(5)],
        [],
        random.Random(1),
    )
    for step, which in steps:
        if step == "write":
            open_rows[which] += audit_log.write(writers[which].cursor(), draw)
        elif step == "seal":
            sealing.seal(at_most=at_most)
            assert {each for some in open_rows for each in some} & set(sealed_ids()) == set()
        else:
            writers[which].commit() if step == "commit" else writers[which].rollback()
            written += open_rows[which] if step == "commit" else []
            open_rows[which] = []
    for writer, some in zip(writers, open_rows, strict=True):
        writer.commit()
        writer.close()
        written += some
    sealing.seal(at_most=at_most)
    expect_whole(written)


def test_nothing_is_missed_while_many_write_at_once(kept):
    """Threads with connections of their own write, wait, commit or undo, while the log is sealed again and again."""
    ended, done = [], threading.Event()

    def write(seed: int) -> None:
        draw = random.Random(seed)
        with audit_log.login() as connection:
            while not done.is_set():
                ids = audit_log.write(connection.cursor(), draw, draw.randint(1, 4))
                time.sleep(draw.random() / 50)
                if draw.random() < 0.2:
                    connection.rollback()
                else:
                    connection.commit()
                    ended.extend(ids)

    threads = [threading.Thread(target=write, args=[seed], daemon=True) for seed in range(6)]
    for each in threads:
        each.start()
    made = 0
    for _ in range(25):
        made += sealing.seal(at_most=random.Random(made).randint(40, 90)).seals
        time.sleep(0.02)
    done.set()
    for each in threads:
        each.join(10)
    sealing.seal()
    assert made > 20
    assert len(ended) > 200
    expect_whole(ended)


def test_a_row_waits_for_older_transactions_and_no_longer(kept):
    draw, older = random.Random(1), audit_log.login()
    (early,) = audit_log.write(older.cursor(), draw)
    with audit_log.login() as younger:
        (late,) = audit_log.write(younger.cursor(), draw)
    sealing.seal()
    assert not {early, late} & set(sealed_ids())
    older.commit()
    older.close()
    sealing.seal()
    assert {early, late} <= set(sealed_ids())


def test_a_log_without_news_gets_no_seal(kept):
    first = sealing.seal()
    assert (first.seals, first.rows) == (1, len(sealed_ids()))
    assert sealing.seal() == sealing.Sealed()


def test_seals_are_chained_copied_out_and_cut_at_the_size_asked_for(kept):
    sealing.seal(at_most=7)
    with reading(using="bulk") as cursor:
        seals = list(all_seals(cursor))
    assert [each.number for each in seals] == list(range(1, len(seals) + 1))
    assert {each.count for each in seals[:-1]} == {7}
    assert [each.previous for each in seals[1:]] == [each.hash for each in seals[:-1]]
    assert list(custodian.seals_in(kept)) == seals


def test_what_the_custodian_lacks_is_brought_up_before_anything_new_is_sealed(kept):
    sealing.seal(at_most=9)
    lines = kept.read_text().splitlines(keepends=True)
    for left in (lines[:2], []):
        kept.write_text("".join(left))
        sealing.seal()
        assert kept.read_text() == "".join(lines)


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (lambda lines: [*lines[:-1], lines[-1].replace('"count":', '"count":1')], "trust-custodian-ahead"),
        (lambda lines: [*lines, lines[-1].replace(f'"number":{len(lines)}', f'"number":{len(lines) + 1}')], "ahead"),
        (lambda lines: [*lines[:-1], lines[-1][:-20]], "trust-custodian-damaged"),
        (lambda lines: [*lines, "nothing\n"], "trust-custodian-damaged"),
    ],
)
def test_sealing_stops_where_the_custodian_knows_otherwise(kept, spoil, refusal):
    """So that a restored old state is looked at by somebody before the log goes on from it."""
    sealing.seal(at_most=9)
    kept.write_text("".join(spoil(kept.read_text().splitlines(keepends=True))))
    before = kept.read_text()
    with audit_log.login() as connection:
        audit_log.write(connection.cursor(), random.Random(1))
    with pytest.raises(Refused, match=refusal):
        sealing.seal()
    assert kept.read_text() == before


def test_a_custodian_that_cannot_be_written_stops_sealing(kept):
    kept.mkdir()
    with pytest.raises(Refused, match="trust-custodian-unwritable"):
        sealing.seal()
    assert sealed_ids() == []


@pytest.mark.parametrize("spoil", [lambda file: file.unlink(), lambda file: file.write_bytes(b"no key")])
def test_a_lost_key_stops_sealing_until_somebody_makes_a_new_one(kept, spoil):
    sealing.seal()
    spoil(kept.parent / signing_key.PRIVATE)
    with audit_log.login() as connection:
        written = audit_log.write(connection.cursor(), random.Random(1))
    with pytest.raises(Refused, match="trust-audit-key-missing"):
        sealing.seal()
    new = sealing.renew_key(by=BY)
    sealing.seal()
    expect_whole([*written])
    assert rows("SELECT DISTINCT key = %s FROM trust_seal ORDER BY 1", new) == [(False,), (True,)]
    assert (kept.parent / signing_key.PRIVATE).stat().st_mode & 0o777 == 0o600


def test_no_login_but_the_owners_says_where_a_row_stands_or_when_it_was_written(kept):
    for alias in ("default", "bulk"):
        for column, value in (("place", "1"), ("written_at", "now()")):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), audit_log.login(alias) as connection:
                connection.execute(
                    f"INSERT INTO trust_audit (id, at, event, by_kind, {column})"
                    f" VALUES (gen_random_uuid(), now(), 'denied', 'officer', {value})"
                )


@pytest.mark.parametrize(
    "statement", ["UPDATE trust_seal SET count = 0", "DELETE FROM trust_seal", "TRUNCATE trust_seal"]
)
@pytest.mark.parametrize("alias", ["default", "bulk", "owner"])
def test_no_login_changes_a_seal(kept, statement, alias):
    sealing.seal()
    with pytest.raises(psycopg.errors.InsufficientPrivilege), audit_log.login(alias) as connection:
        connection.execute(statement)


def test_a_dump_restored_on_another_server_is_refused_until_it_is_numbered_on(kept):
    """There transactions count from the beginning again, and rows would take places that are sealed."""
    from amparo.project.migrating import has_pending, migrate

    sealing.seal()
    rows(
        "CREATE OR REPLACE FUNCTION amparo_audit_place(transaction xid8) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE"
        " AS $$ SELECT transaction::text::bigint - 1000000 $$"
    )
    assert rows("SELECT amparo_audit_waits_since() = '-infinity'") == [(True,)]
    with pytest.raises(Refused, match="trust-audit-behind"):
        sealing.seal()
    assert has_pending()
    migrate()
    assert not has_pending()
    with audit_log.login() as connection:
        written = audit_log.write(connection.cursor(), random.Random(1), 3)
    sealing.seal()
    expect_whole(written)


def test_the_job_seals_in_the_queue_that_the_sealer_reads(kept):
    """So that no long job of the worker's stands before it."""
    from amparo.project.serving import SEALER
    from amparo.trust import tasks

    assert tasks.seal_audit_log.queue == SEALER[SEALER.index("--queues") + 1]
    tasks.seal_audit_log(0)
    assert sealed_ids() != []


def test_an_installation_that_nobody_served_since_is_sealed_when_it_is_opened(kept, monkeypatch):
    """A command after a weekend finds the log sealed; where that is refused, personal data stays closed."""
    from django.conf import settings as configured

    from amparo.kernel.errors import NotServed
    from amparo.project.wiring import seal_if_waiting
    from amparo.trust.log.serving import expect_sealed

    monkeypatch.setattr(configured, "AUDIT_HOURS", 4)
    seal_if_waiting()
    assert sealed_ids() == []  # young rows wait for the sealer
    rows(
        "INSERT INTO trust_audit (place, id, at, written_at, event, by_kind)"
        " VALUES (0, gen_random_uuid(), now(), now() - interval '60 hours', 'denied', 'officer')"
    )
    kept.mkdir()
    seal_if_waiting()
    with pytest.raises(NotServed):
        expect_sealed()
    kept.rmdir()
    seal_if_waiting()
    expect_sealed()
    assert sealed_ids() != []
