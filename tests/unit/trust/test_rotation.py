"""Keys change while the system works: nothing unreadable, nothing left behind, nothing else touched (E1–E5)."""

import json
from itertools import permutations

import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, connections, transaction

from amparo.kernel.errors import NotFound, Refused
from amparo.project.sealed import SEALED
from amparo.registry.sealed import IDENTIFIER
from amparo.trust.keys import encryption, key_sources, rotation
from amparo.trust.keys.encryption import Suite
from amparo.trust.keys.keyring import keyring, keys, sealing
from amparo.trust.types import system
from tests.lib import sealed_rows
from tests.lib.sealed_rows import identifier, plant

pytestmark = pytest.mark.usefixtures("fresh_database", "own_keys")
BY = system("test")
PEOPLE = 300


@pytest.fixture
def planted(fresh_database, own_keys):
    plant(PEOPLE)
    return {id: (column, text) for column, id, text, _ in sealed_rows.opened()}


def rows(statement, *values, using="bulk"):
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def rotate(**how):
    return rotation.rotate(SEALED, by=BY, **{"rest": 0, "at_once": 64} | how)


def as_national(work):
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL ROLE amparo_national")
        return work()


def as_role(role, statement, *, using):
    with transaction.atomic(using=using):
        rows("SELECT set_config('role', %s, true)", role, using=using)
        rows(statement, using=using)


def audited(event):
    found = rows("SELECT about_id, details::text FROM trust_audit WHERE event = %s ORDER BY at", event)
    return [(about, json.loads(details)) for about, details in found]


def test_everything_is_sealed_anew_with_the_new_key_and_nothing_else_is_changed(planted):
    before = sealed_rows.untouched()
    assert rotation.add_key(by=BY).number == 2
    done = rotate()
    assert (done.key, done.left, done.unreadable, done.is_blinding) == (2, 0, {}, True)
    assert done.sealed["registry_identifier.value"] == PEOPLE
    found = list(sealed_rows.opened())
    assert {id: (column, text) for column, id, text, _ in found} == planted
    assert {key for *_, key in found} == {2}
    assert sealed_rows.untouched() == before


def test_a_rotation_does_nothing_where_nothing_is_left_to_do(planted):
    rotation.add_key(by=BY)
    rotate()
    before = rows("SELECT * FROM registry_identifier ORDER BY id")
    assert rotate().sealed == {}
    assert rows("SELECT * FROM registry_identifier ORDER BY id") == before


def test_people_are_found_before_while_and_after_and_by_the_new_keys_indexes(planted):
    asked = [identifier(n) for n in (0, 7, PEOPLE - 1)]

    def found():
        return as_national(lambda: [sealed_rows.holder_of(each) for each in [*asked, "PZ-no-such"]])

    before, seen = found(), []
    assert None not in before[:3]
    assert before[3] is None
    rotation.add_key(by=BY)
    rotate(tell=lambda column, done, total: seen.append(found()))
    assert len(seen) > PEOPLE / 64
    assert all(each == before for each in [*seen, found()])
    assert keyring(using="bulk").blinding == 2
    numbers = [identifier(n).replace("-", "") for n in range(PEOPLE)]
    indexes = rows("SELECT spare_index FROM registry_identifier WHERE blind_index IS NULL")
    assert {bytes(each) for (each,) in indexes} == set(encryption.blind_indexes("national_id", numbers, key=2))


def test_who_asks_with_the_index_of_a_key_that_is_not_in_force_gets_an_error_and_not_nobody(planted):
    index = encryption.blind_index("national_id", "PZ000000000", key=1)
    rotation.add_key(by=BY)
    rotate()
    with pytest.raises(OperationalError, match="index of another key"):
        as_national(lambda: rows("SELECT amparo_find_identifier('national_id', %s, %s)", [1], [index], using="default"))


def test_of_two_people_one_only_holds_a_number_at_every_moment_of_a_rotation(planted):
    """ID-5 through E4: the index of the key in force is whole and unique until the other is."""
    clashes = []

    def try_twice(column, done, total):
        with pytest.raises(IntegrityError, match="one_live"), transaction.atomic(using="bulk"):
            plant(1, first=done - 1 if done <= PEOPLE else 0)
        clashes.append(done)

    rotation.add_key(by=BY)
    rotate(tell=try_twice)
    assert len(clashes) > PEOPLE / 64
    with pytest.raises(IntegrityError, match="one_live_spare"):
        plant(1)


