"""Values of contact that come by file: sealed before the database has them, read back as delivered, and once each (E1)."""

import csv
import random
import tomllib
import unicodedata
from hashlib import md5

import pytest
from django.db import connections

from amparo.intake import actions, work
from amparo.intake.types import Phase
from amparo.project.sealed import SEALED
from amparo.trust.keys import rotation
from tests.lib import contacts
from tests.lib.canaries import holds
from tests.lib.contacts import known
from tests.unit.intake.census import BY, HOUSEHOLDS, MAPPING, PERSONS, delivered, files, rows

pytestmark = pytest.mark.usefixtures("fresh_database")
CANARY = "+999 64830195727184950361"
# As the census, with how a home and a person are reached, and who lets a plot.
REACHED = (
    MAPPING.replace('income = "income"\n', 'income = "income"\nphone = "tel"\naddress = "lives"\n', 1).replace(
        'sex = "sex"\n', 'sex = "sex"\nphone = "tel"\n'
    )
    + """
[[table]]
name = "plots"
file = "plots*"
optional = true
[[table.items]]
kind = "plot"
of = "household"
parent = "hh"
key = ["hh", "plot"]
[table.items.fields]
hectares = "ha"
let_by = "owner"
"""
)
HOMES = """
    hh | area | rooms | income | tel    | lives
    1  | n1   | 3     | 100.5  | +999 1 | Mill lane 4
    2  | s1   |       | 90     | +999 2 |
"""
PEOPLE = """
    hh | line | name   | sex    | born       | nid | tel
    1  | 1    | Amina  | female | 1980-02-03 | 11  | +999 3
    1  | 2    | Bela   | male   | 2010-05-06 |     |
    2  | 1    | Karim  | male   | 1950-01-01 | 12  | +999 1
"""
PLOTS = """
    hh | plot | ha  | owner
    1  | a    | 2.5 | +999 5
"""
# The same people and one more: the same files again would not even be read.
MORE = PEOPLE + "    2  | 2    | Extra  | male   | 2001-01-01 |     |\n"
KEPT = "SELECT count(*), count(DISTINCT (subject_id, field)) FROM registry_contact"


@pytest.fixture(autouse=True)
def installed(fresh_database):
    contacts.install()


def came(folder, households: str = HOMES, persons: str = PEOPLE, **more: str):
    return delivered(folder, mapping=REACHED, households=households, persons=persons, **more)


def entity(grain: str, key: str):
    [(id,)] = rows(
        "SELECT l.entity_id FROM registry_subject s JOIN registry_subjectlink l ON l.subject_id = s.id"
        f" WHERE s.grain = '{grain}' AND s.source_key = '{key}'"
    )
    return id


def test_what_is_delivered_is_read_back_of_homes_people_and_things(tmp_path):
    came(tmp_path / "a", plots=PLOTS)
    assert known(entity("household", "1")) == {
        "rooms": 3,
        "income": 10_050,
        "phone": "+999 1",
        "address": "Mill lane 4",
    }
    assert known(entity("household", "2")) == {"income": 9_000, "phone": "+999 2"}
    assert known(entity("person", "1/1"), "person")["phone"] == "+999 3"
    assert "phone" not in known(entity("person", "1/2"), "person")
    assert known(entity("person", "2/1"), "person")["phone"] == "+999 1"
    assert known(entity("item:plot", "1/a"), "item:plot") == {"hectares": 2.5, "let_by": "+999 5"}
    assert rows(KEPT) == [(6, 6)]
    assert rows("SELECT count(*) FROM registry_fact_household WHERE phone ~ '^[0-9a-f]{32}$'") == [(2,)]


def test_the_same_again_adds_nothing_and_what_changed_one_row(tmp_path):
    came(tmp_path / "a")
    again = came(tmp_path / "b", persons=MORE)
    assert (again["households"]["unchanged"], again["persons"]["unchanged"]) == (2, 3)
    assert rows(KEPT) == [(5, 5)]
    changed = came(tmp_path / "c", HOMES.replace("+999 2", "+999 7"))
    assert (changed["households"]["unchanged"], changed["households"]["changed"]) == (1, 1)
    assert rows(KEPT) == [(6, 5)]
    assert known(entity("household", "2"))["phone"] == "+999 7"
    came(
        tmp_path / "d", HOMES.replace("| 3  ", "| 4  ")
    )  # says the same phone again, and the first one of the other home
    assert rows(KEPT) == [(6, 5)]
    assert (known(entity("household", "1"))["rooms"], known(entity("household", "1"))["phone"]) == (4, "+999 1")


LETTERS = "abcXYZ019 ÄéñçßøŁ جمالمحمد 漢字かなカナ한글 हिन्दी עברית ελληνικά Ж🏠👩‍👧 '\"\\,;|{}[]%$/:#@&<>=+-()\t"


def drawn_text(draw: random.Random) -> str:
    """A text as a person may write it. What cannot be seen is refused at the door, so none of that."""
    text = "".join(draw.choices([each for each in LETTERS if each not in "\t\u200d"], k=draw.randint(1, 60)))
    return "x" + text.strip()


