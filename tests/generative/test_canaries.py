"""Whoever steals a dump, the database's files with its log, or snapshots, finds no identifier and no way to reach anybody (E1)."""

from base64 import b64encode
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from amparo.kernel.exports import Grade
from amparo.project.databases import connect
from amparo.project.sealed import SEALED
from amparo.registry.exports import households
from amparo.snapshot.actions import expire, take
from amparo.trust.keys import encryption, rotation
from amparo.trust.types import system
from tests.lib import contacts, country
from tests.lib.canaries import dumped, holds
from tests.lib.country import DICTIONARY, GROUND
from tests.unit.intake.census import MAPPING, delivered

BY = system("test")
# Figures that no key, hash or number of ours is likely to have in a row.
CANARY = "73519284606172839405"
SET_ASIDE = "64830195727184950361"
# Of contact: what came by file, of a home and of a person; what an officer registered, and how they corrected it.
REACHED = ("+999 51827364509182736451", "Xqualixta lane 4711", "+999 62938475610293847562", "Zwobblegate 90817")
PLAIN = "Kwabenaqualixta"  # a name: it stands in the clear, and shows that the search finds what is there
PERSONS = f"""
    hh | line | name    | sex    | born       | nid         | tel
    1  | 1    | {PLAIN} | female | 1980-02-03 | {CANARY}    | {REACHED[0]}
    2  | 1    | Karim   | mail   | 1950-01-01 | {SET_ASIDE} | {SET_ASIDE}
"""
HOMES = f"""
    hh | area | rooms | income | lives
    1  | n1   | 3     | 100.5  | {REACHED[1]}
    2  | s1   |       | 90     |
"""
DELIVERED = MAPPING.replace('income = "income"', 'income = "income"\naddress = "lives"').replace(
    'sex = "sex"', 'sex = "sex"\nphone = "tel"'
)
SECRETS = (CANARY, SET_ASIDE, *REACHED)


def test_each_way_of_writing_is_recognised():
    for before in (b"", b"x", b"xy", b"xyz"):
        assert holds(b64encode(before + CANARY.encode() + b"zz"), CANARY)
    assert holds(b"\\x" + CANARY.encode().hex().encode(), CANARY)
    assert not holds(b64encode(CANARY[::-1].encode()), CANARY)


@pytest.fixture(scope="module")
def stolen(server, database, tmp_path_factory):
    """A database with somebody in it whose identifier and telephone came in by a delivery, and were sealed anew since; with a
    home that an officer registered and corrected; and a snapshot."""
    before, aside = settings.KEY_FOLDER, tmp_path_factory.mktemp("keys")
    settings.KEY_FOLDER = aside
    (aside / "master.key").write_bytes((Path(before) / "master.key").read_bytes())
    encryption.forget()
    contacts.install()
    came = tmp_path_factory.mktemp("came") / "a"
    receipt = delivered(came, mapping=DELIVERED, households=HOMES, persons=PERSONS)
    assert receipt["rows"]["quarantined"] > 0
    home = country.household("n1", {"given_name": PLAIN}, phone=REACHED[2])
    contacts.told(home, address=REACHED[3], on=date(2026, 3, 2))
    assert contacts.known(home) == {"phone": REACHED[2], "address": REACHED[3]}
    rotation.add_key(by=BY)
    assert rotation.rotate(SEALED, by=BY, rest=0).left == 0
    export = households(DICTIONARY, reads={("household", "rooms"), ("person", "sex")})
    take([export], grade=Grade.DECISION, on=date(2026, 6, 1), by=BY, under=GROUND)
    with connect(server.server, database) as connection:
        connection.execute("CHECKPOINT")
    yield server, database
    expire(on=date.max, by=BY)
    settings.KEY_FOLDER = before
    encryption.forget()


def test_a_dump_holds_no_identifier_and_no_way_to_reach_anybody(stolen):
    content = dumped(*stolen)
    assert holds(content, PLAIN)
    assert [each for each in SECRETS if holds(content, each)] == []


def test_nor_do_the_databases_files_and_its_write_ahead_log(stolen):
    server, _ = stolen
    found, logs = set(), 0
    for file in (each for each in server.data_dir.rglob("*") if each.is_file()):
        content = file.read_bytes()
        logs += file.parent.name == "pg_wal"
        found |= {text for text in (PLAIN, *SECRETS) if holds(content, text)}
    assert logs > 0
    assert found == {PLAIN}


def test_a_snapshots_files_hold_no_identifier_no_name_no_telephone_and_no_word_of_what_rules_read(stolen):
    files = [each for each in Path(settings.SNAPSHOT_FOLDER).rglob("*") if each.is_file()]
    assert files
    for file in files:
        content = file.read_bytes()
        assert not any(holds(content, text) for text in (PLAIN, *SECRETS, "household_id"))


def test_a_key_is_in_no_dump_and_in_no_file_of_the_database(stolen):
    server, database = stolen
    keys = [each.read_bytes() for each in Path(settings.KEY_FOLDER).glob("master*.key")]
    assert len(keys) == 2
    contents = [dumped(server, database)]
    contents += [each.read_bytes() for each in (server.data_dir / "postgres").rglob("*") if each.is_file()]
    for key in keys:
        assert not any(each in content for content in contents for each in (key, key.hex().encode(), b64encode(key)))