def test_what_is_registered_during_a_rotation_is_brought_along(planted):
    """A writer that began with the old key goes on with it: its rows are met by the next pass."""
    more = iter(range(PEOPLE, PEOPLE + 4))

    def register(column, done, total):
        if column.startswith("registry") and (number := next(more, None)):
            plant(1, first=number)

    rotation.add_key(by=BY)
    assert rotate(tell=register).left == 0
    assert {key for *_, key in sealed_rows.opened()} == {2}
    assert None not in as_national(lambda: [sealed_rows.holder_of(identifier(n)) for n in range(PEOPLE + 4)])


def test_two_keys_added_in_a_row_end_with_the_second(planted):
    rotation.add_key(by=BY)

    def add_another(column, done, total):
        if len(keys(using="bulk")) == 2:
            rotation.add_key(by=BY, suite=Suite.CHACHA20_POLY1305)

    done = rotate(tell=add_another)
    assert (done.key, done.left, done.is_blinding) == (3, 0, True)
    assert {key for *_, key in sealed_rows.opened()} == {3}
    assert {bytes(value)[0] for (value,) in rows("SELECT value FROM registry_identifier")} == {Suite.CHACHA20_POLY1305}
    assert None not in as_national(lambda: [sealed_rows.holder_of(identifier(n)) for n in range(PEOPLE)])


def spoil(id, value):
    """Change one bit of a value, as the only role that may."""
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        cursor.execute("SET LOCAL ROLE amparo_sealer")
        cursor.execute(
            "UPDATE registry_identifier SET value = %s WHERE id = %s", [bytes([*value[:-1], value[-1] ^ 1]), id]
        )


def test_a_value_that_does_not_open_is_left_counted_and_its_key_stays(planted):
    [(id, value)] = rows("SELECT id, value FROM registry_identifier ORDER BY id LIMIT 1")
    spoil(id, bytes(value))
    [(spoilt,)] = rows("SELECT value FROM registry_identifier WHERE id = %s", id)
    rotation.add_key(by=BY)
    done = rotate()
    assert done.unreadable == {"registry_identifier.value": 1}
    # Its index cannot be made anew, so people go on being found by the old one, all of them.
    assert not done.is_blinding
    assert done.left == 1 + PEOPLE
    assert rows("SELECT value FROM registry_identifier WHERE id = %s", id) == [(spoilt,)]
    assert None not in as_national(lambda: [sealed_rows.holder_of(identifier(n)) for n in range(PEOPLE)])
    with pytest.raises(Refused, match="trust-key-in-use"):
        rotation.retire(1, SEALED, by=BY)
    spoil(id, bytes(spoilt))
    assert rotate().left == 0


def test_a_key_that_is_not_here_stops_a_rotation_and_spoils_nothing(planted, own_keys):
    rotation.add_key(by=BY)
    (own_keys / "master.key").rename(own_keys / "elsewhere")
    encryption.forget()
    with pytest.raises(Refused, match="trust-key-missing"):
        rotate()
    (own_keys / "elsewhere").rename(own_keys / "master.key")
    assert rotate().left == 0


def test_a_key_is_let_go_only_when_no_row_rests_on_it(planted, own_keys):
    with pytest.raises(Refused, match="trust-key-in-use"):
        rotation.retire(1, SEALED, by=BY)
    rotation.add_key(by=BY)
    with pytest.raises(Refused, match="trust-key-in-use"):  # people are found by it
        rotation.retire(1, SEALED, by=BY)
    rotate()
    rotation.retire(1, SEALED, by=BY)
    assert [each.number for each in keys(using="bulk")] == [2]
    assert key_sources.source().numbers() == {2}
    assert {key for *_, key in sealed_rows.opened()} == {2}
    with pytest.raises(NotFound, match="trust-key-unknown"):
        rotation.retire(1, SEALED, by=BY)
    assert [about for about, _ in audited("key-retired")] == ["1"]
    assert rotation.add_key(by=BY).number == 3  # the number of a key is never given twice


def test_the_database_lets_no_key_go_that_a_row_names_whatever_was_counted(planted):
    """Broken on purpose: a column that nobody declared is still held by the foreign key."""
    rotation.add_key(by=BY)
    rotate()
    plant(1, first=PEOPLE)
    everywhere_else = [each for each in SEALED if each is not IDENTIFIER]
    rows("UPDATE trust_keyring SET sealing = 1, blinding = 1", using="owner")
    plant(1, first=PEOPLE + 1)
    rows("UPDATE trust_keyring SET sealing = 2, blinding = 2", using="owner")
    with pytest.raises(Refused, match="trust-key-rested-on"):
        rotation.retire(1, everywhere_else, by=BY)
    with pytest.raises(Refused, match="trust-key-rested-on"):
        rotation.retire(1, SEALED, by=BY)
    assert [each.number for each in keys(using="bulk")] == [1, 2]