@pytest.mark.parametrize("seed", [1, 2])
def test_texts_of_any_script_come_back_as_they_were_delivered(tmp_path, seed):
    draw, count = random.Random(seed), 150
    said = {str(n): (drawn_text(draw), drawn_text(draw) if draw.random() < 0.7 else "") for n in range(count)}
    (tmp_path / "a").mkdir()
    with (tmp_path / "a" / "households.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["hh", "area", "rooms", "income", "tel", "lives"])
        writer.writerows([n, "n1", 1, 1, *told] for n, told in said.items())
    with (tmp_path / "a" / "persons.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["hh", "line", "name", "sex", "born", "nid", "tel"])
        writer.writerows([n, 1, f"P{n}", "female", "1980-01-01", "", told[0]] for n, told in said.items())
    paths = {name: tmp_path / "a" / name for name in ("households.csv", "persons.csv")}
    received = actions.receive(paths, tomllib.loads(REACHED), name="census", by=BY, using="bulk")
    assert actions.run(received.batch_id, by=BY)["rows"]["quarantined"] == 0
    for n, (phone, address) in said.items():
        expected = {"phone": phone} | ({"address": address} if address else {})
        plain = {name: unicodedata.normalize("NFC", text) for name, text in expected.items()}
        found = known(entity("household", n))
        assert {name: found[name] for name in plain} == plain
        assert ("address" in found) == bool(address)
        assert known(entity("person", f"{n}/1"), "person")["phone"] == plain["phone"]


def staged() -> bytes:
    """Everything that waits in the staging tables, as a dump would have it."""
    found = []
    for (table,) in rows("SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'staging'::regnamespace"):
        with connections["bulk"].cursor() as cursor, cursor.cursor.copy(f"COPY {table} TO STDOUT") as copy:
            found += [table.encode(), *(bytes(part) for part in copy)]
    return b"".join(found)


def test_what_waits_to_be_recorded_holds_no_value_in_the_clear_and_is_gone_afterwards(tmp_path):
    """What waits is who is known already; whoever is new waits nowhere."""
    waited = []

    def look(phase: str, _: int) -> None:
        if phase == Phase.STAGED.value:
            waited.append(staged())

    for folder, homes in (("a", HOMES), ("b", HOMES.replace("+999 1", CANARY))):
        paths = files(tmp_path / folder, homes, MORE)
        received = actions.receive(paths, tomllib.loads(REACHED), name="census", by=BY, using="bulk")
        actions.run(received.batch_id, by=BY, tell=look)
    first, second = waited
    assert b"Karim" not in first
    assert b"phone" not in first
    assert str(entity("household", "1")).encode() in second
    assert second.count(b"phone") == 1
    assert not holds(second, CANARY)
    assert staged() == b""
    assert known(entity("household", "1"))["phone"] == CANARY


def test_a_value_that_has_no_digest_stops_the_recording(tmp_path, monkeypatch):
    """Neither the value itself nor nothing goes into the observation in its stead."""
    real = work.stage

    def forgetful(db, *rest):
        rows_ = real(db, *rest)
        db.execute("DELETE FROM contact_state WHERE text = '+999 3'")
        return rows_

    monkeypatch.setattr(work, "stage", forgetful)
    with pytest.raises(Exception, match="a value of contact has no digest"):
        came(tmp_path / "a")
    assert rows("SELECT (SELECT count(*) FROM registry_observation), (SELECT count(*) FROM registry_contact)") == [
        (0, 0)
    ]


def test_by_what_a_record_is_known_again_no_number_can_be_tried(tmp_path):
    """Whoever has a dump has the rest of the row in the clear; without a secret they would try numbers until it fits."""
    came(tmp_path / "a")
    [(digest, area)] = rows(
        "SELECT s.last_digest::text, h.area_id FROM registry_subject s JOIN registry_subjectlink l ON l.subject_id = s.id"
        " JOIN registry_household h ON h.id = l.entity_id WHERE s.grain = 'household' AND s.source_key = '2'"
    )
    said = _md5("\x1f".join(["", "9000", "+999 2", ""]))
    tried = _md5(f"{said}|2026-03-01|{area}")
    assert digest != tried
    # The same without a telephone has no secret in it: so it would have been found out.
    delivered(tmp_path / "b", households=HOUSEHOLDS, persons=PERSONS)
    [(bare,)] = rows("SELECT last_digest::text FROM registry_subject WHERE grain = 'household' AND source_key = '2'")
    assert bare == _md5(f"{_md5(chr(31).join(['9000', '']))}|2026-03-01|{area}")


def _md5(text: str) -> str:
    plain = md5(text.encode(), usedforsecurity=False).hexdigest()
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))


def test_a_delivery_after_a_change_of_keys_knows_what_was_said(tmp_path, own_keys):
    came(tmp_path / "a")
    rotation.add_key(by=BY)
    assert rotation.rotate(SEALED, by=BY, rest=0).left == 0
    rotation.retire(1, SEALED, by=BY)
    again = came(tmp_path / "b", persons=MORE)
    assert again["households"]["unchanged"] == 2
    assert rows(KEPT) == [(5, 5)]
    assert known(entity("household", "1"))["phone"] == "+999 1"


def test_homes_that_move_and_people_in_danger_take_theirs_along(tmp_path):
    came(tmp_path / "a")
    came(tmp_path / "b", HOMES.replace("| n1 ", "| s2 "))
    assert rows(
        "SELECT DISTINCT c.area_number = s.area_number FROM registry_contact c JOIN registry_subject s ON s.id = c.subject_id"
    ) == [(True,)]
    assert rows(
        "SELECT count(*) FROM registry_contact c JOIN trust_area a ON a.number = c.area_number WHERE a.code = 's2'"
    ) == [(3,)]