def test_the_database_takes_in_nothing_sealed_with_a_key_that_was_let_go(planted, own_keys):
    stale = encryption.encrypt("identity", b"1", b"registry_identifier.value:x", key=sealing(using="bulk"))
    rotation.add_key(by=BY)
    rotate()
    rotation.retire(1, SEALED, by=BY)
    insert = (
        "INSERT INTO registry_identifier (id, person_id, scheme, value, spare_index, verified, is_live, source_id, area_number)"
        " SELECT gen_random_uuid(), person_id, scheme, %s, '\\x00', false, false, source_id, area_number"
        " FROM registry_identifier LIMIT 1"
    )
    with pytest.raises(IntegrityError, match="trust_key"):
        rows(insert, stale)
    with pytest.raises(DataError):  # no header, so no key
        rows(insert, b"1")


def test_an_interrupted_retirement_is_finished_by_the_next_call(planted, own_keys, monkeypatch):
    rotation.add_key(by=BY)
    rotate()
    with monkeypatch.context() as patch:
        patch.setattr(key_sources, "_keep", lambda folder: (_ for _ in ()).throw(KeyboardInterrupt))
        patch.setattr("pathlib.Path.rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            rotation.retire(1, SEALED, by=BY)
    assert key_sources.source().numbers() == {1, 2}
    rotation.retire(1, SEALED, by=BY)
    assert key_sources.source().numbers() == {2}


def test_a_key_whose_making_was_interrupted_is_the_next_one_taken(own_keys):
    key_sources.make_file(own_keys, 2)
    made = (own_keys / "master-2.key").read_bytes()
    assert rotation.add_key(by=BY).number == 2
    assert (own_keys / "master-2.key").read_bytes() == made
    assert rotation.add_key(by=BY).number == 3


def test_a_key_seals_no_more_than_two_to_the_32_times_and_the_count_outlives_a_rollback():
    """E3: the sequence that counts ends there, and a transaction undone gives nothing back."""
    uses = next(each.uses for each in keys(using="bulk"))
    with transaction.atomic(using="bulk"):
        sealing(5, using="bulk")
        transaction.set_rollback(True, using="bulk")
    assert next(each.uses for each in keys(using="bulk")) == uses + 5
    rows("SELECT setval('trust_key_uses_1', 4294967296 - 2)", using="owner")
    assert sealing(2, using="bulk").number == 1
    with pytest.raises(Refused, match="trust-key-used-up"):
        sealing(using="bulk")
    rotation.add_key(by=BY)
    assert sealing(using="bulk").number == 2


def test_swapped_between_rows_or_columns_no_value_opens(planted):
    """E1: every pair of rows, and of columns."""
    values = rows("SELECT id, value FROM registry_identifier ORDER BY id LIMIT 40")
    tried = 0
    for (one, _), (_, other) in permutations(values, 2):
        with pytest.raises(Refused, match="trust-sealed-broken"):
            encryption.decrypt("identity", other, f"registry_identifier.value:{one}".encode())
        tried += 1
    for id, value in values:
        for column in SEALED:
            if column is not IDENTIFIER:
                with pytest.raises(Refused, match="trust-sealed-broken"):
                    encryption.decrypt(column.field_class, value, f"{column}:{id}".encode())
                tried += 1
    assert tried == 40 * 39 + 40 * (len(SEALED) - 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_identifier SET scheme = 'other'",
        "UPDATE registry_identifier SET person_id = gen_random_uuid()",
        "UPDATE registry_identifier SET is_live = false",
        "UPDATE registry_identifier SET area_number = 0",
        "UPDATE registry_identifier SET value_key = 2",
        "DELETE FROM registry_identifier",
        "INSERT INTO registry_identifier (id) VALUES (gen_random_uuid())",
        "SELECT person_id FROM registry_identifier",
        "UPDATE registry_observation SET area_number = 0",
        "SELECT * FROM registry_person",
        "UPDATE programmes_reply SET received_on = now()",
        "UPDATE programmes_review SET confirms = true",
        "UPDATE intake_quarantine SET reasons = '[]'",
        "UPDATE snapshot_snapshot SET retain_until = now()",
        "UPDATE trust_keyring SET sealing = 1",
        "INSERT INTO trust_key VALUES (9, 1, now())",
        "DELETE FROM trust_key",
    ],
)
def test_whoever_seals_anew_can_change_nothing_else(planted, statement):
    with pytest.raises(ProgrammingError):
        as_role("amparo_sealer", statement, using="bulk")


@pytest.mark.parametrize("role", ["amparo_national", "amparo_area"])
@pytest.mark.parametrize("column", [str(each) for each in SEALED] + ["registry_identifier.blind_index"])
def test_nobody_but_the_sealer_changes_what_is_sealed(role, column):
    table, name = column.split(".")
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_role(role, f"UPDATE {table} SET {name} = NULL", using="default")
    # A snapshot's key is wiped when its time is over; a beneficiary is told anew by a later delivery, as the bulk role alone.
    if table not in ("snapshot_snapshot", "programmes_beneficiary"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            rows(f"UPDATE {table} SET {name} = NULL")


def test_each_act_is_on_the_record_with_counts_and_without_keys(planted, own_keys):
    rotation.add_key(by=BY)
    rotate()
    rotation.retire(1, SEALED, by=BY)
    assert audited("key-added") == [("2", {"suite": "AES_256_GCM"})]
    assert audited("rotation-begun") == [("2", {})]
    [(_, told)] = audited("keys-rotated")
    assert told == {"rows": {"registry_identifier.value": PEOPLE}, "unreadable": {}, "left": 0}
    said = str(rows("SELECT trust_audit::text FROM trust_audit"))
    for file in [*own_keys.glob("*.key"), *own_keys.glob("retired/*.key")]:
        assert file.read_bytes().hex() not in said


def test_rows_that_rest_on_a_key_are_counted_by_column(planted):
    rotation.add_key(by=BY)
    plant(3, first=PEOPLE)
    found = {(each.column, each.number): each.rows for each in rotation.resting(SEALED)}
    assert found == {
        ("registry_identifier.value", 1): PEOPLE,
        ("registry_identifier.value", 2): 3,
        ("registry_identifier.blind_index", 1): PEOPLE + 3,
    }


def test_every_column_of_bytes_is_declared_sealed_or_is_the_index_of_one():
    """A package that seals a column of its own and does not say so would be left behind by every rotation."""
    assert undeclared() == set()
    rows("CREATE TABLE registry_planted (secret bytea)", using="owner")
    assert undeclared() == {"registry_planted.secret"}


# Bytes that hide nothing, as what a seal of the audit log or a list of payments is checked by; and digests by which somebody
# erased is known again, of which nothing can be made anew: they stay under their key until their day.
OPEN = {f"trust_seal.{each}" for each in ("previous", "root", "signature", "leaves")}
OPEN |= {"payments_list.signature", "registry_erased_number.digest", "registry_contact.digest"}
# What a partner was last told of somebody, to see whether it is another: under the subscription's own salt.
OPEN |= {"registry_followed.digest"}


def undeclared():
    """Return the columns of bytes that no package declares, and declared ones that do not name their key."""
    declared = {str(each) for each in SEALED}
    indexes = {
        f"{each.table}.{name}" for each in SEALED if each.blind for name in (each.blind.column, each.blind.spare)
    }
    found = rows(
        "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND a.atttypid = 'bytea'::regtype AND a.attnum > 0 AND NOT a.attisdropped"
    )
    named = rows(
        "SELECT t.relname || '.' || regexp_replace(a.attname, '_key$', '') FROM pg_constraint k"
        " JOIN pg_class t ON t.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]"
        " WHERE k.contype = 'f' AND k.confrelid = 'trust_key'::regclass AND a.attgenerated = 's'"
    )
    columns, kept = {name for (name,) in found}, {name for (name,) in named}
    return (columns - declared - indexes - OPEN) | (declared ^ kept)


def test_a_rotation_killed_after_the_turn_leaves_its_old_key_in_use_until_the_old_indexes_are_gone(planted):
    class Killed(BaseException):
        pass

    def kill_while_emptying(column, done, total):
        if keyring(using="bulk").emptying:
            raise Killed

    rotation.add_key(by=BY)
    with pytest.raises(Killed):
        rotate(tell=kill_while_emptying)
    assert (keyring(using="bulk").blinding, keyring(using="bulk").emptying) == (2, 1)
    assert [(each.column, each.number) for each in rotation.resting(SEALED)][-1] == (
        "registry_identifier.blind_index",
        1,
    )
    with pytest.raises(Refused, match="trust-key-in-use"):
        rotation.retire(1, SEALED, by=BY)
    with pytest.raises(IntegrityError, match="trust_keyring"):
        rows("DELETE FROM trust_key WHERE number = 1", using="owner")
    assert rotate().left == 0
    assert keyring(using="bulk").emptying is None
    rotation.retire(1, SEALED, by=BY)
